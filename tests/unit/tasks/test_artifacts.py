"""What an operator reads of a plan."""

from __future__ import annotations

import pytest

from cutover.errors import Finding
from cutover.plan.diff import Plan
from tasks.artifacts import key, plan_as_markdown, plan_summary
from tests.unit.plan.example import BARE, applied, plan_for


@pytest.mark.parametrize(
    ("tenant", "expected"),
    [("acme", "plan-acme"), ("Acme.Vienna_1", "plan-acme-vienna-1"), ("-x-", "plan-x")],
)
def test_a_key_holds_only_what_prefect_takes(tenant: str, expected: str) -> None:
    assert key("plan", tenant) == expected


def test_a_plan_tells_each_host_s_work_in_one_line_then_every_step() -> None:
    text = plan_as_markdown(plan_for(BARE))
    summary = "1 package, account omnileads, time zone Europe/Berlin | 1 image | "
    summary += "6 files, 1 directory, 1 volume, 2 units at boot | nginx, firewall | databases |"
    assert summary in text
    assert text.index("## Components") < text.index("| nginx | start | ")
    assert text.index("## Hosts") < text.index("| write /etc/default/nginx.env | missing |")


def test_a_plan_with_nothing_to_do_says_so() -> None:
    assert "Nothing is to be done" in plan_as_markdown(plan_for(applied()))


def test_what_is_doubtful_comes_before_the_steps_and_breaks_no_table() -> None:
    text = plan_as_markdown(plan_for(BARE), [Finding("CUT-199", "odd | tag", "acme", "two\nlines", fatal=False)])
    assert text.index("> **odd \\| tag** (acme, CUT-199) two lines") < text.index("| host |")


@pytest.mark.parametrize(
    ("plan", "expected"), [(plan_for(BARE), "17 steps on 1 host"), (Plan("x", {}), "0 steps on 0 hosts")]
)
def test_a_summary_counts_steps_and_the_hosts_they_are_on(plan: Plan, expected: str) -> None:
    assert plan_summary(plan) == expected
