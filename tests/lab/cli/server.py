"""A trial project's Prefect server, spoken to the way its UI does."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lab.cli.page import Page
from tests.lab.cli.project import Project


class Server:
    """The API of a project's server."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.ask = Page(project.port).ask

    def scheduled(self) -> dict[str, Any]:
        """The deployments that `cutover schedule` has made, by name."""
        found = self.ask("POST", "/deployments/filter", {"deployments": {"tags": {"all_": ["cutover:schedule"]}}})
        return {each["name"]: each for each in found}

    def alarms(self) -> dict[str, Any]:
        """The automations that are alarms, by name."""
        found = self.ask("POST", "/automations/filter", {"limit": 200})
        return {each["name"]: each for each in found if "cutover:alarm" in each["tags"]}

    def hasten(self, alarm: str, seconds: float) -> None:
        """Shorten an alarm's deadline."""
        kept = self.alarms()[alarm]
        kept["trigger"]["within"] = seconds
        fields = ("name", "description", "enabled", "tags", "trigger", "actions")
        self.ask("PUT", f"/automations/{kept['id']}", {name: kept[name] for name in fields})

    def run(self, deployment: str, due: datetime | None = None) -> str:
        """Have a run of a deployment, due now or at a given time, and return its id."""
        at = (due or datetime.now(UTC)).isoformat()
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at}}
        identity = self.scheduled()[deployment]["id"]
        return str(self.ask("POST", f"/deployments/{identity}/create_flow_run", {"state": state})["id"])

    def runs(self, name: str) -> list[dict[str, Any]]:
        """All runs of a name."""
        found: list[dict[str, Any]] = self.ask("POST", "/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})
        return found

    def question(self, run: str) -> str:
        """What a paused run asks about, by the artifact it made last; an empty text when it is not paused."""
        if self.ask("GET", f"/flow_runs/{run}")["state_type"] != "PAUSED":
            return ""
        wanted = {"artifacts": {"flow_run_id": {"any_": [run]}}, "sort": "CREATED_DESC", "limit": 1}
        (made,) = self.ask("POST", "/artifacts/filter", wanted)
        return str(made["description"])

    def answer(self, run: str, decision: str) -> None:
        """Answer a paused run as the form in the UI does."""
        self.ask("POST", f"/flow_runs/{run}/resume", {"run_input": {"decision": decision, "name": "somebody"}})

    def state(self, run: str) -> tuple[str, str]:
        """The name and the message of a run's state."""
        found = self.ask("GET", f"/flow_runs/{run}")["state"]
        return found["name"], found["message"] or ""

    def ended(self, run: str) -> bool:
        """Whether a run is over."""
        return self.ask("GET", f"/flow_runs/{run}")["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

    def events(self, name: str) -> int:
        """How many events of a name there were."""
        return len(self.ask("POST", "/events/filter", {"filter": {"event": {"name": [name]}}})["events"])

    def signal_worker(self, number: signal.Signals) -> None:
        """Send a signal to the worker, and to none of its runs."""
        process = json.loads((self._project.home / "worker.json").read_text())["process"]
        os.kill(process["pid"], number)


def ago(**time: float) -> datetime:
    """A moment in the past."""
    return datetime.now(UTC) - timedelta(**time)
