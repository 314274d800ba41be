"""Which Prefect server a command talks to, and a client for it."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from cutover.cli.server import settings, state
from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient


def found(home: Path) -> str:
    """Return the API to use: that of PREFECT_API_URL, else the one `up` started, else an empty text."""
    if settings.configured():
        return settings.configured()
    server = state.load(home, "server")
    return settings.api(server.port) if server else ""


def healthy(url: str, timeout: float = 2.0) -> bool:
    """Return whether a Prefect server answers at `url`."""
    try:
        with urlopen(f"{url}/health", timeout=timeout) as answer:  # noqa: S310 - http(s) address of a server
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def demand(url: str) -> None:
    """Raise CutoverError (CUT-613) unless a Prefect server answers at `url`."""
    if not healthy(url, timeout=10):
        what = "the Prefect server does not answer"
        todo = "start it, correct PREFECT_API_URL, or unset it to work without a server"
        raise CutoverError(Finding("CUT-613", what, url, todo=todo))


def page(url: str, path: str = "") -> str:
    """Return the address of a page of the UI that belongs to the API at `url`."""
    return url.removesuffix("/api") + path


@asynccontextmanager
async def client(environment: dict[str, str]) -> AsyncIterator[PrefectClient]:
    """
    Give a client of the server that `environment` names (`settings.runs`).

    Raises CutoverError (CUT-617) when the server does not let us in.
    """
    prepare(environment)
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        async with get_client() as own:
            yield own
    except PrefectHTTPStatusError as cause:
        if cause.response.status_code not in (401, 403):
            raise
        what, todo = "the Prefect server asks for a password", "set PREFECT_API_AUTH_STRING=USER:PASSWORD"
        raise CutoverError(Finding("CUT-617", what, environment["PREFECT_API_URL"], todo=todo)) from None


def prepare(environment: dict[str, str]) -> None:
    """
    Make this process use the server that `environment` names.

    Prefect reads its settings when it is imported, so they come first; where it is imported already it reads them
    again. The import takes a second or two, which is well spent while a server starts.
    """
    os.environ.update(environment)
    if "prefect.context" in sys.modules:
        import_module("prefect.context").refresh_global_settings_context()
    import_module("prefect.client.orchestration")
