"""Redundancy, watched: told when it is lost, and then again only once a day until it is back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.artifacts import Artifact, acreate_markdown_artifact

from tasks.artifacts import counted, key
from tasks.cluster import Cluster
from tasks.cluster_table import publish_cluster, trouble_rows
from tasks.report import Report

AGAIN = timedelta(days=1)
"""How long the same troubles are known before they are told once more."""


def news(troubles: list[str], told: dict[str, Any], now: datetime) -> bool:
    """
    Given what is wrong and what was told last (its `troubles` and when, `at`), return whether it is to be told.

    What is new is; what was told less than a day ago is not.
    """
    if not troubles:
        return False
    if set(troubles) - set(told.get("troubles", ())):
        return True
    return now - datetime.fromisoformat(told["at"]) >= AGAIN


async def judge_redundancy(found: Cluster, report: Report) -> None:
    """Conclude the run: as Healthy, as Degraded where that has to be told, and as StillDegraded where it was told."""
    await publish_cluster(found)
    tenant = found.tenant.name
    kept = await Artifact.aget(key("watch", tenant))
    told = json.loads(str(kept.data).strip("`\n")) if kept and kept.data else {}
    now = datetime.now(UTC)
    wrong = [f"{each.node}: {each.what}" for each in found.troubles]
    report.add(trouble_rows(found))
    telling = news(wrong, told, now)
    if telling or not wrong:
        known = json.dumps({"troubles": wrong, "at": now.isoformat()})
        await acreate_markdown_artifact(
            f"```\n{known}\n```", key=key("watch", tenant), description="what was told last"
        )
    if not wrong:
        report.conclude("Healthy", "the cluster has two of everything")
        return
    mend = found.troubles[0].todo
    said = f"{counted(len(wrong), 'thing')} wrong: {wrong[0]}; {mend}"
    report.conclude("Degraded" if telling else "StillDegraded", said, well=not telling)
