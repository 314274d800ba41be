"""A project with flows that touch no host, so that the command, a server and a worker can be tried by themselves."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab import database
from tests.lab.settings import Settings

ROOT = Path(__file__).parents[3]

LONGEST = 600.0
"""Seconds that a command may take on a machine under heavy load."""

ENTRY = r"(?s)name: (\S+)\n    description:.*?entrypoint: flows\.(\w+):(\w+)"
OWN = ("backup_fleet", "drift_fleet", "upgrade_fleet")
"""Flows that touch no host themselves and are tried as they are."""

FLOW = '''
"""A trial: its final state is named after the tenant."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Annotated

from prefect import flow, task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.states import Completed, Failed
from pydantic import Field

from cutover.errors import NeedlessError
from tasks.turn import demand_turn

TENANTS = sorted(path.name for path in Path(os.environ["CUTOVER_TENANTS"]).iterdir())
TenantName = Annotated[str, Field(json_schema_extra={"enum": TENANTS})]


@task(task_run_name="{component} on {host}")
async def step(component: str, host: str, until: Path) -> None:
    logging.getLogger("cutover.trial").warning("%s: works on %s", host, component)
    while not until.exists():
        await asyncio.sleep(0.2)


@flow(name="OPERATION", flow_run_name="OPERATION {tenant}")
async def FUNCTION(
    tenant: TenantName,
    why: str = "",
    backup: str = "",
    host: str = "",
    delete: bool = False,
    approved: bool = False,
    cut_calls: bool = False,
):
    try:
        await demand_turn()
    except NeedlessError as why_not:
        return Completed(name="Skipped", message=str(why_not))
    await acreate_markdown_artifact("# What is to be done", key=f"plan-{tenant}")
    root = Path(os.environ["CUTOVER_ROOT"])
    await step("nginx", "omnileads_aio", root / "go" if tenant == "slow" else root)
    row = {"host": "omnileads_aio", "component": "nginx", "action": "restart", "result": "changed", "seconds": 0.5}
    rows = [row | {"message": ""}]
    if tenant == "fresh":
        rows.append(rows[0] | {"component": "admin password", "action": "do once"})
    await acreate_table_artifact(rows, key=f"result-{tenant}")
    if tenant == "broken":
        raise RuntimeError("this had to come")
    if tenant == "busy":
        return Failed(name="Busy", message="install busy of somebody@elsewhere holds it")
    return Completed(message="1 component", data={"bytes": 1_000_000})
'''


class Project:
    """A folder with prefect.yaml, settings, flows and tenants of its own, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.tenants = folder, folder / "home", folder / "tenants"
        self.port = free_port()
        shutil.copytree(ROOT / "deployments", folder / "deployments")
        shutil.copy(ROOT / "prefect.yaml", folder)
        (folder / "flows").mkdir()
        (folder / "flows/__init__.py").touch()
        for module in OWN:
            shutil.copy(ROOT / f"flows/{module}.py", folder / "flows")
        for operation, module, function in re.findall(ENTRY, (folder / "prefect.yaml").read_text()):
            trial = FLOW.replace("OPERATION", operation).replace("FUNCTION", function)
            if module not in OWN:
                (folder / f"flows/{module}.py").write_text(trial)

    def add(self, *names: str, example: str = "aio") -> None:
        """Make tenants of a layout."""
        for name in names:
            (self.tenants / name).mkdir(parents=True)
            shutil.copy(ROOT / f"tenants/example-{example}/inventory.yml", self.tenants / name)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of an operator who works with this project."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "CUTOVER_"))}
        examples = (path.read_text() for path in ROOT.glob("tenants/example-*/inventory.yml"))
        names = [name for text in examples for name in re.findall(r"\{env: (\w+)\}", text)]
        own = {"CUTOVER_ROOT": self.folder, "CUTOVER_HOME": self.home, "CUTOVER_TENANTS": self.tenants}
        return clean | dict.fromkeys(names, "p4ssw0rd-of-a-trial") | {key: str(value) for key, value in own.items()}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the command."""
        # A shell starts what it puts in the background deaf to Ctrl-C, and so would be all that runs below it.
        command = ["env", "--default-signal=INT", sys.executable, "-m", "cutover.cli.main", *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True, cwd=self.folder)

    def cutover(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        started = self.start(*words)
        out, err = started.communicate(timeout=LONGEST)
        return subprocess.CompletedProcess(words, started.returncode, out, err)

    @contextmanager
    def up(self) -> Iterator[str]:
        """Have a server and a worker run, on a database made beforehand; give what `cutover up` has printed."""
        database.place(Settings.from_environment(), self.home)
        try:
            started = self.cutover("up", "--port", str(self.port))
            assert started.returncode == 0, started.stderr
            yield started.stdout
        finally:
            self.cutover("down", "--now")

    def interrupted(self, *words: str, when: str) -> subprocess.CompletedProcess[str]:
        """Run the command and press Ctrl-C when its output holds `when`."""
        started = self.start(*words)
        seen = read_until(started, when)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=60)
        return subprocess.CompletedProcess(words, started.returncode, seen + out, err)


def read_until(started: subprocess.Popen[str], text: str) -> str:
    """Return what a command prints up to the line that holds `text`; fail when it ends without."""
    assert started.stdout is not None
    seen = ""
    while text not in seen:
        line = started.stdout.readline()
        assert line, seen
        seen += line
    return seen


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
