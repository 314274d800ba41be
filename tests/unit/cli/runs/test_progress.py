from __future__ import annotations

import pytest

from cutover.cli.runs.progress import Step, changes, matrix, parse

HOSTS = ("data_1", "app_1")


def step(what: str, host: str, kind: str = "COMPLETED") -> Step:
    return Step(what, host, kind, kind.title(), 1.0)


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        ("nginx on app_1", ("nginx", "app_1")),
        ("observe app_1", ("observe", "app_1")),
        ("wait for postgresql on data_1", ("wait for postgresql", "data_1")),
        ("resolve images", ("resolve images", "")),
        ("preflight", ("preflight", "")),
        ("nginx on host_of_another_inventory", ("nginx", "host_of_another_inventory")),
    ],
)
def test_a_task_runs_name_says_what_is_done_where(name: str, parsed: tuple[str, str]) -> None:
    assert parse(name, HOSTS) == parsed


def test_rows_keep_the_order_of_the_steps_and_columns_that_of_the_inventory() -> None:
    shown = matrix([step("observe", "app_1"), step("observe", "data_1"), step("nginx", "app_1")], HOSTS)
    assert (shown.hosts, shown.rows) == (HOSTS, ("observe", "nginx"))
    assert ("nginx", "data_1") not in shown.cells


def test_steps_of_the_whole_tenant_get_a_column_of_their_own() -> None:
    assert matrix([step("resolve images", "")], HOSTS).hosts == (*HOSTS, "")


def test_the_last_attempt_of_a_step_is_the_one_shown() -> None:
    shown = matrix([step("nginx", "app_1", "FAILED"), step("nginx", "app_1", "RUNNING")], HOSTS)
    assert shown.cells["nginx", "app_1"].kind == "RUNNING"


def test_only_what_began_or_ended_is_a_change() -> None:
    before = [step("a", "app_1"), step("b", "app_1", "RUNNING")]
    now = [step("a", "app_1"), step("b", "app_1", "FAILED"), step("c", "app_1", "PENDING"), step("d", "", "RUNNING")]
    assert [(str(each), each.kind) for each in changes(before, now)] == [("b on app_1", "FAILED"), ("d", "RUNNING")]
