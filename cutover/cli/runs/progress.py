"""What a run has done so far, as components by hosts. Pure: made from the names and states of its task runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

DONE = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class Step:
    """
    One task run: `what` on `host` (empty when it concerns the whole tenant).

    `kind` is the type of its state as Prefect has it ("RUNNING"), `state` the state's name, `seconds` how long it
    has been at work.
    """

    what: str
    host: str
    kind: str
    state: str
    seconds: float

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self.kind in DONE

    def __str__(self) -> str:
        return f"{self.what} on {self.host}" if self.host else self.what


def parse(name: str, hosts: Iterable[str]) -> tuple[str, str]:
    """
    Given a task run's name, return what it does and on which host.

    Names are "nginx on app_1", "database of data_1" or "observe app_1"; one that ends in no host of the tenant concerns
    the whole tenant.
    """
    what, on, host = name.rpartition(" on ")
    if on:
        return what, host
    what, _, host = name.rpartition(" ")
    return (what.removesuffix(" of"), host) if what and host in hosts else (name, "")


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows are what is done, in the order it began; columns are hosts; the last step of a name counts."""

    hosts: tuple[str, ...]
    rows: tuple[str, ...]
    cells: dict[tuple[str, str], Step] = field(default_factory=dict)


def matrix(steps: Sequence[Step], hosts: Sequence[str]) -> Matrix:
    """Return the matrix of steps; hosts nothing was done on yet keep their column, unknown ones get one."""
    columns = dict.fromkeys([*hosts, *(step.host for step in steps if step.host)])
    if any(not step.host for step in steps):
        columns[""] = None
    rows = dict.fromkeys(step.what for step in steps)
    return Matrix(tuple(columns), tuple(rows), {(step.what, step.host): step for step in steps})


def changes(before: Sequence[Step], now: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps that began or ended between two looks, in their order."""
    known = {str(step): step.kind for step in before}
    return tuple(step for step in now if known.get(str(step)) != step.kind and step.kind != "PENDING")
