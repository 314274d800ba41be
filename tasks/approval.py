"""A change waits for a person's yes: by a form in the Prefect UI, or on the terminal."""

from __future__ import annotations

from typing import Literal

from prefect.exceptions import FlowPauseTimeout
from prefect.flow_runs import apause_flow_run
from prefect.input import RunInput
from prefect.logging import get_run_logger
from pydantic import Field

from cutover.errors import CutoverError, Finding

WAITING = 1800
"""Seconds that a run waits for its approval; it holds the tenant meanwhile."""


class Approval(RunInput):
    """The form by which a person lets a run go on."""

    decision: Literal["go on", "abort"] = Field(description="Do what is shown above?")
    name: str = Field("", max_length=80, description="Who says so, for the log")


async def approve(tenant: str, shown: str) -> None:
    """
    Wait until a person has said yes to what is shown; the run is paused meanwhile and keeps the tenant.

    Raises CutoverError (CUT-762) when they say no, or nobody says anything.
    """
    get_run_logger().info("waiting for approval: resume this run in the Prefect UI, or answer on the terminal")
    form = Approval.with_initial_data(description=shown, name="")
    try:
        answer = await apause_flow_run(wait_for_input=form, timeout=WAITING, poll_interval=2)
    except FlowPauseTimeout as error:
        why = f"nobody said anything for {WAITING // 60} minutes"
        raise _refused(tenant, why) from error
    if answer.decision != "go on":
        raise _refused(tenant, f"{answer.name or 'somebody'} decided against it")
    get_run_logger().info("approved by %s", answer.name or "somebody who gave no name")


def _refused(tenant: str, why: str) -> CutoverError:
    todo = "nothing was changed; run the same command again when it is wanted"
    return CutoverError(Finding("CUT-762", "the change was not approved", tenant, why, todo))
