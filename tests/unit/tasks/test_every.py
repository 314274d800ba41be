"""The same step on all hosts, judged together."""

from __future__ import annotations

import asyncio

import pytest

from cutover.errors import CutoverError, Finding, HostUnreachableError, LeaseHeldError
from tasks.every import every, raise_together

SICK = Finding("CUT-501", "kamailio does not become healthy", "kamailio on app")
GONE = Finding("CUT-201", "cannot talk to the host", "voice")


def test_all_hosts_are_awaited_and_all_findings_come_together() -> None:
    begun = []

    async def act(host: str) -> None:
        begun.append(host)
        raise CutoverError(Finding("CUT-222", "could not be configured", host))

    with pytest.raises(CutoverError) as raised:
        asyncio.run(every(["a", "b"], act))
    assert begun == ["a", "b"]
    assert [finding.where for finding in raised.value.findings] == ["a", "b"]


def test_a_host_that_is_gone_is_named_before_what_follows_from_it() -> None:
    with pytest.raises(CutoverError) as raised:
        raise_together([CutoverError(SICK), HostUnreachableError(GONE)])
    assert raised.value.findings == (GONE, SICK)


def test_what_several_steps_meet_is_said_once() -> None:
    with pytest.raises(CutoverError) as raised:
        raise_together([HostUnreachableError(GONE), HostUnreachableError(GONE)])
    assert raised.value.findings == (GONE,)


def test_another_runs_lease_and_a_mistake_of_ours_keep_their_kind() -> None:
    with pytest.raises(LeaseHeldError):
        raise_together([CutoverError(SICK), LeaseHeldError(Finding("CUT-211", "held", "a"))])
    with pytest.raises(ZeroDivisionError):
        raise_together([ZeroDivisionError()])
