"""What a person does with a run in Prefect's UI: its requests to the server, made here."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.lab.flows.conftest import PORT
from tests.lab.waiting import wait_for

WHO = "00000000-0000-0000-0000-000000000002"
LONGEST = 600.0
TRIES = 60
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def client() -> httpx.Client:
    """Open a page of the UI."""
    made = httpx.Client(base_url=f"http://127.0.0.1:{PORT}/api", timeout=60)
    token = made.get("/csrf-token", params={"client": WHO}).raise_for_status().json()["token"]
    made.headers.update({"Prefect-Csrf-Client": WHO, "Prefect-Csrf-Token": token})
    return made


class StartedRun:
    """A run that is started by the form of its operation; it costs no process but its own."""

    def __init__(self, operation: str, tenant: str, **parameters: Any) -> None:
        self._client = client()
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

    def _ask(self, method: str, path: str, content: Any = None) -> Any:
        """Like the UI, ask again while the server is busy."""
        for _ in range(TRIES):
            answer = self._client.request(method, path, json=content)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(1)
        return answer.raise_for_status().json()


class ShownRun:
    """The only run of a tenant's operation that is in a certain state; it goes by a name like `restore acme`."""

    def __init__(self, name: str, state: str) -> None:
        self._client = client()
        wanted = {"flow_runs": {"name": {"any_": [name]}, "state": {"type": {"any_": [state]}}}}
        (run,) = self._client.post("/flow_runs/filter", json=wanted).raise_for_status().json()
        self.run = str(run["id"])

    def answer(self, decision: str) -> None:
        """Send the form off."""
        self._post("resume", {"run_input": {"decision": decision, "name": "somebody in the UI"}})

    def cancel(self) -> None:
        """Press Cancel."""
        self._post("set_state", {"state": {"type": "CANCELLING"}})

    def state(self) -> str:
        """The type of the run's state."""
        return str(self._client.get(f"/flow_runs/{self.run}").raise_for_status().json()["state"]["type"])

    def _post(self, what: str, content: Any) -> None:
        self._client.post(f"/flow_runs/{self.run}/{what}", json=content).raise_for_status()
