"""What a person does with a run in Prefect's UI: its requests to the server, made here."""

from __future__ import annotations

from typing import Any

from tests.lab.cli.page import Page
from tests.lab.flows.conftest import PORT
from tests.lab.waiting import wait_for

LONGEST = 600.0
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class StartedRun:
    """A run that is started by the form of its operation; it costs no process but its own."""

    def __init__(self, operation: str, tenant: str, **parameters: Any) -> None:
        self._ask = Page(PORT).ask
        deployment = self._ask("GET", f"/deployments/name/{operation}/{operation}")["id"]
        asked = {"name": f"{operation} {tenant}", "parameters": {"tenant": tenant, **parameters}}
        self._run = self._ask("POST", f"/deployments/{deployment}/create_flow_run", asked)["id"]

    @property
    def over(self) -> bool:
        """Has it ended?"""
        return self._state["type"] in FINAL

    def ended(self) -> tuple[str, str]:
        """Wait for the end; return the name and the message of the state in which it is then."""
        wait_for("the end of the run", lambda: self.over, LONGEST, 0.3)
        return self._state["name"], self._state["message"] or ""

    @property
    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._ask("GET", f"/flow_runs/{self._run}")["state"]
        return state


class ShownRun:
    """The only run of a tenant's operation that is in a certain state; it goes by a name like `restore acme`."""

    def __init__(self, name: str, state: str) -> None:
        self._ask = Page(PORT).ask
        wanted = {"flow_runs": {"name": {"any_": [name]}, "state": {"type": {"any_": [state]}}}}
        (run,) = self._ask("POST", "/flow_runs/filter", wanted)
        self.run = str(run["id"])

    def answer(self, decision: str) -> None:
        """Send the form off."""
        self._post("resume", {"run_input": {"decision": decision, "name": "somebody in the UI"}})

    def cancel(self) -> None:
        """Press Cancel."""
        self._post("set_state", {"state": {"type": "CANCELLING"}})

    def state(self) -> str:
        """The type of the run's state."""
        return str(self._ask("GET", f"/flow_runs/{self.run}")["state"]["type"])

    def _post(self, what: str, content: Any) -> None:
        self._ask("POST", f"/flow_runs/{self.run}/{what}", content)
