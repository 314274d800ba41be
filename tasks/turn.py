"""
Runs that a schedule has started, and their turn.

When no worker has been there for days, all runs that were due start when one returns. Only the newest of them is of any
use: a backup of now is not made for the night before last as well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, FlowRunFilter
from prefect.runtime import deployment, flow_run

from cutover.errors import NeedlessError

SCHEDULED = "cutover:schedule"
"""The tag of runs that `cutover schedule` has scheduled."""


async def demand_turn() -> None:
    """
    Raise NeedlessError when a later run of the same schedule is due as well: that one does the work.

    A run that was started by hand, or is retried by hand, always has its turn.
    """
    if SCHEDULED not in (flow_run.get_tags() or []) or (flow_run.get_run_count() or 0) > 1:
        return
    due = flow_run.get_scheduled_start_time()
    later = await _due_between(UUID(deployment.get_id()), due + timedelta(seconds=1), datetime.now(UTC))
    if later:
        raise NeedlessError(f"due at {due:%Y-%m-%d %H:%M} UTC; the run that was due at {later:%Y-%m-%d %H:%M} does it")


async def _due_between(schedule: UUID, first: datetime, last: datetime) -> datetime | None:
    """Return when the newest run of a deployment was due in this time, however it fared."""
    wanted = {"expected_start_time": {"after_": first, "before_": last}}
    async with get_client() as client:
        runs = await client.read_flow_runs(
            deployment_filter=DeploymentFilter.model_validate({"id": {"any_": [schedule]}}),
            flow_run_filter=FlowRunFilter.model_validate(wanted),
        )
    return max((run.expected_start_time for run in runs if run.expected_start_time), default=None)
