"""
Alarms: what the Prefect server tells people by itself, whether a worker lives or not.

A backup is late when none of its tenant completed within the deadline of the inventory, counted from the last one, or
from the moment the alarm was made. That needs no run: a dead worker and a paused schedule are noticed as well. It is
told once a deadline. A scheduled operation that fails or crashes is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from prefect.automations import AutomationCore
    from prefect.client.orchestration import PrefectClient
    from prefect.events.schemas.automations import Automation

TAG = "cutover:alarm"
"""Marks the automations that are ours."""

FAILS = "tell when a scheduled operation fails"
TRIAL = "tell when asked to try"
TRIAL_EVENT = "cutover.notification.tried"

FAILED_SUBJECT = "{{ flow_run.name }}: {{ flow_run.state.name }}"
FAILED_BODY = """{{ flow_run.state.message }}

{{ flow_run|ui_url }}"""
LATE_BODY = """No backup of {tenant} has completed for {hours} hours, whether one was started or not.

Look at its runs and its schedule (tag tenant:{tenant}), at the worker (cutover up, or systemctl status cutover-worker),
and at the newest backup: cutover backups {tenant}"""


@dataclass(frozen=True, slots=True)
class Alarms:
    """What is to be watched: tenants with the hours their newest backup may be old, and who is told (None: nobody)."""

    deadlines: Mapping[str, int]
    block: UUID | None


def late(tenant: str) -> str:
    """Return the name of the automation that watches a tenant's backups."""
    return f"tell when no backup of {tenant} completes"


async def sync(client: PrefectClient, alarms: Alarms, keep: frozenset[str] = frozenset()) -> int:
    """
    Make the server's alarms those that are wanted; those on the tenants of `keep` stay as they are.

    One that is as wanted is left alone, for changing it would begin its deadline anew. Returns how many were made,
    changed or removed.
    """
    wanted = {automation.name: automation for automation in _wanted(alarms)}
    kept = {late(tenant) for tenant in keep}
    changes = 0
    for found in await ours(client):
        if found.name in kept:
            continue
        if found.name in wanted and _same(found, wanted[found.name]):
            del wanted[found.name]
        else:
            await client.delete_automation(found.id)
            changes += found.name not in wanted
    for automation in wanted.values():
        await client.create_automation(automation)
    return changes + len(wanted)


async def ours(client: PrefectClient) -> list[Automation]:
    """Return the automations that were made here."""
    return [found for found in await _all(client) if TAG in found.tags]


async def _all(client: PrefectClient) -> list[Automation]:
    from prefect.events.schemas.automations import Automation

    found: list[Automation] = []
    while True:
        answer = await client.request(
            "POST", "/automations/filter", json={"limit": 200, "offset": len(found), "sort": "NAME_ASC"}
        )
        answer.raise_for_status()
        page = [Automation.model_validate(each) for each in answer.json()]
        found += page
        if len(page) < 200:
            return found


async def trial(client: PrefectClient, block: UUID | None) -> UUID:
    """Return the automation that sends when it is asked to, made anew if it tells others than those of `block`."""
    assert block is not None  # noqa: S101 - there are addresses
    wanted = _trial(block)
    for found in await client.read_automations_by_name(TRIAL):
        if _same(found, wanted):
            return found.id
        await client.delete_automation(found.id)
    return await client.create_automation(wanted)


async def ask_to_try(client: PrefectClient) -> datetime:
    """Emit the event that the trial waits for, and return when."""
    from prefect.events import Event, Resource

    about = Resource.model_validate({"prefect.resource.id": "cutover.notifications"})
    event = Event(event=TRIAL_EVENT, resource=about)
    answer = await client.request("POST", "/events", json=[event.model_dump(mode="json")])
    answer.raise_for_status()
    return event.occurred


async def outcome(client: PrefectClient, automation: UUID, since: datetime) -> str | None:
    """Return why an automation's action failed since then, an empty text when it went well, None while unknown."""
    from prefect.events.filters import EventFilter

    wanted = {
        "event": {"prefix": ["prefect.automation.action."]},
        "resource": {"id": [f"prefect.automation.{automation}"]},
        "occurred": {"since": since},
    }
    page = await client.read_events(EventFilter.model_validate(wanted), limit=50)
    for event in page.events:
        if event.event.endswith(".executed"):
            return ""
        if event.event.endswith(".failed"):
            said = (event.payload.get("reason"), event.payload.get("notification_log"))
            return "\n".join(str(part).strip() for part in said if part) or "no reason is known"
    return None


