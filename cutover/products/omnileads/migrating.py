"""How the application's database schema moves: what asks, what moves it, and who must stand still meanwhile."""

from __future__ import annotations

from cutover.products.omnileads.components.django import MANAGE

COMPONENT = "django"
"""The component whose image brings the migrations."""

USERS = frozenset({"django", "daphne", "cron", "redis2postgres"})
"""Components that know the schema; Asterisk only writes its queue log, whose table no migration moves."""

PENDING = ("python3", MANAGE, "showmigrations", "--plan")
"""Prints one line a migration, `[X]` before those that are done, `[ ]` before those that are not."""

MIGRATE = ("python3", MANAGE, "migrate", "--noinput")


def pending(printed: str) -> tuple[str, ...] | None:
    """Given what `PENDING` printed, return the migrations not done; None when that lists no migration."""
    lines = [line.strip() for line in printed.splitlines()]
    if not any(line.startswith(("[X]", "[ ]")) for line in lines):
        return None
    return tuple(line.removeprefix("[ ]").split()[0] for line in lines if line.startswith("[ ]") and line[3:].strip())
