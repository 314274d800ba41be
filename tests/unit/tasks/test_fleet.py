from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tasks.fleet import BUSY, NOT_BEGUN, Outcome, each

TENANTS = [f"t{number:02}" for number in range(1, 21)]


class Trial:
    """Stands for the operation: remembers how many went on at once, and answers as it is told."""

    def __init__(self, **results: Sequence[str]) -> None:
        self.results = {tenant: list(states) for tenant, states in results.items()}
        self.begun: list[str] = []
        self.now = self.most = 0

    async def __call__(self, tenant: str) -> Outcome:
        self.begun.append(tenant)
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(3):
            await asyncio.sleep(0)
        self.now -= 1
        left = self.results.get(tenant)
        result = left.pop(0) if left else "Completed"
        return Outcome(tenant, result, well=result == "Completed")


def run(trial: Trial, at_once: int = 5, stop_after: int = 3) -> dict[str, str]:
    found = asyncio.run(each(TENANTS, trial, at_once=at_once, stop_after=stop_after))
    assert [outcome.tenant for outcome in found] == TENANTS
    return {outcome.tenant: outcome.result for outcome in found}


def test_all_have_their_turn_and_never_more_at_once_than_allowed() -> None:
    trial = Trial()
    assert set(run(trial).values()) == {"Completed"}
    assert trial.most == 5
    assert sorted(trial.begun) == TENANTS


def test_after_too_many_failures_no_other_is_begun_and_those_under_way_end() -> None:
    trial = Trial(t01=["Failed"], t03=["Refused"], t04=["Crashed"])
    found = run(trial, at_once=2)
    assert found["t02"] == "Completed"
    assert [found[tenant] for tenant in ("t01", "t03", "t04")] == ["Failed", "Refused", "Crashed"]
    assert {found[tenant] for tenant in TENANTS[5:]} == {NOT_BEGUN}
    assert len(trial.begun) <= 5


def test_fewer_failures_keep_nobody_from_being_begun() -> None:
    found = run(Trial(t01=["Failed"], t02=["Failed"]))
    assert NOT_BEGUN not in found.values()


def test_a_busy_tenant_is_no_failure_and_has_a_second_turn_when_the_others_are_through() -> None:
    trial = Trial(t01=[BUSY], t02=[BUSY, BUSY], t03=[BUSY], t04=[BUSY])
    found = run(trial)
    assert found["t01"] == "Completed"
    assert found["t02"] == BUSY
    assert sorted(trial.begun[20:]) == ["t01", "t02", "t03", "t04"]


def test_a_busy_tenant_has_no_second_turn_when_the_fleet_was_stopped() -> None:
    trial = Trial(t01=[BUSY], t02=["Failed"])
    assert run(trial, at_once=1, stop_after=1)["t01"] == BUSY
    assert trial.begun == ["t01", "t02"]
