"""
An upgrade is broken at each of its steps: the old release serves or the new one, wholly, and upgrading again finishes.

The steps are those that an undisturbed upgrade has made, so a new one is broken as soon as there is one. Several
tenants are upgraded at the same time. Each goes from one fault to the next: the upgrade that comes after a fault is
broken at a later step, and the last one finishes.
"""

from __future__ import annotations

import difflib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from cutover.hosts import deadman
from tests.lab.conftest import MakeHosts
from tests.lab.controller import LEASE, Controller, Result
from tests.lab.errors import LabError
from tests.lab.flows import standing
from tests.lab.flows.destination import into_the_lab_s_store
from tests.lab.flows.installed import answering, installed
from tests.lab.flows.seen import FREE, state
from tests.lab.flows.steps import Step, Watched, noted
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant
from tests.lab.waiting import wait_for

pytestmark = pytest.mark.lab

NEW = "omnileads_version: 1.27.0"
ARMED = "/var/lib/cutover/deadman"
BY_ITSELF = LEASE + deadman.GRACE + 120


HOSTS = 6
"""Tenants that are upgraded at the same time: most of it is waiting for leases and for hosts to boot."""


@dataclass(frozen=True, slots=True)
class Uphill:
    """A tenant on one host that is to be upgraded."""

    controller: Controller
    tenant: LabTenant
    host: Host

    def run(self, verb: str, *arguments: str) -> Result:
        """Run a command on the tenant."""
        return self.controller.run(verb, self.tenant.name, *arguments, "--json")

    def settled(self) -> bool:
        """Is nothing left that has still to go by itself, and does the site answer?"""
        found = self.host.run(f"test ! -e {ARMED} && {{ {FREE}; }}", check=False)
        return found.returncode == 0 and answering(self.host)


def kill(it: Uphill, held: Watched) -> None:
    """The process of the run dies at once."""
    os.kill(held.process, signal.SIGKILL)
    held.release()


def cut_power(it: Uphill, held: Watched) -> None:
    """The host loses its power, and has it again."""
    it.host.kill()
    held.release()
    it.host.start()


def cut_network(it: Uphill, held: Watched) -> None:
    """Nobody reaches the host until the lease there has run out and the host is back where it was."""
    it.host.cut()
    held.release()
    time.sleep(LEASE + 1)
    outside = it.host.disk.top / "root" / ARMED[1:]
    wait_for("the way back of a host without a network", lambda: not outside.exists(), BY_ITSELF)
    it.host.heal()


Fault = Callable[[Uphill, Watched], None]
FAULTS: Sequence[Fault] = (kill, cut_power, cut_network)


@dataclass(frozen=True, slots=True)
class Case:
    """A step at whose beginning something fails."""

    step: Step
    fault: Fault

    def __str__(self) -> str:
        return f"{self.fault.__name__} at {self.step}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What serves after a fault, in all its parts, and what the run and a look at the tenant said."""

    case: Case
    stands: str
    new: bool
    run: str
    status: str

    def __str__(self) -> str:
        return f"{self.case}: {'new' if self.new else 'old'}; {self.run}; {self.status}"


def broken(it: Uphill, case: Case, old: str) -> Outcome:
    """Break an upgrade and return what came of it; raises AssertionError when that is not one release, wholly."""
    held = Watched(it.controller, it.tenant.name, case.step)
    reached = held.until_held()
    if reached:
        case.fault(it, held)
    ended = held.running.ended()
    assert reached, f"the upgrade did not come to the step: {ended.stdout}{ended.stderr}"
    wait_for(f"{case}: the end of what goes by itself", it.settled, BY_ITSELF)
    stands, status = standing.release(it.host), it.run("status")
    outcome = Outcome(case, stands, stands != old, said(ended), said(status))
    assert standing.left(it.host) == "", outcome
    assert status.status == 0, outcome
    assert outcome.new == ("differs from the inventory" not in outcome.status), f"{outcome}{differences(old, stands)}"
    return outcome


def said(result: Result) -> str:
    """How a run ended, in its own words."""
    return f"{result.json['state']['name']}: {result.json['state']['message']}"


def differences(expected: str, found: str) -> str:
    """The lines that differ, for the reader of a failure."""
    return "\n".join(difflib.unified_diff(expected.splitlines(), found.splitlines(), lineterm="", n=0))


def broken_again_and_again(it: Uphill, cases: Sequence[Case]) -> list[str]:
    """Break the upgrade at one step after the other, then let it finish; return what was wrong."""
    old = standing.release(it.host)
    outcomes: list[Outcome] = []
    try:
        for case in cases:
            began = time.monotonic()
            outcomes.append(broken(it, case, old))
            print(f"{it.tenant.name}: {outcomes[-1]} ({time.monotonic() - began:.0f} s)", flush=True)
            if outcomes[-1].new:
                assert state(it.run("rollback", "--yes")) == "Completed"
        case = Case(Step("none", 1), kill)
        assert state(it.run("upgrade", "--yes")) == "Completed"
        new = standing.release(it.host)
        assert standing.left(it.host) == ""
        for outcome in outcomes:
            assert outcome.stands in (old, new), f"{outcome}{differences(new, outcome.stands)}"
        print(it.tenant.name, standing.beside(it.host))
    except (AssertionError, LabError) as error:
        print(f"{it.tenant.name}: {case}: WRONG: {error}", flush=True)
        return [f"{it.tenant.name}: {case}: {error}"]
    return []


def tenant(lab: Lab, controller: Controller, hosts: MakeHosts, number: int) -> Uphill:
    """Install a tenant and ask for another release."""
    made, (host,) = installed(controller, hosts, f"uphill{number}", "aio", disk="8G")
    into_the_lab_s_store(made, lab)
    made.add(NEW)
    return Uphill(controller, made, host)


def undisturbed(it: Uphill) -> list[Step]:
    """Upgrade a tenant, bring it back, and return the steps of the upgrade."""
    old = standing.release(it.host)
    watched = Watched(it.controller, it.tenant.name)
    assert state(watched.running.ended()) == "Completed"
    assert state(it.run("rollback", "--yes")) == "Completed"
    assert standing.release(it.host) == old
    return watched.steps()


def dealt(steps: Sequence[Step]) -> list[list[Case]]:
    """Each step once, dealt out to the tenants; the fault changes from step to step, for each tenant as well."""
    cases = [Case(step, FAULTS[(place + place // HOSTS) % len(FAULTS)]) for place, step in enumerate(steps)]
    return [cases[number::HOSTS] for number in range(HOSTS)]


@pytest.fixture
def noting(controller: Controller) -> Iterator[None]:
    with noted(controller):
        yield


@pytest.mark.usefixtures("noting")
def test_an_upgrade_that_is_broken_at_any_step_leaves_one_release_whole_and_finishes_when_run_again(
    lab: Lab, controller: Controller, hosts: MakeHosts
) -> None:
    with ThreadPoolExecutor(HOSTS) as pool:
        first = tenant(lab, controller, hosts, 1)
        observed = pool.submit(undisturbed, first)
        tenants = [first, *(tenant(lab, controller, hosts, number) for number in range(2, HOSTS + 1))]
        wrong = pool.map(broken_again_and_again, tenants, dealt(observed.result()))
        assert [line for lines in wrong for line in lines] == []
