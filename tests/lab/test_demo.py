"""`make demo`, as a new user meets it; what has to be built comes from the cache of the other tests."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import httpx
import pytest

from tests.lab.command import run
from tests.lab.lab import Lab
from tests.lab.site import answers

PORT = 4899
LIMIT = 900.0
# Beside the lab of the other tests, which stays up.
OWN = {"CUTOVER_LAB_NAME": "demotest", "CUTOVER_LAB_NET": "10.99.249"}
COMMANDS = ("trust demo --yes", f"up --port {PORT}", "install demo", "status demo", "backup demo", "backups demo")


def demo(folder: Path, *words: str) -> CompletedProcess[str]:
    command = (sys.executable, "-m", "tests.lab.demo", "--folder", folder, *words)
    return run(*command, check=False, timeout=LIMIT, environment=os.environ | OWN)


@pytest.fixture(scope="module")
def folder(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("demo") / "demo"
    yield made
    assert demo(made, "--down").returncode == 0
    assert not made.exists()


def found(pattern: str, shown: str) -> str:
    match = re.search(pattern, shown)
    assert match, shown
    return match[1]


@pytest.fixture(scope="module")
def first(folder: Path) -> CompletedProcess[str]:
    """The demo that makes everything."""
    made = demo(folder, "--port", str(PORT))
    assert made.returncode == 0, made.stdout + made.stderr
    return made


def password(first: CompletedProcess[str]) -> str:
    return found(r"Log in +admin / (\w+) ", first.stdout)


def test_the_demo_ends_with_a_site_that_answers_and_a_run_to_look_at(
    folder: Path, first: CompletedProcess[str]
) -> None:
    assert [line[2:] for line in first.stdout.splitlines() if line.startswith("$ cutover")] == [
        f"cutover {words}" for words in COMMANDS
    ]
    assert answers(found(r"Site +https://([\d.]+)/", first.stdout)) == [302, 200]
    for what in ("Prefect UI", "This run"):
        # As a browser asks: pages of the UI are made there, and the server answers all others with "not found".
        page = httpx.get(found(rf"{what} +(http\S+)", first.stdout), headers={"Accept": "text/html"}, trust_env=False)
        assert page.status_code == httpx.codes.OK
    assert password(first)
    secrets = list((folder / "tenants/demo/secrets").iterdir())
    assert secrets
    assert {file.stat().st_mode & 0o777 for file in secrets} == {0o600}


@pytest.mark.thorough
def test_the_demo_again_reuses_what_is_there_and_shows_no_password(folder: Path, first: CompletedProcess[str]) -> None:
    again = demo(folder)
    assert "Unchanged: " in again.stdout, again.stdout + again.stderr
    assert password(first) not in again.stdout


def test_a_busy_port_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = demo(tmp_path / "demo", "--port", str(port))
    assert refused.returncode == 1
    assert f"port {port} is busy" in refused.stderr
    assert refused.stdout == ""
