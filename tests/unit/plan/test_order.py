from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError

import pytest

from cutover.plan.desired import OneTime
from cutover.plan.diff import HostPlan, Plan, Start
from cutover.plan.order import Node, graph, nodes
from tests.unit.plan.example import SERVICE


def start(component: str, *after: str) -> Start:
    return Start(replace(SERVICE, component=component, after=frozenset(after)), "inputs", "reason")


def waves(*steps: Node) -> list[set[str]]:
    order, found = graph(steps), []
    while order.is_active():
        ready = order.get_ready()
        found.append({f"{node.component}@{node.host}" for node in ready})
        order.done(*ready)
    return found


def test_components_wait_for_what_they_need_on_whichever_host_it_runs() -> None:
    databases = OneTime("databases", "app", frozenset({"postgresql"}), "1")
    plan = Plan(
        "acme",
        {
            "data": HostPlan("data", starts=(start("postgresql"), start("redis"))),
            "app": HostPlan("app", starts=(start("django", "databases", "redis"),), one_time=(databases,)),
        },
    )
    assert waves(*nodes(plan)) == [{"postgresql@data", "redis@data"}, {"databases@app"}, {"django@app"}]


def test_what_is_not_about_to_start_is_not_waited_for() -> None:
    assert waves(Node("app", "django", start("django", "postgresql"))) == [{"django@app"}]


def test_components_that_wait_for_each_other_are_a_mistake() -> None:
    with pytest.raises(CycleError):
        graph([Node("a", "x", start("x", "y")), Node("a", "y", start("y", "x"))])
