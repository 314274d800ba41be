"""
An upgrade is broken at its steps: the old release serves or the new one, wholly, and upgrading again finishes.

The steps are those that an undisturbed upgrade makes, so a new one is broken as soon as there is one. Several tenants
are upgraded at the same time. Each goes from one fault to the next: the upgrade that comes after a fault is broken at
a later step, and the last one finishes. `make faults` breaks each step by every fault, `make faults ONE_OF=4` one step
of four by one fault after the other. It wants a machine for itself, so `make test` leaves it out.
"""

from __future__ import annotations

import difflib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pytest

from cutover.hosts import deadman
from tasks.changeover_undo import LEFT
from tests.lab.conftest import MakeHosts
from tests.lab.controller import LEASE, Controller
from tests.lab.errors import LabError
from tests.lab.flows import standing
from tests.lab.flows.destination import into_the_lab_s_store
from tests.lab.flows.gate import Step
from tests.lab.flows.in_the_ui import StartedRun
from tests.lab.flows.installed import answering, installed
from tests.lab.flows.seen import state
from tests.lab.flows.watched import Watched, noted
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.waiting import wait_for

ONE_OF = int(os.environ.get("CUTOVER_FAULTS", "0"))
"""Of so many steps one is broken; 1: each, by every fault."""

pytestmark = [pytest.mark.lab, pytest.mark.skipif(not ONE_OF, reason="by itself: make faults")]

AT_ONCE = 6
"""Tenants: one shows the steps, the others are broken, most of which is waiting for leases and for hosts to boot."""

NEW = "omnileads_version: 1.27.0"
SWITCH = "/var/lib/cutover/deadman"
BY_ITSELF = LEASE + deadman.GRACE + 240
MOMENT = 5.0
"""Seconds without a network that no run minds."""


@dataclass(frozen=True, slots=True)
class Uphill:
    """A tenant on one host that is to be upgraded."""

    controller: Controller
    name: str
    host: Host

    @property
    def watches(self) -> bool:
        """Does the host watch a run? Seen from outside, so that it need not be reached for that."""
        return (self.host.disk.top / "root" / SWITCH[1:] / "token").exists()

    def settled(self, unfinished: set[str] | None) -> bool:
        """Is nothing left that goes by itself, nor begun but for that (None: anything), and does the site answer?"""
        if not answering(self.host) or standing.left(self.host):
            return False
        return unfinished is None or standing.unfinished(self.host) <= unfinished


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
    wait_for("the way back of a host without a network", lambda: not it.watches, BY_ITSELF)
    it.host.heal()


def cut_network_for_a_moment(it: Uphill, held: Watched) -> None:
    """Nobody reaches the host for a time in which nobody has noticed it yet."""
    it.host.cut()
    held.release()
    time.sleep(MOMENT)
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
    """What came of a fault: how the run ended, what stands on the host, and whether that is the new release."""

    case: Case
    run: tuple[str, str]
    stands: str
    new: bool

    def __str__(self) -> str:
        return f"{self.case}: {'new' if self.new else 'old'} serves; {': '.join(self.run)}"


def broken(it: Uphill, case: Case, old: str) -> Outcome:
    """Break an upgrade; raises AssertionError when what comes of it is not said rightly, or something is left over."""
    kept = standing.kept(it.host)
    before = standing.unfinished(it.host)
    held = Watched(it.controller, it.name, case.step)
    reached = held.until_held()
    watched = it.watches
    if reached:
        case.fault(it, held)
    ended = held.run.ended()
    assert reached, f"the upgrade did not come to {case.step}: {ended}"
    settle(it, ended, before if case.fault is not cut_power else None)
    stands = standing.release(it.host)
    outcome = Outcome(case, ended, stands, stands != old)
    assert outcome.new or standing.kept(it.host) == kept, f"{outcome}; a rollback would undo what never was"
    said, message = ended
    if case.fault is kill:
        assert said == "Crashed", outcome
    elif watched and not outcome.new:
        assert LEFT in message or said == "RolledBack", outcome
    elif not watched:
        # a run that loses a host while it arms it cannot know whether the host goes back by itself
        unknown = case.step.name.startswith("arm ") and LEFT in message
        assert unknown or said in ("Refused", "RolledBack") or outcome.new, outcome
    if ONE_OF == 1:
        looked_at(it, outcome)
    return outcome


def settle(it: Uphill, ended: tuple[str, str], unfinished: set[str] | None) -> None:
    """
    Wait until nothing goes by itself any more; raises AssertionError with what is left over if it does not go.

    What had been begun before may still be so; None: power was lost, and what was begun just then is for the next run.
    """
    try:
        wait_for("the end of what goes by itself", partial(it.settled, unfinished), BY_ITSELF)
    except LabError as error:
        over = f"{standing.left(it.host)}{sorted(standing.unfinished(it.host))}"
        raise AssertionError(f"{ended}; left over: {over}") from error


