"""What Prefect's own database says of a run, read beside the server."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.lab.controller import Controller, Result

TASKS = """
select task_run.name, task_run.state_type, task_run.start_time, task_run.end_time
from task_run join flow_run on flow_run.id = task_run.flow_run_id
where replace(flow_run.id, '-', '') = ? and task_run.start_time is not null order by task_run.start_time
"""


def begun_after_the_first_failure(controller: Controller, result: Result) -> list[str]:
    """The names of the task runs that began after another one of the same run had failed."""
    run = str(result.json["run"]["id"]).replace("-", "")
    with closing(sqlite3.connect(f"file:{controller.home}/prefect.db?mode=ro", uri=True)) as database:
        rows = database.execute(TASKS, (run,)).fetchall()
    failure = min(end for _, state, _, end in rows if state == "FAILED")
    return [name for name, _, start, _ in rows if start > failure]
