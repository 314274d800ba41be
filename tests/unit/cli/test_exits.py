from __future__ import annotations

import pytest

from cutover.cli.exits import Exit, of_error, of_findings, of_state
from cutover.errors import CutoverError, Finding, HostUnreachableError, LeaseHeldError


def finding(code: str, fatal: bool = True) -> Finding:
    return Finding(code, "something", "somewhere", fatal=fatal)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("Completed", Exit.OK),
        ("Planned", Exit.OK),
        ("Unchanged", Exit.OK),
        ("Healthy", Exit.OK),
        ("Skipped", Exit.OK),
        ("Degraded", Exit.UNHEALTHY),
        ("Drifted", Exit.UNHEALTHY),
        ("Refused", Exit.REFUSED),
        ("Busy", Exit.BUSY),
        ("Failed", Exit.FAILED),
        ("Crashed", Exit.FAILED),
        ("Cancelled", Exit.FAILED),
        ("TimedOut", Exit.FAILED),
        ("a name nobody knows", Exit.FAILED),
    ],
)
def test_w20_the_name_of_the_final_state_gives_the_exit_code(state: str, code: Exit) -> None:
    assert of_state(state) is code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CutoverError(finding("CUT-107")), Exit.BAD_INPUT),
        (CutoverError(finding("CUT-601")), Exit.BAD_INPUT),
        (CutoverError(finding("CUT-611")), Exit.CONTROLLER),
        (CutoverError(finding("CUT-301")), Exit.REFUSED),
        (CutoverError(finding("CUT-770")), Exit.CONTROLLER),
        (CutoverError(finding("CUT-774")), Exit.BAD_INPUT),
        (CutoverError(finding("CUT-776")), Exit.FAILED),
        (HostUnreachableError(finding("CUT-201")), Exit.REFUSED),
        (LeaseHeldError(finding("CUT-210")), Exit.BUSY),
    ],
)
def test_an_error_gives_the_exit_code_of_where_it_comes_from(error: CutoverError, code: Exit) -> None:
    assert of_error(error) is code


def test_warnings_alone_are_no_failure() -> None:
    assert of_findings([finding("CUT-150", fatal=False)]) is Exit.OK
    assert of_findings([finding("CUT-150", fatal=False), finding("CUT-107")]) is Exit.BAD_INPUT
