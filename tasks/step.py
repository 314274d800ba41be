"""The one form of a task: never cached, retried only for a broken transport, named so that an operator reads it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext
from prefect.exceptions import TerminationSignal
from prefect.tasks import exponential_backoff

from cutover.errors import HostUnreachableError
from tasks import ending

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
        made = task(
            name=function.__name__.replace("_", " "),
            task_run_name=name,
            cache_policy=NO_CACHE,
            retries=retries,
            retry_delay_seconds=exponential_backoff(2),
            retry_condition_fn=worth_retrying,
            timeout_seconds=timeout,
        )(function)

        @wraps(function)
        async def run(*args: P.args, **kwargs: P.kwargs) -> R:
            _forget_results()
            try:
                return await made(*args, **kwargs)
            except TerminationSignal:
                # those beside it would be awaited, for as long as they take
                ending.end()
                raise

        return run

    return decorate


def _forget_results() -> None:
    """
    Let Prefect draw no arrows between steps.

    It draws one wherever a step is given something that another one returned, recognised by its address in memory:
    an empty tuple is enough. What a step really comes after is the plan's matter.
    """
    context = FlowRunContext.get()
    if context is not None:
        context.run_results.clear()
