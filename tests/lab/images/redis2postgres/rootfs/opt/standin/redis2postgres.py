# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""Stand-in of the survey add-on: moves answers from the Redis list `survey` into the table standin_survey."""

from __future__ import annotations

import os
import signal
import sys

import psycopg2
import redis


def main() -> None:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    source = redis.Redis(host=os.environ["REDIS_HOSTNAME"], decode_responses=True)
    with psycopg2.connect("") as target, target.cursor() as cursor:
        cursor.execute("create table if not exists standin_survey (id bigserial primary key, answer text)")
    while True:
        answer = source.blpop("survey", timeout=5)
        if answer:
            with target, target.cursor() as cursor:
                cursor.execute("insert into standin_survey (answer) values (%s)", [answer[1]])


if __name__ == "__main__":
    main()
