"""Jobs that move streams: what they are made of, and what is said when they fail."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from cutover.hosts.courier import Codec, Copy, Fetched, copy, fetch, objection, parts_for, send
from cutover.hosts.job import Job, JobState, run_file
from cutover.hosts.remote import courier as program
from cutover.secret import Secret

URL = Secret("https://store/bucket/key?X-Amz-Signature=c0ffee")
IDENTITY = Secret("AGE-SECRET-KEY-1QQQ")
SENDS = send("database", ["echo"], [URL], Codec(recipient="age1xyz"))
FETCHES = fetch("database", Fetched(URL, 5, "00", Codec(identity=IDENTITY, crlf=True)), ["cat"])
COPIES = copy("media", [Copy("a.wav", URL, URL)])


@pytest.mark.parametrize("job", [SENDS, FETCHES, COPIES], ids=lambda job: job.name)
def test_w22_no_secret_stands_in_a_script(job: Job) -> None:
    for secret in (URL, IDENTITY):
        assert secret.reveal() not in run_file(job).decode()
    assert URL.reveal() in job.files["order"].decode()


@pytest.mark.parametrize("job", [SENDS, FETCHES, COPIES], ids=lambda job: job.name)
def test_the_script_is_one_that_bash_reads(job: Job) -> None:
    subprocess.run(["bash", "-n"], input=run_file(job), check=True)


def test_stages_stand_in_the_order_of_the_stream() -> None:
    assert "stages source count compress encrypt send --" in SENDS.lines[-1]
    assert "stages fetch decrypt unpack newlines sink --" in FETCHES.lines[-1]
    bare = fetch("database", Fetched(URL, 5, None, Codec(zstd=False)), ["cat"])
    assert "stages fetch sink --" in bare.lines[-1]


def test_as_many_parts_are_signed_as_a_stream_needs() -> None:
    mib = 1 << 20
    assert [parts_for(size) for size in (0, 1, 16 * mib, 16 * mib + 1, 16_000 * mib, 16_001 * mib)] == [
        1,
        1,
        1,
        2,
        1000,
        1001,
    ]


def ended(stages: Mapping[str, int], problem: str = "", log: str = "") -> JobState:
    return JobState(False, 1, stages, result={"problem": problem} if problem else {}, log=log)


FULL = "zstd: error 70 : Write error : cannot write block : No space left on device"
SENDING = {"source": 0, "count": 0, "compress": 0, "send": 0}
FETCHING = {"fetch": 0, "decrypt": 0, "unpack": 0, "sink": 0}
STORE_GONE = {"source": 141, "count": program.CLOSED, "compress": 141, "send": program.AWAY}


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [
        (ended({**SENDING, "source": 1}, log="pg_dump: error: connection refused"), "CUT-711", "connection refused"),
        (ended({**SENDING, "source": 1, "count": program.EMPTY}, log="pg_dump: no"), "CUT-711", "pg_dump: no"),
        (ended({**SENDING, "count": program.EMPTY}), "CUT-712", "not one byte"),
        (ended({**SENDING, "send": program.SPENT}, "more than 5 bytes came"), "CUT-711", "grown"),
        (ended({**SENDING, "source": 141, "send": program.REFUSED}, "HTTP 403 AccessDenied"), "CUT-713", "403"),
        (ended(STORE_GONE, "timed out"), "CUT-714", "timed out"),
        (ended({**SENDING, "source": 141, "compress": 70}, log=FULL), "CUT-711", "No space"),
        (ended({**FETCHING, "fetch": program.MISSING, "unpack": 1}, "HTTP 404"), "CUT-715", "404"),
        (ended({**FETCHING, "fetch": program.LENGTH, "unpack": 1}, "it has 4 bytes, not 5"), "CUT-716", "4 bytes"),
        (ended({**FETCHING, "fetch": program.DIGEST}, "its SHA-256 is x"), "CUT-717", "SHA-256"),
        (ended({**FETCHING, "fetch": program.DIGEST, "unpack": 1, "sink": 1}, "its SHA-256"), "CUT-717", "SHA-256"),
        (ended({"fetch": program.CLOSED, "decrypt": 1, "unpack": 1, "sink": 1}, log="age: no"), "CUT-718", "age: no"),
        (ended({**FETCHING, "unpack": 1, "sink": 1}, log="zstd: not in format"), "CUT-719", "not in format"),
        (ended({**FETCHING, "fetch": 17, "unpack": 141, "sink": 1}, log="pg_restore: error: x"), "CUT-719", "error: x"),
        (
            ended({**SENDING, "source": 1, "count": 17, "compress": 141, "encrypt": 1}, log="age: x"),
            "CUT-711",
            "age: x",
        ),
        (ended({**SENDING, "source": 1, "count": 17, "compress": 141, "send": 1}, log="courier: y"), "CUT-711", "y"),
        (ended({"copy": 1}, log="courier: MemoryError"), "CUT-711", "MemoryError"),
        (ended({}, log="killed"), "CUT-711", "killed"),
    ],
)
def test_of_all_that_failed_the_cause_is_named(state: JobState, code: str, said: str) -> None:
    found = objection(state, "the database of acme", "data_1")
    assert found is not None
    assert (found.code, found.where) == (code, "data_1")
    assert said in found.why


def test_a_transfer_that_went_well_has_no_objection() -> None:
    assert objection(JobState(False, 0, SENDING), "the database", "data_1") is None


def test_rows_that_a_database_repeats_in_its_errors_are_not_passed_on() -> None:
    log = "pg_restore: error: COPY failed\nDETAIL:  Key (phone)=(555) exists\nCONTEXT:  COPY contact, line 3: 555"
    found = objection(ended({**FETCHING, "sink": 1}, log=log), "the database", "data_1")
    assert found is not None
    assert found.why == "pg_restore: error: COPY failed"


def test_a_job_copies_no_more_objects_than_fit_into_its_order(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2500"):
        copy("media", [Copy("a.wav", URL, URL)] * 2501)
    assert len(json.loads(COPIES.files["order"])["copies"]) == 1
