"""What somebody has changed on a host, and what the inventory asks for."""

from __future__ import annotations

from dataclasses import replace

from cutover.plan.diff import diff, own_files
from cutover.plan.drift import BY_HAND, INVENTORY, Drift, drift
from cutover.plan.observed import FileState, ObservedHost, UnitState
from tests.unit.plan.example import CERT, DESIRED, ENV, STATE, UNIT, applied

HOST = "omnileads_aio"


def recorded(found: ObservedHost) -> ObservedHost:
    """The host with the record that Cutover leaves there."""
    return replace(found, record=replace(found.record, files=own_files(STATE, found)))


def drifted(found: ObservedHost) -> list[Drift]:
    return list(drift(diff(DESIRED, {HOST: found}), DESIRED, {HOST: found}))


def with_file(found: ObservedHost, path: str, digest: str) -> ObservedHost:
    return replace(found, files={**found.files, path: FileState(digest, 0o600, "root", "root")})


def test_a_host_that_was_left_as_its_inventory_says_has_not_drifted() -> None:
    assert drifted(recorded(applied())) == []


def test_a_file_that_is_another_one_than_was_written_was_changed_by_hand() -> None:
    found = with_file(recorded(applied()), ENV.path, "another")
    assert drifted(found) == [Drift(HOST, "host", BY_HAND, f"{ENV.path}: changed")]


def test_a_unit_file_that_is_gone_was_removed_by_hand() -> None:
    found = recorded(applied())
    found = replace(found, files={path: state for path, state in found.files.items() if path != UNIT.path})
    assert Drift(HOST, "host", BY_HAND, f"{UNIT.path}: removed") in drifted(found)


def test_a_component_that_was_stopped_was_stopped_by_hand() -> None:
    found = recorded(applied())
    found = replace(found, units={**found.units, "nginx": UnitState("inactive", enabled=True, started=0)})
    assert drifted(found) == [Drift(HOST, "nginx", BY_HAND, "start: not running (inactive)")]


def test_a_file_as_it_was_written_that_should_be_another_one_by_now_is_the_inventory_s_wish() -> None:
    found = with_file(applied(), ENV.path, "older")
    found = replace(found, record=replace(found.record, files={ENV.path: "older"}))
    assert [(each.kind, each.what) for each in drifted(found)] == [(INVENTORY, f"write {ENV.path}: content differs")]


def test_certificates_that_a_first_run_made_are_nobody_s_drift() -> None:
    assert CERT.path not in own_files(STATE, applied())
