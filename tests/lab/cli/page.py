"""A page of Prefect's UI, as far as its server sees one: the same requests, with the same token."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx

TRIES = 60


class Page:
    """An open page of the UI of the server at a port of this machine."""

    def __init__(self, port: int) -> None:
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api", timeout=60, trust_env=False)
        who = str(uuid4())
        token = self.ask("GET", f"/csrf-token?client={who}")["token"]
        self._client.headers.update({"Prefect-Csrf-Client": who, "Prefect-Csrf-Token": token})

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        """Send a request and return the answer; like the UI, ask again while the server is busy."""
        for _ in range(TRIES):
            answer = self._client.request(method, path, json=content)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(1)
        answer.raise_for_status()
        return answer.json() if answer.content else None
