"""What a person does with a run in Prefect's UI: its requests to the server, made here."""

from __future__ import annotations

from typing import Any

import httpx

from tests.lab.flows.conftest import PORT

WHO = "00000000-0000-0000-0000-000000000002"


class ShownRun:
    """The only run of a tenant's operation that is in a certain state; it goes by a name like `restore acme`."""

    def __init__(self, name: str, state: str) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{PORT}/api", timeout=60)
        token = self._client.get("/csrf-token", params={"client": WHO}).raise_for_status().json()["token"]
        self._client.headers.update({"Prefect-Csrf-Client": WHO, "Prefect-Csrf-Token": token})
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
