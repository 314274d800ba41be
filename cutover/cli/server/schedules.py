"""
The timetable at the Prefect server: one deployment per operation and tenant, made from the inventories.

The tenant is in the deployment's parameters, where no change of its schedule can lose it. What an operator sets in the
UI (another time, a pause) stays, until the inventory itself asks for another time than when the schedule was made:
that wish is kept as a label.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cutover.cli.server.settings import POOL
from cutover.errors import CutoverError, Finding
from cutover.timetable import Entry

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

TAG = "cutover:schedule"
"""Marks the deployments that are ours, and so their runs."""

SLUG = "inventory"
WISH, SHAPE = "cutover.wish", "cutover.shape"

QUEUE = "scheduled"
AT_ONCE = 5
"""How many scheduled runs go on at once, at first; the limit of the work queue can be changed in the UI."""

COPIED = {"flow_id", "entrypoint", "path", "pull_steps", "job_variables", "enforce_parameter_schema", "description"}
"""What a scheduled deployment has of the one in prefect.yaml."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    What became of one deployment.

    `done` is "created", "changed", "removed" or "unchanged", `when` how its time reads at the server, `paused`
    whether it starts nothing, and `by_hand` whether somebody gave it another time than the inventory asks for.
    """

    name: str
    done: str
    when: str = ""
    paused: bool = False
    by_hand: bool = False


async def scheduled(client: PrefectClient) -> dict[str, DeploymentResponse]:
    """Return the deployments that are ours, by name."""
    from prefect.client.schemas.filters import DeploymentFilter

    wanted = DeploymentFilter.model_validate({"tags": {"all_": [TAG]}})
    found: dict[str, DeploymentResponse] = {}
    while page := await client.read_deployments(deployment_filter=wanted, limit=200, offset=len(found)):
        found |= {each.name: each for each in page}
    return found


async def write(client: PrefectClient, entries: Sequence[Entry], keep: Iterable[str]) -> list[Row]:
    """
    Make the server's timetable these entries; deployments of the tenants in `keep` stay although they have no entry.

    Raises CutoverError: an operation is unknown to the server (CUT-771), or nothing of what is scheduled there belongs
    to any tenant given here (CUT-772).
    """
    present = await scheduled(client)
    kept = set(keep)
    gone = [each for name, each in present.items() if tenant_of(each) not in kept and name not in _names(entries)]
    if present and len(gone) == len(present):
        raise CutoverError(_wrong_folder(gone))
    await _queue(client)
    bases = {name: await _base(client, name) for name in sorted({entry.operation for entry in entries})}
    rows = [await _write(client, bases[entry.operation], entry, present.get(entry.name)) for entry in entries]
    return rows + [await _remove(client, each) for each in gone]


async def remove_all(client: PrefectClient) -> list[Row]:
    """Take away everything that `write` made."""
    return [await _remove(client, each) for _, each in sorted((await scheduled(client)).items())]


def tenant_of(deployment: DeploymentResponse) -> str:
    """Return whose deployment it is."""
    return str(deployment.parameters.get("tenant", ""))


def _names(entries: Iterable[Entry]) -> set[str]:
    return {entry.name for entry in entries}


def _wrong_folder(gone: Sequence[DeploymentResponse]) -> Finding:
    tenants = ", ".join(sorted({tenant_of(each) for each in gone})[:5])
    what = "none of the tenants that are scheduled is in the folder of tenants"
    todo = "give the right folder with --tenants, or take all schedules away first: cutover schedule --remove"
    return Finding("CUT-772", what, "the Prefect server", f"scheduled are {tenants}", todo)


async def _queue(client: PrefectClient) -> None:
    """Make the work queue that keeps a backlog from starting all at once, unless it is there."""
    from prefect.exceptions import ObjectNotFound

    try:
        await client.read_work_queue_by_name(QUEUE, work_pool_name=POOL)
    except ObjectNotFound:
        about = "What `cutover schedule` schedules: so many runs at once."
        await client.create_work_queue(QUEUE, description=about, concurrency_limit=AT_ONCE, work_pool_name=POOL)


async def _base(client: PrefectClient, operation: str) -> DeploymentResponse:
    from prefect.exceptions import ObjectNotFound

    try:
        return await client.read_deployment_by_name(f"{operation}/{operation}")
    except ObjectNotFound:
        what, todo = "the server does not know the operation", "cutover up (another server: cutover up --register)"
        raise CutoverError(Finding("CUT-771", what, f"deployment {operation}/{operation}", todo=todo)) from None


async def _write(
    client: PrefectClient, base: DeploymentResponse, entry: Entry, present: DeploymentResponse | None
) -> Row:
    wished = {"cron": entry.cron, "timezone": entry.timezone, "day_or": True}
    content = _content(base, entry)
    labels = {WISH: entry.wish, SHAPE: _digest(content)}
    fresh = {"schedule": wished, "active": True, "slug": SLUG}
    if present is None:
        await _send(client, content, [fresh], labels)
        return Row(entry.name, "created", _when(fresh))
    now = [_schedule(each.model_dump(mode="json")) for each in present.schedules]
    active = not present.paused and any(each["active"] for each in now)
    same = present.labels.get(WISH) == entry.wish
    schedules = now if same else [fresh | {"active": any(each["active"] for each in now)}]
    unchanged = same and present.labels.get(SHAPE) == labels[SHAPE]
    if not unchanged:
        await _send(client, content, schedules, labels)
    by_hand = [_time(each) for each in schedules] != [_time(fresh)]
    when = ", ".join(map(_when, schedules)) or "never"
    return Row(entry.name, "unchanged" if unchanged else "changed", when, not active, by_hand)


def _content(base: DeploymentResponse, entry: Entry) -> dict[str, Any]:
    """Return a scheduled deployment as the server takes it, without its schedule."""
    content = base.model_dump(mode="json", include=COPIED)
    schema = json.loads(json.dumps(base.parameter_openapi_schema))
    schema["properties"]["tenant"]["enum"] = [entry.tenant]
    return content | {
        "name": entry.name,
        "parameters": dict(entry.parameters),
        "parameter_openapi_schema": schema,
        "tags": [f"op:{entry.operation}", f"tenant:{entry.tenant}", TAG],
        "work_pool_name": POOL,
        "work_queue_name": QUEUE,
    }


async def _send(
    client: PrefectClient, content: Mapping[str, Any], schedules: list[dict[str, Any]], labels: Mapping[str, str]
) -> None:
    """Create or replace a deployment; the client's own method cannot set labels."""
    answer = await client.request("POST", "/deployments/", json={**content, "schedules": schedules, "labels": labels})
    answer.raise_for_status()


async def _remove(client: PrefectClient, deployment: DeploymentResponse) -> Row:
    await client.delete_deployment(deployment.id)
    return Row(deployment.name, "removed")


def _schedule(known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: known[key] for key in ("schedule", "active", "parameters", "slug", "max_scheduled_runs") if known[key]
    } | {"active": known["active"]}


def _time(schedule: Mapping[str, Any]) -> tuple[str, str]:
    plain = schedule["schedule"]
    return str(plain.get("cron")), str(plain.get("timezone"))


def _when(schedule: Mapping[str, Any]) -> str:
    """Return how a schedule reads: cron and time zone, or what kind of schedule an operator chose instead."""
    plain = schedule["schedule"]
    zone = plain.get("timezone") or "UTC"
    for kind in ("cron", "rrule", "interval"):
        if kind in plain:
            return f"{plain[kind]} {zone}" if kind == "cron" else f"{kind} {plain[kind]}"
    return "never"


def _digest(content: Mapping[str, Any]) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
