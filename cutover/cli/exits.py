"""What the command's exit codes mean; scripts rely on them, so they never change their meaning."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from cutover.errors import CutoverError, Finding, HostUnreachableError, LeaseHeldError


class Exit(IntEnum):
    """
    The outcome of one command.

    `OK` done, or nothing to do; `FAILED` the run failed, crashed or was cancelled; `BAD_INPUT` wrong command
    line or inventory; `REFUSED` a host cannot be reached or preflight refused, nothing was changed; `BUSY`
    another operation holds the tenant; `UNHEALTHY` it runs, but a component does not answer, its hosts have
    drifted, or its newest backup is late; `CONTROLLER` the Prefect server or worker cannot be used;
    `INTERRUPTED` Ctrl-C.
    """

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    REFUSED = 3
    BUSY = 4
    UNHEALTHY = 5
    CONTROLLER = 6
    INTERRUPTED = 130


_BY_STATE = {
    "Completed": Exit.OK,
    "Planned": Exit.OK,
    "Unchanged": Exit.OK,
    "Healthy": Exit.OK,
    "Skipped": Exit.OK,
    "Proven": Exit.OK,
    "Adopted": Exit.OK,
    "Degraded": Exit.UNHEALTHY,
    "StillDegraded": Exit.UNHEALTHY,
    "Drifted": Exit.UNHEALTHY,
    "Refused": Exit.REFUSED,
    "Busy": Exit.BUSY,
}

_BY_RANGE = {
    "1": Exit.BAD_INPUT,
    "2": Exit.REFUSED,
    "3": Exit.REFUSED,
    "4": Exit.BAD_INPUT,
    "5": Exit.UNHEALTHY,
    "70": Exit.REFUSED,
    "79": Exit.BAD_INPUT,
}

_BY_NUMBER = {
    "770": Exit.CONTROLLER,
    "771": Exit.CONTROLLER,
    "772": Exit.BAD_INPUT,
    "773": Exit.BAD_INPUT,
    "774": Exit.BAD_INPUT,
    "775": Exit.BAD_INPUT,
}
"""Codes that are not where their range would put them."""


def of_state(name: str) -> Exit:
    """Return the exit code for the name of a run's final state; a name nobody knows counts as failed."""
    return _BY_STATE.get(name, Exit.FAILED)


def of_error(error: CutoverError) -> Exit:
    """Return the exit code of an error that ended a command before or without a run."""
    if isinstance(error, LeaseHeldError):
        return Exit.BUSY
    if isinstance(error, HostUnreachableError):
        return Exit.REFUSED
    return of_findings(error.findings)


def of_findings(findings: Iterable[Finding]) -> Exit:
    """Return the exit code of the first fatal finding; the digits of its code tell where it comes from."""
    codes = [_of_code(finding.code) for finding in findings if finding.fatal]
    return codes[0] if codes else Exit.OK


def _of_code(code: str) -> Exit:
    number = code.removeprefix("CUT-")
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    if number.startswith("6"):
        return Exit.BAD_INPUT if number < "610" else Exit.CONTROLLER
    return _BY_RANGE.get(number[:2]) or _BY_RANGE.get(number[:1], Exit.FAILED)
