"""A host's own place in the machine's cgroup trees."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.lab.machine import cgroup_trees
from tests.lab.settings import Settings


def ensure(settings: Settings, host: str, memory: int | None = None) -> tuple[Path, ...]:
    """
    Make the cgroups of a host, one in each tree, and return them; `memory` limits it to that many bytes.

    Without them two hosts would share one `system.slice`.
    """
    own = tuple(tree / settings.name / host for tree in cgroup_trees())
    for group in own:
        group.parent.mkdir(exist_ok=True)
        for controller in ("+cpu", "+memory", "+pids"):
            with contextlib.suppress(OSError):
                (group.parent / "cgroup.subtree_control").write_text(controller)
        group.mkdir(exist_ok=True)
        for limit in ("memory.limit_in_bytes", "memory.max"):
            if memory and (group / limit).exists():
                (group / limit).write_text(str(memory))
    return own


def remove(settings: Settings, host: str) -> None:
    """Remove the cgroups of a host without processes."""
    for tree in cgroup_trees():
        _remove_tree(tree / settings.name / host)


def remove_all(settings: Settings) -> None:
    """Remove the cgroups of all hosts of the lab."""
    for tree in cgroup_trees():
        _remove_tree(tree / settings.name)


def groups(settings: Settings) -> list[Path]:
    """The cgroups of the lab that exist, without those of its hosts."""
    return [group for tree in cgroup_trees() if (group := tree / settings.name).exists()]


def memory_used(settings: Settings, host: str) -> int | None:
    """Bytes of anonymous memory of a host's processes; None where the machine does not count them."""
    for tree in cgroup_trees():
        statistics = tree / settings.name / host / "memory.stat"
        if statistics.exists():
            numbers = dict(line.split() for line in statistics.read_text().splitlines())
            return int(numbers.get("total_rss", numbers.get("anon", 0)))
    return None


def _remove_tree(group: Path) -> None:
    for path in sorted(group.rglob("*"), reverse=True):
        if path.is_dir():
            with contextlib.suppress(OSError):
                path.rmdir()
    with contextlib.suppress(OSError):
        group.rmdir()
