"""A run that Prefect tells to end hears it, whatever its process does at that moment."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect.exceptions import TerminationSignal


def heed() -> None:
    """
    Have the run of this event loop end when Prefect says so.

    Prefect says it by raising TerminationSignal in whatever code runs just then. Where that is a callback of the event
    loop, asyncio would log it and go on, and half a minute later the process would be killed.
    """
    asyncio.get_running_loop().set_exception_handler(_handle)


def end() -> None:
    """Cancel everything in this event loop, as `asyncio.run` does when it is interrupted while nothing runs."""
    for task in asyncio.all_tasks():
        task.cancel()


def _handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if isinstance(context.get("exception"), TerminationSignal):
        end()
    else:
        loop.default_exception_handler(context)
