from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from cutover.errors import CutoverError, Finding
from tasks.fleet import NOT_BEGUN, Outcome, in_waves
from tasks.waves import as_markdown, waves

TENANTS = [f"t{number:02}" for number in range(1, 21)]


@pytest.mark.parametrize(("count", "sizes"), [(20, [1, 5, 14]), (6, [1, 5]), (4, [1, 3]), (1, [1]), (0, [])], ids=str)
def test_the_first_wave_is_one_the_second_a_few_the_third_the_rest(count: int, sizes: list[int]) -> None:
    found = waves(TENANTS[:count], 1, 5)
    assert [len(wave) for wave in found] == sizes
    assert [tenant for wave in found for tenant in wave] == TENANTS[:count]


def upgraded(poisoned: Sequence[str] = (), declined: int = 0, stop_after: int = 1) -> tuple[dict[str, str], list[str]]:
    begun: list[str] = []

    async def operate(tenant: str) -> Outcome:
        begun.append(tenant)
        well = tenant not in poisoned
        return Outcome(tenant, "Completed" if well else "RolledBack", well=well)

    async def before(wave: Sequence[str], number: int, of: int, so_far: Sequence[Outcome]) -> None:
        assert len(so_far) == len(begun)
        if number == declined:
            raise CutoverError(Finding("CUT-762", "the change was not approved", "", "ada decided against it"))

    found = asyncio.run(in_waves(waves(TENANTS, 1, 5), operate, at_once=5, stop_after=stop_after, before=before))
    return {outcome.tenant: outcome.result for outcome in found}, begun


def test_a_poisoned_tenant_of_a_wave_keeps_the_waves_after_it_from_being_begun() -> None:
    found, begun = upgraded(poisoned=["t03"])
    assert list(found) == TENANTS
    assert found["t03"] == "RolledBack"
    assert {found[tenant] for tenant in TENANTS[6:]} == {NOT_BEGUN}
    assert set(begun) <= set(TENANTS[:6])


def test_a_higher_limit_lets_the_waves_go_on_and_counts_over_all_of_them() -> None:
    found, _ = upgraded(poisoned=["t01", "t03"], stop_after=3)
    assert NOT_BEGUN not in found.values()
    found, _ = upgraded(poisoned=["t01", "t03"], stop_after=2)
    assert found["t20"] == NOT_BEGUN


def test_without_a_yes_neither_the_wave_nor_those_after_it_begin() -> None:
    found, begun = upgraded(declined=2)
    assert begun == ["t01"]
    assert {found[tenant] for tenant in TENANTS[1:]} == {NOT_BEGUN}


def test_before_a_wave_a_person_reads_who_is_in_it_and_how_the_others_fared() -> None:
    text = as_markdown(["t02", "t03"], 2, 3, [Outcome("t01", "RolledBack", message="nginx did not answer")])
    for part in ("Wave 2 of 3: 2 tenants", "t02, t03", "| t01 | RolledBack | nginx did not answer |"):
        assert part in text