def looked_at(it: Uphill, outcome: Outcome) -> None:
    """Assert that the product's own look finds everything healthy, and the release of the inventory or not."""
    said = message = ""

    def healthy() -> bool:
        nonlocal said, message
        said, message = StartedRun("status", it.name).ended()
        return said == "Healthy"

    wait_for(f"{outcome}: the health of all components", healthy, BY_ITSELF)
    assert outcome.new == ("differs from the inventory" not in message), f"{outcome}; {message}"


def broken_again_and_again(it: Uphill, cases: Sequence[Case], last: Step) -> list[str]:
    """
    Break the upgrade at one step after the other, then let it finish; return what was wrong.

    At the `last` step the network is away for a moment, which is no reason not to finish.
    """
    old = standing.release(it.host)
    outcomes: list[Outcome] = []
    case = Case(last, cut_network_for_a_moment)
    try:
        for case in cases:
            began = time.monotonic()
            outcomes.append(broken(it, case, old))
            print(f"{it.name}: {outcomes[-1]} ({time.monotonic() - began:.0f} s)", flush=True)
            if case is cases[-1]:
                looked_at(it, outcomes[-1])
            if outcomes[-1].new:
                assert StartedRun("rollback", it.name, approved=True).ended()[0] == "Completed"
                assert standing.release(it.host) == old
                forget_images(it.host)
        case = Case(last, cut_network_for_a_moment)
        finish(it, case, old, outcomes)
    except (AssertionError, LabError) as error:
        print(f"{it.name}: {case}: WRONG: {error}", flush=True)
        return [f"{it.name}: {case}: {error}"]
    return []


def forget_images(host: Host) -> None:
    """Remove what nothing runs with, so that the next upgrade has to fetch it again, which is a step."""
    host.run("podman image prune --all --force")


def finish(it: Uphill, case: Case, old: str, outcomes: Sequence[Outcome]) -> None:
    """Assert that the upgrade finishes, and that each outcome was one of the two releases, wholly."""
    held = Watched(it.controller, it.name, case.step)
    assert held.until_held()
    case.fault(it, held)
    assert held.run.ended()[0] == "Completed", held.run.ended()
    settle(it, held.run.ended(), set())
    assert "omnileads_new" not in standing.beside(it.host)
    new = standing.release(it.host)
    for outcome in outcomes:
        assert outcome.stands in (old, new), f"{outcome}\n{differences(old, new, outcome.stands)}"


def differences(old: str, new: str, found: str) -> str:
    """The lines in which something differs from either release, for the reader of a failure."""
    diffs = (difflib.unified_diff(each.splitlines(), found.splitlines(), lineterm="", n=0) for each in (old, new))
    return "\n".join(line for diff in diffs for line in diff)


def undisturbed(it: Uphill) -> list[Step]:
    """Upgrade a tenant, bring it back, and return the steps of the upgrade."""
    old = standing.release(it.host)
    watched = Watched(it.controller, it.name)
    assert watched.run.ended()[0] == "Completed", watched.run.ended()
    assert StartedRun("rollback", it.name, approved=True).ended()[0] == "Completed"
    assert standing.release(it.host) == old
    return watched.steps()


def cases(steps: Sequence[Step]) -> list[Case]:
    """Every fault at each step, or some of the steps by a fault that changes from one to the next."""
    if ONE_OF == 1:
        return [Case(step, fault) for step in steps for fault in FAULTS]
    return [
        Case(step, FAULTS[(place + place // len(FAULTS)) % len(FAULTS)])
        for place, step in enumerate(steps[ONE_OF - 1 :: ONE_OF])
    ]


@pytest.fixture
def tenants(lab: Lab, controller: Controller, hosts: MakeHosts) -> Iterator[list[Uphill]]:
    """Tenants whose inventories ask for another release, known to the server."""
    made = []
    for number in range(1, AT_ONCE + 1):
        tenant, (host,) = installed(controller, hosts, f"uphill{number}", "aio", disk="8G")
        into_the_lab_s_store(tenant, lab)
        tenant.add(NEW)
        made.append(Uphill(controller, tenant.name, host))
    assert state(controller.run("status", made[0].name, "--json")) == "Healthy"
    with noted(controller):
        yield made


def test_an_upgrade_that_is_broken_at_any_step_leaves_one_release_whole_and_finishes_when_run_again(
    tenants: Sequence[Uphill],
) -> None:
    # what it fetches stays on its host, so the one that shows the steps would not take all of them again
    shows, *others = tenants
    steps = undisturbed(shows)
    dealt = cases(steps)
    lasts = [steps[(number + 1) * len(steps) // (len(others) + 1)] for number in range(len(others))]
    with ThreadPoolExecutor(len(others)) as pool:
        hands = [dealt[number :: len(others)] for number in range(len(others))]
        wrong = pool.map(broken_again_and_again, others, hands, lasts)
        assert [line for lines in wrong for line in lines] == []
