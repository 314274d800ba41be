"""
Cutover without hosts of one's own: a host of the lab, a tenant installed on it, and Prefect to look at.

`python -m tests.lab.demo` makes what is missing and does with the real command what an operator does; again it
reuses what is there. `--down` removes all of it but the cache.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_urlsafe

from cutover.cli.server import controller as server
from cutover.cli.server import state
from cutover.errors import CutoverError
from tests.lab import requirements
from tests.lab.cli.page import Page
from tests.lab.controller import Controller
from tests.lab.errors import LabError
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.narrator import Narrator
from tests.lab.settings import Settings
from tests.lab.site import answers
from tests.lab.tenants import PROJECT, draft

FOLDER = PROJECT / ".cutover/demo"
TENANT = "demo"
HOST = "aio"
PORT = 4200
CALLS = 20
BUCKET = "backups"
# A lab of its own, so that tests and demo do not meet.
OWN_LAB = {"CUTOVER_LAB_NAME": "demo", "CUTOVER_LAB_NET": "10.99.1"}


def main(words: Sequence[str] | None = None) -> int:
    """Make the demo, or remove it with --down; what prevents it is one readable text and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.demo", description=__doc__)
    parser.add_argument("--port", type=int, help=f"port of the Prefect UI (the one it has, else {PORT})")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where tenant and controller are (%(default)s)")
    parser.add_argument("--down", action="store_true", help="remove everything that the demo made")
    options = parser.parse_args(words)
    try:
        requirements.refuse()
        narrator = Narrator()
        lab = Lab(Settings.from_environment(OWN_LAB | os.environ), narrator.detail)
        folder = options.folder.absolute()
        return remove(lab, folder) if options.down else make(lab, folder, options.port, narrator)
    except (LabError, CutoverError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def make(lab: Lab, folder: Path, wished: int | None, narrator: Narrator) -> int:
    """Bring everything up, install the tenant, and say where it is; returns the exit code."""
    controller = Controller(lab.settings, private(folder))
    port = free_port(controller, wished)
    build(lab, narrator)
    host = boot(lab, narrator)
    write_tenant(controller, lab, host)
    environment = write_environment(controller)
    narrator.say(f"the tenant {TENANT} is described in {controller.tenants / TENANT / 'inventory.yml'}")

    print(f"\nFrom here on it is what you would type yourself.\n\n$ source {environment}", flush=True)
    cutover(controller, "trust", TENANT, "--yes")
    cutover(controller, "up", *(["--port", str(port)] if port != PORT else []))
    cutover(controller, "install", TENANT)
    cutover(controller, "status", TENANT)
    statuses = answers(host.address)
    if statuses != [302, 200]:
        raise LabError(f"https://{host.address}/ answers {statuses} instead of 302, then 200")
    with narrator.during(f"{CALLS} calls are made up, so that there is something to save"):
        host.run(f"podman exec oml-django-server ./manage.py standin_calls {CALLS}")
    cutover(controller, "backup", TENANT)
    cutover(controller, "backups", TENANT)
    print(farewell(controller, host, port, environment, narrator.seconds), flush=True)
    return 0


def private(folder: Path) -> Path:
    """Return a folder that only its owner may look into, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def free_port(controller: Controller, wished: int | None) -> int:
    """
    Return the port of the Prefect server: the one it runs with, else the wished one, else 4200.

    Raises LabError now, not after minutes of building, when it cannot have it.
    """
    running = state.load(controller.home, "server")
    if running:
        if wished not in (None, running.port):
            raise LabError(f"the demo runs with port {running.port}: `make demo-down` first, or leave the port out")
        return running.port
    port = wished or PORT
    try:
        server.refuse_busy(port)
    except CutoverError as error:
        raise LabError(f"port {port} is busy: end what uses it (ss -ltnp), or make demo PORT={port + 1}") from error
    return port


def build(lab: Lab, narrator: Narrator) -> None:
    """Build what the cache lacks: some minutes the first time, a second or two later."""
    if missing := requirements.missing():
        with narrator.during(f"installing Debian packages on this machine: {' '.join(missing)}"):
            requirements.ensure()
    with narrator.during("a host's file system and stand-in images, from Debian packages (minutes the first time)"):
        together(lambda: lab.build("omnileads"), lambda: lab.build("registry"), lab.build_images)
    with narrator.during("network, registry, package proxy and S3 store of the lab, images pushed to the registry"):
        lab.up(by_hand=True)
        lab.provide_images()
        lab.store.start()
        lab.store.make_bucket(BUCKET)


def together(*works: Callable[[], None]) -> None:
    """Do several things at the same time; raises what one of them raised, after the others have ended."""
    with ThreadPoolExecutor() as pool:
        for job in [pool.submit(work) for work in works]:
            job.result()


def boot(lab: Lab, narrator: Narrator) -> Host:
    """Return the one host, made where it is missing, switched on and answering."""
    with narrator.during(f"booting the host {HOST}: systemd, sshd, podman, a network of its own"):
        there = [host for host in lab.hosts() if host.name == HOST]
        hosts = there or lab.create([HOST], "omnileads")
        lab.start(hosts)
    return hosts[0]


def write_tenant(controller: Controller, lab: Lab, host: Host) -> None:
    """
    Describe the tenant by the example of a single host, with random secrets and a bucket for its backups; one that is
    there stays.
    """
    if (controller.tenants / TENANT).exists():
        return
    half = controller.tenants.with_name("half")
    shutil.rmtree(half, ignore_errors=True)
    made = draft(half, TENANT, "aio", [host], lambda variable: token_urlsafe(18))
    made.save_to(lab.store, BUCKET)
    made.folder.rename(controller.tenants / TENANT)
    half.rmdir()


def write_environment(controller: Controller) -> Path:
    """Write what a shell needs to use the demo's tenant, controller and lab; return the file's short name."""
    names = [name for name in controller.environment if name.startswith("CUTOVER_")]
    values = {name: controller.environment[name] for name in names} | OWN_LAB
    values |= {name: value for name, value in os.environ.items() if name.startswith("CUTOVER_LAB")}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(values.items())]
    lines += [f"export PATH={shlex.quote(str(PROJECT / '.venv/bin'))}:$PATH", "unset PREFECT_API_URL"]
    file = controller.tenants.with_name("env")
    file.write_text("\n".join(lines) + "\n")
    return file.relative_to(PROJECT) if file.is_relative_to(PROJECT) else file


def cutover(controller: Controller, *words: str) -> None:
    """Show and run a command line of Cutover; raises LabError when it fails, having said why itself."""
    print(f"\n$ cutover {' '.join(words)}", flush=True)
    # Without a keyboard: nothing asks, and the password is not shown in the middle.
    done = subprocess.run(
        [PROJECT / ".venv/bin/cutover", *words],
        env=controller.environment,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise LabError(f"cutover {' '.join(words)}: exit code {done.returncode}; the same command again goes on")


def farewell(controller: Controller, host: Host, port: int, environment: Path, seconds: float) -> str:
    """Return what there is now, what to try, and how to be rid of it."""
    tunnels = f"ssh -L {port}:127.0.0.1:{port} -L 8443:{host.address}:443 root@THIS-MACHINE"
    there = [
        ("Site", f"https://{host.address}/   answers 302, then 200 (its certificate is self-signed)"),
        ("Log in", login(controller)),
        ("Prefect UI", f"http://127.0.0.1:{port}/"),
        ("This run", run_page(port)),
        ("From afar", f"{tunnels}, then https://127.0.0.1:8443/"),
    ]
    tries = [
        (f"source {environment}", ""),
        (f"cutover install {TENANT}", "# again: nothing to do, nothing restarted"),
        (f"python -m tests.lab ssh {HOST} systemctl stop nginx", "# break something"),
        (f"cutover status {TENANT}", "# says so, exit code 5"),
        (f"cutover plan {TENANT}", "# what would be done about it"),
        (f"cutover install {TENANT}", "# starts nginx, nothing else"),
        (f"cutover drill {TENANT}", "# proves the backup: restores it beside the live database"),
        (f"cutover restore {TENANT}", "# brings it back, after it has shown what that means"),
    ]
    return (
        f"\nReady after {seconds:.0f} s.\n\n{_columns(there)}\n\nTry next\n{_columns(tries)}\n\n"
        "Remove everything: make demo-down\n"
    )


def _columns(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(first) for first, _ in rows)
    return "\n".join(f"  {first:{width}}  {second}".rstrip() for first, second in rows)


def login(controller: Controller) -> str:
    """Return the administrator's name and first password, which can be had once."""
    answer = controller.run("password", TENANT, "--json")
    if answer.status:
        return "admin, with the password that was shown by the first `make demo`"
    return f"admin / {answer.json['password']}   (shown once, kept nowhere)"


def run_page(port: int) -> str:
    """Return the address of the newest install's page in the Prefect UI; of the UI itself when there is none."""
    ui = f"http://127.0.0.1:{port}"
    wanted = {"sort": "START_TIME_DESC", "limit": 1, "flows": {"name": {"any_": ["install"]}}}
    runs = Page(port).ask("POST", "/flow_runs/filter", wanted)
    return f"{ui}/runs/flow-run/{runs[0]['id']}" if runs else ui


def remove(lab: Lab, folder: Path) -> int:
    """Stop the controller, remove the host and everything the demo wrote; returns the exit code."""
    if folder.exists():
        cutover(Controller(lab.settings, folder), "down", "--now")
    lab.down()
    shutil.rmtree(folder, ignore_errors=True)
    left = lab.leftovers()
    print("\n".join(left) or f"nothing of the demo is left but the cache: rm -r {lab.settings.directory}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
