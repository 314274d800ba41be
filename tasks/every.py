"""The same step on all hosts at the same time, judged together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from cutover.errors import CutoverError, Finding, HostUnreachableError, LeaseHeldError

R = TypeVar("R")


async def every(hosts: Iterable[str], act: Callable[[str], Awaitable[R]]) -> dict[str, R]:
    """
    Do something on every host at the same time and return the results by host.

    All hosts are awaited before anything is judged. Raises one CutoverError with the findings of all hosts that
    failed; an error that is not ours is raised as it is.
    """
    names = tuple(hosts)
    results = await asyncio.gather(*(act(name) for name in names), return_exceptions=True)
    raise_together(result for result in results if isinstance(result, BaseException))
    return {name: result for name, result in zip(names, results, strict=True) if not isinstance(result, BaseException)}


def raise_together(errors: Iterable[BaseException]) -> None:
    """
    Raise what several steps raised as one error, each finding once; return when there is nothing to raise.

    A host that is gone comes first: the rest may be what follows from it.
    """
    findings: list[Finding] = []
    for error in sorted(errors, key=lambda error: not isinstance(error, HostUnreachableError)):
        if not isinstance(error, CutoverError) or isinstance(error, LeaseHeldError):
            raise error
        findings.extend(error.findings)
    if findings:
        raise CutoverError(dict.fromkeys(findings))
