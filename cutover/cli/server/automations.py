"""What the server does by itself: a run that died without a word is marked as crashed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

NAME = "mark dead runs as crashed"

SILENCE = timedelta(seconds=120)
"""Four heartbeats (deployments/worker.env): a machine under load may miss one or two."""


async def ensure(client: PrefectClient) -> None:
    """
    Make the automation, or make it what it should be.

    A run whose worker and process were killed at once says nothing more, and would look alive for ever. It covers
    runs that began, or sent a heartbeat, after it was made.
    """
    from prefect.automations import AutomationCore, ChangeFlowRunState, EventTrigger, Posture
    from prefect.client.schemas.objects import StateType
    from prefect.events import ResourceSpecification

    silent = EventTrigger(
        after={"prefect.flow-run.Running", "prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.*"},
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=SILENCE,
    )
    crash = ChangeFlowRunState(state=StateType.CRASHED, message="it sent no sign of life for two minutes")
    description = "Worker or machine were killed; the lease on the hosts expires by itself."
    wanted = AutomationCore(name=NAME, description=description, trigger=silent, actions=[crash])
    present = await client.read_automations_by_name(NAME)
    if not present:
        await client.create_automation(wanted)
        return
    now = present[0].trigger
    if not isinstance(now, EventTrigger) or now.after != silent.after:
        await client.update_automation(present[0].id, wanted)
