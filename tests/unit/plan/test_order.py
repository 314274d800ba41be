from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError

import pytest

from cutover.plan.desired import OneTime
from cutover.plan.diff import HostPlan, Plan, Start
from cutover.plan.order import Node, graph, nodes
from cutover.plan.pairs import Turns
from tests.unit.plan.example import SERVICE


def start(component: str, *after: str, interrupts: bool = False, main_first: bool = False) -> Start:
    service = replace(SERVICE, component=component, after=frozenset(after), main_first=main_first)
    return Start(service, "inputs", "reason", interrupts)


def paired(first: str, then: str, *starts: Start) -> Plan:
    hosts = {host: HostPlan(host, starts=starts) for host in ("app_1", "app_2")}
    return Plan("acme", hosts, (Turns(first, then, "app_1"),))


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


@pytest.mark.parametrize(("first", "then"), [("app_2", "app_1"), ("app_1", "app_2")])
def test_w15_what_serves_on_the_active_host_is_restarted_when_the_passive_one_answers_again(
    first: str, then: str
) -> None:
    plan = paired(first, then, start("redis", interrupts=True), start("nginx", "redis", interrupts=True))
    assert waves(*nodes(plan)) == [{f"{name}@{host}"} for name in ("redis", "nginx") for host in (first, then)]


def test_a_host_of_a_pair_has_a_peer_that_stands_in_for_it_and_others_have_none() -> None:
    plan = paired("app_2", "app_1", start("redis", interrupts=True))
    hosts = {**plan.hosts, "witness_1": HostPlan("witness_1", starts=(start("sentinel"),))}
    found = {node.host: (node.behind, node.peer) for node in nodes(replace(plan, hosts=hosts))}
    assert found == {"app_1": ("app_2", "app_2"), "app_2": ("", "app_1"), "witness_1": ("", "")}


def test_what_serves_nobody_is_started_on_both_hosts_at_the_same_time() -> None:
    plan = paired("app_2", "app_1", start("redis"), start("sentinel", "redis"))
    assert waves(*nodes(plan)) == [{"redis@app_1", "redis@app_2"}, {"sentinel@app_1", "sentinel@app_2"}]


@pytest.mark.parametrize(("first", "then"), [("app_2", "app_1"), ("app_1", "app_2")])
@pytest.mark.parametrize("interrupts", [False, True])
def test_w15_the_main_host_alone_moves_the_schema_and_the_other_starts_after_it(
    first: str, then: str, interrupts: bool
) -> None:
    plan = paired(first, then, start("django", interrupts=interrupts, main_first=True), start("nginx", "django"))
    assert waves(*nodes(plan)) == [{"django@app_1"}, {"django@app_2"}, {"nginx@app_1", "nginx@app_2"}]
