"""What tells one job from another, what its script says, and what is read from a host's answer."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from cutover.hosts import job
from cutover.hosts.job import Job, JobState
from cutover.hosts.script import call, library

JOB = Job("database", ("true",), {"order": b"one"})


@pytest.mark.parametrize(
    "other",
    [
        Job("database", ("false",), {"order": b"one"}),
        Job("database", ("true",), {"order": b"two"}),
        Job("database", ("true",), {"orde": b"rone"}),
        Job("other", ("true",), {"order": b"one"}),
    ],
)
def test_another_job_has_another_mark(other: Job) -> None:
    assert job.mark(JOB, "token") == job.mark(Job("database", ("true",), {"order": b"one"}), "token")
    assert job.mark(other, "token") != job.mark(JOB, "token") != job.mark(JOB, "other")


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "Ä", "a/b"])
def test_a_name_is_one_of_a_folder_and_of_a_unit(name: str) -> None:
    with pytest.raises(ValueError, match="name of a job"):
        Job(name, ())


def test_what_a_host_says_of_a_job_is_read() -> None:
    result = base64.b64encode(json.dumps({"size": 5}).encode()).decode()
    log = base64.b64encode(b"said\n").decode()
    lines = ["job\tended\t1", f"result\t{result}", f"log\t{log}", "progress\t77", "stage\tsource\t0", "stage\tsend\t12"]
    assert job.parse("\n".join(lines)) == JobState(
        False, 1, {"source": 0, "send": 12}, progress=77, result={"size": 5}, log="said\n"
    )
    assert job.parse("job\trunning\n") == JobState(True)
    assert job.parse("job\tgone\nprogress\t5") is None
    assert job.parse("") is None


@pytest.mark.parametrize(
    ("pipeline", "written", "status"),
    [
        ("true | cat | cat", {"a": "0", "b": "0", "c": "0"}, 0),
        ("(exit 3) | cat | (exit 12)", {"a": "3", "b": "0", "c": "12"}, 1),
        ("(exit 3) | cat | cat", {"a": "3", "b": "0", "c": "0"}, 1),
    ],
)
def test_the_end_of_every_stage_is_written_down(
    tmp_path: Path, pipeline: str, written: dict[str, str], status: int
) -> None:
    text = f'{library("stages")}\n{pipeline}\nstages a b c -- "${{PIPESTATUS[@]}}"'
    done = subprocess.run(["bash", "-c", text], cwd=tmp_path, check=False)
    rows = [line.split("\t") for line in (tmp_path / "stages").read_text().splitlines()]
    assert {row[1]: row[2] for row in rows} == written
    assert done.returncode == status


@pytest.mark.parametrize(("code", "number", "written"), [(1, 0, "0"), (1, 12, "12"), (2, 9, "137"), (2, 15, "143")])
def test_how_a_job_ended_is_asked_for_where_systemd_does_not_tell_its_last_act(
    tmp_path: Path, code: int, number: int, written: str
) -> None:
    (tmp_path / "database").mkdir()
    answers = f"case $2 in *Code) echo ExecMainCode={code} ;; *) echo ExecMainStatus={number} ;; esac"
    lines = [library("job"), f"jobs={tmp_path}", f"systemctl() {{ {answers}; }}", call("job_ended", "database")]
    subprocess.run(["bash", "-s"], input="\n".join(lines), text=True, check=True, env={"PATH": os.environ["PATH"]})
    assert (tmp_path / "database" / "status").read_text() == written
