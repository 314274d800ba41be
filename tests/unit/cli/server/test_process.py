from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutover.cli.server import process, state
from cutover.cli.server.process import Process
from cutover.cli.server.state import Started


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    command = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
    started = process.start(command, os.environ, tmp_path / "log", tmp_path)
    yield started
    process.kill(started)


def test_a_program_in_the_background_has_a_session_of_its_own(sleeper: Process) -> None:
    assert os.getsid(sleeper.pid) == sleeper.pid != os.getsid(0)


def test_its_log_is_for_its_owner_alone(sleeper: Process, tmp_path: Path) -> None:
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_it_is_gone_after_it_was_stopped(sleeper: Process) -> None:
    assert process.alive(sleeper)
    assert process.stop(sleeper, 10)
    assert not process.alive(sleeper)


def test_a_pid_that_was_given_away_again_is_not_taken_for_ours(sleeper: Process) -> None:
    stranger = Process(sleeper.pid, sleeper.born - 1)
    assert not process.alive(stranger)
    process.kill(stranger)
    assert process.alive(sleeper)


def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
    )
    stubborn = process.start([sys.executable, "-c", code], os.environ, tmp_path / "log", tmp_path)
    while "here" not in process.last_lines(tmp_path / "log"):
        assert process.alive(stubborn)
    assert not process.stop(stubborn, 0.2)
    process.kill(stubborn)
    assert not process.alive(stubborn)


def test_what_was_started_is_found_again_while_it_lives(sleeper: Process, tmp_path: Path) -> None:
    state.save(tmp_path, "worker", Started(sleeper, 4200, "/tenants"))
    assert state.load(tmp_path, "worker") == Started(sleeper, 4200, "/tenants")
    os.kill(sleeper.pid, signal.SIGKILL)
    assert process.gone(sleeper, 10)
    assert state.load(tmp_path, "worker") is None


@pytest.mark.parametrize("content", [None, "", "{"])
def test_no_memory_and_a_broken_one_mean_that_nothing_runs(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "server.json").write_text(content)
    assert state.load(tmp_path, "server") is None