def _same(found: Automation, wanted: AutomationCore) -> bool:
    """Return whether an automation of the server does what is wanted; its pause is the operator's matter."""
    return all(_content(found, part) == _content(wanted, part) for part in ("description", "trigger", "actions"))


def _content(automation: AutomationCore, part: str) -> Any:
    from prefect.automations import AutomationCore

    plain = AutomationCore.model_validate(automation.model_dump(mode="json")).model_dump(mode="json")[part]
    if isinstance(plain, dict):
        plain.pop("id", None)
        plain = {
            key: sorted(value) if key in ("after", "expect", "for_each") else value for key, value in plain.items()
        }
    return plain


def _wanted(alarms: Alarms) -> list[AutomationCore]:
    found = [_late(tenant, hours, alarms.block) for tenant, hours in sorted(alarms.deadlines.items())]
    if alarms.block is not None:
        found += [_fails(alarms.block), _trial(alarms.block)]
    return found


def _late(tenant: str, hours: int, block: UUID | None) -> AutomationCore:
    from prefect.automations import AutomationCore, DoNothing, EventTrigger, Posture, SendNotification
    from prefect.events import ResourceSpecification

    done = {"prefect.flow-run.Completed"}
    # Each completed backup begins the deadline anew. Prefect begins it by itself, too, when the automation is new and
    # one deadline after it was told: that is why there is no `for_each`.
    trigger = EventTrigger(
        after=done,
        expect=done,
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        match_related=[_tagged(f"tenant:{tenant}"), _tagged("op:backup")],
        posture=Posture.Proactive,
        threshold=1,
        within=timedelta(hours=hours),
    )
    subject, body = f"no backup of {tenant} for {hours} hours", LATE_BODY.format(tenant=tenant, hours=hours)
    told = SendNotification(block_document_id=block, subject=subject, body=body) if block else DoNothing()
    description = f"Deadline: {hours} hours after the last one. Made by `cutover schedule` from the inventory."
    return AutomationCore(name=late(tenant), description=description, tags=[TAG], trigger=trigger, actions=[told])


FLEETS = ("op:backup-fleet", "op:drift-fleet", "op:upgrade-fleet")
"""Tags of runs over all tenants; each tells of all its tenants at once."""


def _fails(block: UUID) -> AutomationCore:
    from prefect.automations import AutomationCore, EventTrigger, Posture, SendNotification
    from prefect.events import ResourceSpecification

    from cutover.cli.server.schedules import TAG as SCHEDULED

    failed = {"prefect.resource.id": "prefect.flow-run.*", "prefect.state-type": ["FAILED", "CRASHED"]}
    trigger = EventTrigger(
        expect={"prefect.flow-run.*"},
        match=ResourceSpecification.model_validate(failed),
        match_related=_tagged(SCHEDULED, *FLEETS),
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
    )
    told = SendNotification(block_document_id=block, subject=FAILED_SUBJECT, body=FAILED_BODY)
    description = "Whatever `cutover schedule` has scheduled, and fleet runs."
    return AutomationCore(name=FAILS, description=description, tags=[TAG], trigger=trigger, actions=[told])


def _trial(block: UUID) -> AutomationCore:
    from prefect.automations import AutomationCore, EventTrigger, Posture, SendNotification

    trigger = EventTrigger(expect={TRIAL_EVENT}, posture=Posture.Reactive, threshold=1)
    body = "This is how you are told when a backup fails or is late. Nothing has happened."
    told = SendNotification(block_document_id=block, subject="Cutover can reach you", body=body)
    return AutomationCore(name=TRIAL, description="For `cutover notify`.", tags=[TAG], trigger=trigger, actions=[told])


def _tagged(*tags: str) -> Any:
    """Return the specification of a run with one of these tags."""
    from prefect.events import ResourceSpecification

    ids = [f"prefect.tag.{tag}" for tag in tags]
    return ResourceSpecification.model_validate({"prefect.resource.role": "tag", "prefect.resource.id": ids})
