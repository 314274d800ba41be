"""The one form of a task: never cached, retried only for a broken transport, named so that an operator reads it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from cutover.errors import HostUnreachableError

P = ParamSpec("P")
R = TypeVar("R")


async def worth_retrying(task: Task[Any, Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed step is worth another attempt: only when the transport broke, not when a host said no."""
    return isinstance(state.data, HostUnreachableError)


Step = Callable[P, Coroutine[Any, Any, R]]


def step(name: str, *, retries: int = 2, timeout: float = 900) -> Callable[[Step[P, R]], Step[P, R]]:
    """
    Make a task of an async function.

    `name` is the task run's name and may hold the function's arguments in braces; `timeout` (seconds) bounds each
    attempt. Steps are safe to repeat, so a lost connection is tried again after 2 and 4 s.
    """

    def decorate(function: Step[P, R]) -> Step[P, R]:
        return task(
            name=function.__name__.replace("_", " "),
            task_run_name=name,
            cache_policy=NO_CACHE,
            retries=retries,
            retry_delay_seconds=exponential_backoff(2),
            retry_condition_fn=worth_retrying,
            timeout_seconds=timeout,
        )(function)

    return decorate
