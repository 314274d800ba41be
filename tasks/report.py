"""A run's result: rows collected while it goes, one state at its end, the same for the terminal and the UI."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from cutover.errors import CutoverError, Finding, LeaseHeldError, NeedlessError
from tasks import ending
from tasks.artifacts import ResultRow, publish_result


class Report:
    """
    Collects what a run did and concludes it; an async context manager.

    A CutoverError inside ends the block: its findings become rows and the run ends as `Busy` (another operation
    holds the tenant), `Refused` (nothing was changed yet) or as `fails_as` says. Any other error passes on. The result
    table is published in every case.
    """

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.rows: list[ResultRow] = []
        self.changing = False
        self.fails_as = "Failed"
        self.afterwards = ""
        self.state: State[Any] = Failed(message="the run ended without a result")

    def add(self, rows: Iterable[ResultRow]) -> None:
        """Add rows to the result."""
        self.rows.extend(rows)

    def conclude(self, name: str, message: str, *, well: bool = True, facts: Mapping[str, Any] | None = None) -> None:
        """Set how the run ends; `facts` are what a flow that calls this one gets as its result."""
        self.state = (Completed if well else Failed)(name=name, message=message, data=facts)

    async def __aenter__(self) -> Self:
        ending.heed()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, CutoverError):
            self._fail(error)
        elif isinstance(error, NeedlessError):
            self.conclude("Skipped", str(error))
        elif isinstance(error, asyncio.CancelledError | TerminationSignal):
            self.conclude("Cancelled", f"the run was cancelled{self._after}", well=False)
        elif error is not None:
            self.conclude("Failed", f"{type(error).__name__} in Cutover itself", well=False)
        await publish_result(self.tenant, self.rows, self.state.message or "")
        return isinstance(error, CutoverError | NeedlessError)

    def _fail(self, error: CutoverError) -> None:
        busy = isinstance(error, LeaseHeldError)
        name = "Busy" if busy else self.fails_as if self.changing else "Refused"
        get_run_logger().error("%s", error)
        self.add(finding_row(finding) for finding in error.findings)
        first, others = error.findings[0], len(error.findings) - 1
        more = f" (and {others} more)" if others else ""
        self.conclude(name, f"{first.where}: {first.what} [{first.code}]{more}{self._after}", well=False)

    @property
    def _after(self) -> str:
        return f"; {self.afterwards}" if self.afterwards else ""


def finding_row(finding: Finding) -> ResultRow:
    """Return a finding as a row of a result."""
    message = "\n".join(part for part in (finding.what, finding.why, finding.todo) if part)
    result = "failed" if finding.fatal else "warning"
    return ResultRow(host=finding.where, component=finding.code, action="", result=result, message=message)
