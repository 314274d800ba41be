"""The form of a paused run, answered the way Prefect's UI does it."""

from __future__ import annotations

import httpx

from tests.lab.flows.conftest import PORT

WHO = "00000000-0000-0000-0000-000000000002"


class PausedRun:
    """The only run that waits for somebody's yes."""

    def __init__(self) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{PORT}/api", timeout=60)
        token = self._client.get("/csrf-token", params={"client": WHO}).raise_for_status().json()["token"]
        self._client.headers.update({"Prefect-Csrf-Client": WHO, "Prefect-Csrf-Token": token})
        wanted = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}}
        (run,) = self._client.post("/flow_runs/filter", json=wanted).raise_for_status().json()
        self.run = str(run["id"])

    def answer(self, decision: str) -> None:
        """Send the form off."""
        content = {"run_input": {"decision": decision, "name": "somebody in the UI"}}
        self._client.post(f"/flow_runs/{self.run}/resume", json=content).raise_for_status()

    def state(self) -> str:
        """The type of the run's state."""
        return str(self._client.get(f"/flow_runs/{self.run}").raise_for_status().json()["state"]["type"])
