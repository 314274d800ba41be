# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""
Stand-in of Promtail: follows the files of the scrape configuration and pushes their lines to Loki as JSON.

Reads -config.file (server, clients, scrape_configs with static_configs and __path__). Answers GET /ready, /metrics.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import yaml
from aiohttp import ClientError, ClientSession, ClientTimeout, web

SECONDS = 2


class Follower:
    """The files of one label set, with how far each has been read."""

    def __init__(self, labels: dict[str, str]) -> None:
        self.pattern = labels["__path__"]
        self.labels = {name: value for name, value in labels.items() if name != "__path__"}
        self._offsets = {path: path.stat().st_size for path in self._files()}

    def _files(self) -> list[Path]:
        return list(Path("/").glob(self.pattern.lstrip("/")))

    def streams(self) -> Iterator[dict[str, Any]]:
        """What was written since the last call, one stream a file."""
        for path in self._files():
            size, seen = path.stat().st_size, self._offsets.get(path, 0)
            with path.open(errors="replace") as file:
                file.seek(seen if seen <= size else 0)
                lines = file.read().splitlines()
                self._offsets[path] = file.tell()
            if lines:
                values = [[str(time.time_ns()), line] for line in lines]
                yield {"stream": {**self.labels, "filename": str(path)}, "values": values}


def followers(configuration: dict[str, Any]) -> list[Follower]:
    jobs = configuration.get("scrape_configs") or []
    label_sets = [static["labels"] for job in jobs for static in job.get("static_configs") or []]
    return [Follower(labels) for labels in label_sets if "__path__" in labels]


async def follow(app: web.Application) -> None:
    async with ClientSession(timeout=ClientTimeout(5)) as session:
        while True:
            for follower in app["followers"]:
                await push(app, session, list(follower.streams()))
            await asyncio.sleep(SECONDS)


async def push(app: web.Application, session: ClientSession, streams: list[dict[str, Any]]) -> None:
    for client in app["clients"] if streams else []:
        try:
            async with session.post(client["url"], json={"streams": streams}) as answer:
                answer.raise_for_status()
            app["sent"] += sum(len(stream["values"]) for stream in streams)
        except (ClientError, TimeoutError) as error:
            print(f"{client['url']}: {error}", file=sys.stderr, flush=True)


async def following(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(follow(app))
    yield
    task.cancel()


async def ready(request: web.Request) -> web.Response:
    return web.Response(text="Ready\n")


async def metrics(request: web.Request) -> web.Response:
    sent = request.app["sent"]
    return web.Response(text=f"# TYPE promtail_standin_sent counter\npromtail_standin_sent {sent}\n")


def main(arguments: list[str]) -> None:
    path = next(value for flag, _, value in (each.partition("=") for each in arguments) if "config.file" in flag)
    configuration = yaml.safe_load(Path(path).read_text())
    app = web.Application()
    app["clients"], app["followers"] = configuration.get("clients") or [], followers(configuration)
    app["sent"] = 0
    app.cleanup_ctx.append(following)
    app.router.add_get("/ready", ready)
    app.router.add_get("/metrics", metrics)
    server = configuration.get("server") or {}
    host, port = server.get("http_listen_address") or None, server.get("http_listen_port", 9080)
    web.run_app(app, host=host, port=port, shutdown_timeout=1, print=None)


if __name__ == "__main__":
    main(sys.argv[1:])
