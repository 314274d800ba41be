"""
The order in which services start: a graph over all hosts, made from what each component must come after.

Within a pair a service that serves now is restarted only after the other host's answers again, so that there is always
one that serves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter

from cutover.plan.desired import OneTime
from cutover.plan.diff import Plan, Start


@dataclass(frozen=True, slots=True)
class Node:
    """
    One thing to do on one host: start a service or do a one-time step.

    `behind` is the host that goes first, `peer` the one that stands in for this host meanwhile; empty where none does.
    """

    host: str
    component: str
    act: Start | OneTime
    behind: str = ""
    peer: str = ""

    @property
    def after(self) -> frozenset[str]:
        """Components that must be healthy first."""
        return self.act.after if isinstance(self.act, OneTime) else self.act.service.after


def nodes(plan: Plan) -> tuple[Node, ...]:
    """Return everything a plan starts or does once."""
    return tuple(_nodes(plan))


def _nodes(plan: Plan) -> Iterable[Node]:
    for name, host in plan.hosts.items():
        for start in host.starts:
            yield Node(name, start.service.component, start, _behind(plan, name, start), plan.peer(name))
        yield from (Node(name, step.name, step) for step in host.one_time)


def _behind(plan: Plan, host: str, start: Start) -> str:
    for pair in plan.pairs:
        if other := pair.other(host):
            if start.service.main_first:
                return other if other == pair.main else ""
            return other if host == pair.then and start.interrupts else ""
    return ""


def graph(steps: Iterable[Node]) -> TopologicalSorter[Node]:
    """
    Return the prepared graph of the steps; a component is awaited on every host where it is about to start.

    Raises graphlib.CycleError when components wait for each other, which is a mistake in the catalogue.
    """
    steps = tuple(steps)
    sorter: TopologicalSorter[Node] = TopologicalSorter()
    for step in steps:
        sorter.add(step, *(other for other in steps if other.component in step.after or _leads(other, step)))
    sorter.prepare()
    return sorter


def _leads(other: Node, step: Node) -> bool:
    return other.component == step.component and other.host == step.behind
