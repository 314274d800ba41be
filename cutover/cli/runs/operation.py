"""An operation on a tenant, from the command line to its exit code."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cutover.cli import exits, inventories
from cutover.cli.arguments import selected, tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output
from cutover.cli.runs import display, in_place, remote
from cutover.cli.runs.follow import Ended
from cutover.cli.runs.request import Request
from cutover.cli.server import connection, settings, state
from cutover.cli.server.home import home
from cutover.cli.server.registration import Registrar
from cutover.errors import CutoverError, Finding

if TYPE_CHECKING:
    from cutover.inventory import Tenant


def operate(
    operation: str,
    options: argparse.Namespace,
    output: Output,
    parameters: Mapping[str, Any] = MappingProxyType({}),
) -> Exit:
    """
    Start an operation on a tenant, follow it, show how it ended, and return its exit code.

    `parameters` are those of its flow beyond the tenant. The inventory is read first, so that all its errors are
    seen before anything starts. Raises CutoverError.
    """
    folder = tenants_folder(options)
    tenant = known(options.tenant, folder)
    output.findings(tenant.warnings if tenant else ())
    ended, code = carry_out(Request(operation, options.tenant, parameters), tenant, folder, output)
    if operation == "install" and code is Exit.OK and tenant:
        from cutover.cli.runs.handover import hand_over

        hand_over(tenant, ended, output)
    return code


def operate_on_all(operation: str, options: argparse.Namespace, output: Output, parameters: Mapping[str, Any]) -> Exit:
    """
    Start an operation on all tenants of the folder, or on those that --only selects, follow it, show how it ended, and
    return its exit code.

    Inventories with errors are the run's to report: they keep no other tenant from its turn. Raises CutoverError.
    """
    from cutover.inventory import names

    folder = tenants_folder(options)
    chosen = {"tenants": selected(options.only, names(folder))} if options.only else {}
    _, code = carry_out(Request(operation, more={**parameters, **chosen}), None, folder, output)
    return code


def carry_out(request: Request, tenant: Tenant | None, folder: Path, output: Output) -> tuple[Ended, Exit]:
    """Start what is asked for, follow it and show how it ended; return that and the exit code."""
    ended = _run(request, tenant, folder, output)
    code = exits.of_state(ended.state)
    _show(request.operation, ended, output)
    output.document(document(request, ended, code))
    return ended, code


def known(name: str, folder: Path) -> Tenant | None:
    """
    Return the tenant as far as it can be known here: None when its inventory or its secrets are the workers' alone.

    Raises CutoverError with everything that is wrong with its inventory.
    """
    if settings.configured() and not (folder / name).is_dir():
        return None
    return inventories.one_or_elsewhere(name, folder) if connection.found(home()) else inventories.one(name, folder)


def _run(request: Request, tenant: Tenant | None, folder: Path, output: Output) -> Ended:
    hosts = tuple(host.name for host in tenant.hosts) if tenant else ()
    url = connection.found(home())
    if not url:
        here = in_place.server(home(), folder, output.say)
        with here as environment, display.watcher(output, hosts, str) as watcher:
            return asyncio.run(in_place.run(environment, request, hosts, watcher))
    environment = settings.runs(home(), url, folder)
    connection.demand(url)
    _demand_worker(url)
    registrar = _registrar(environment, folder)
    with display.watcher(output, hosts, lambda run: address(url, run)) as watcher, _left_alone(url, output) as started:
        run = remote.run(environment, request, hosts, watcher, started=started.append, registrar=registrar)
        return asyncio.run(run)


def _registrar(environment: dict[str, str], folder: Path) -> Registrar | None:
    """Return who registers what is new; None at a server whose workers have tenants this folder does not show."""
    worker = state.load(home(), "worker")
    if settings.configured() or worker is None or worker.tenants != str(folder):
        return None
    return Registrar(environment, home() / "logs/register.log", folder)


@contextmanager
def _left_alone(url: str, output: Output) -> Iterator[list[UUID]]:
    """Say what becomes of a run at a server when nobody follows it any more; gives the list to note its id in."""
    started: list[UUID] = []
    try:
        yield started
    except KeyboardInterrupt:
        for run in started:
            output.say(f"\nThe run goes on: {address(url, run)}")
            output.say(f"cancel it with: PREFECT_API_URL={url} prefect flow-run cancel {run}")
        raise
    except Exception as cause:
        if not remote.connection_lost(cause):
            raise
        where = address(url, started[0]) if started else url
        what, todo = "the connection to the Prefect server was lost", "the run may go on: look at it there"
        raise CutoverError(Finding("CUT-613", what, where, why=str(cause), todo=todo)) from cause


def address(url: str, run: UUID) -> str:
    """Return the page of a run in the UI of the server at `url`."""
    return connection.page(url, f"/runs/flow-run/{run}")


def _demand_worker(url: str) -> None:
    """Raise CutoverError (CUT-615) when the server is the one `up` started and its worker is gone."""
    if not settings.configured() and state.load(home(), "worker") is None:
        raise CutoverError(Finding("CUT-615", "the worker does not run any more", url, todo="cutover up"))


def _show(operation: str, ended: Ended, output: Output) -> None:
    as_plan = operation == "plan" and bool(ended.plan)
    if as_plan:
        show_markdown(ended.plan, output)
    for line in display.final_lines(ended, table=not as_plan):
        output.say(line)


def show_markdown(text: str, output: Output) -> None:
    """Show Markdown: set on a terminal, as it is elsewhere."""
    if not output.terminal:
        output.say(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))


def document(request: Request, ended: Ended, code: Exit) -> dict[str, Any]:
    """Return what --json shows of a run that is over."""
    steps = [{"what": s.what, "host": s.host, "state": s.state, "seconds": round(s.seconds, 3)} for s in ended.steps]
    return {
        "ok": code is Exit.OK,
        "exit": code,
        "operation": request.operation,
        "tenant": request.tenant,
        "run": {"id": ended.identity, "name": ended.name, "seconds": round(ended.seconds, 3)},
        "state": {"name": ended.state, "type": ended.kind, "message": ended.message},
        "plan": ended.plan,
        "result": ended.result,
        **({"cluster": ended.cluster} if ended.cluster else {}),
        "steps": steps,
    }
