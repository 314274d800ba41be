"""The live table: what is done, by the hosts it is done on, with the run's log passing above it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from uuid import UUID

from rich.console import Console
from rich.live import Live as RichLive
from rich.markdown import Markdown
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cutover.cli.runs.progress import Step, matrix

_MARKS = {"COMPLETED": ("✓", "green"), "FAILED": ("✗", "bold red"), "CRASHED": ("✗", "bold red")}


class Live:
    """Shows a run on a terminal; used as a context manager, it leaves the last table standing."""

    def __init__(self, hosts: Sequence[str], address: Callable[[UUID], str], console: Console | None = None) -> None:
        self._hosts, self._address = hosts, address
        self._console = console or Console(highlight=False)
        self._live = RichLive(console=self._console, refresh_per_second=8)

    def __enter__(self) -> Live:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def begun(self, name: str, identity: UUID) -> None:
        """Show which run it is and where it can be seen."""
        address = self._address(identity)
        self._console.print(Text.assemble((name, "bold"), f"  {address}" if address else ""))

    def steps(self, steps: Sequence[Step]) -> None:
        """Draw the table anew."""
        self._live.update(self._table(steps))

    def line(self, level: int, text: str) -> None:
        """Let a line of the run's log pass."""
        style = "bold red" if level >= 40 else "yellow" if level >= 30 else "dim"
        self._console.print(Text(text, style=style))

    def waits(self, reason: str) -> None:
        """Show why nothing happens."""
        self._console.print(Text(reason, style="yellow"))

    def shows(self, plan: str) -> None:
        """Set the Markdown of what the run is about to do above the table."""
        self._console.print(Markdown(plan))

    @contextmanager
    def aside(self) -> Iterator[bool]:
        """Let the table stand while a question is asked."""
        self._live.stop()
        try:
            yield True
        finally:
            self._live.start()

    def _table(self, steps: Sequence[Step]) -> Table:
        shown = matrix(steps, self._hosts)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for head in ("", *(host or "tenant" for host in shown.hosts)):
            table.add_column(head, no_wrap=True)
        for row in shown.rows:
            table.add_row(row, *(self._cell(shown.cells.get((row, host))) for host in shown.hosts))
        return table

    def _cell(self, step: Step | None) -> Text | Spinner:
        if step is None:
            return Text("")
        if step.kind == "RUNNING":
            return Spinner("dots", text=f"{step.seconds:.0f} s")
        mark, style = _MARKS.get(step.kind, ("·", "dim"))
        return Text(f"{mark} {step.seconds:.1f} s" if step.done else mark, style=style)
