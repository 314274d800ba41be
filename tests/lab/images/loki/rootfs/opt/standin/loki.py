# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""
Stand-in of Loki: keeps the last lines pushed to it in memory.

Reads -config.file (port, address). Answers GET /ready and /metrics, POST /loki/api/v1/push (JSON) and
GET /loki/api/v1/labels with the names of the labels seen.
"""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

LINES = 10_000


def configuration(arguments: list[str]) -> dict[str, Any]:
    """The file named by -config.file=PATH or --config.file=PATH."""
    for argument in arguments:
        flag, _, value = argument.partition("=")
        if flag.lstrip("-") == "config.file":
            read: dict[str, Any] = yaml.safe_load(Path(value).read_text()) or {}
            return read
    return {}


async def ready(request: web.Request) -> web.Response:
    return web.Response(text="ready\n")


async def metrics(request: web.Request) -> web.Response:
    count = len(request.app["lines"])
    return web.Response(text=f"# TYPE loki_standin_lines gauge\nloki_standin_lines {count}\n")


async def push(request: web.Request) -> web.Response:
    for stream in (await request.json())["streams"]:
        request.app["labels"].update(stream["stream"])
        request.app["lines"].extend(line for _, line in stream["values"])
    return web.Response(status=204)


async def labels(request: web.Request) -> web.Response:
    return web.json_response({"status": "success", "data": sorted(request.app["labels"])})


def main(arguments: list[str]) -> None:
    server = configuration(arguments).get("server", {})
    app = web.Application()
    app["lines"], app["labels"] = deque[str](maxlen=LINES), set[str]()
    app.router.add_get("/ready", ready)
    app.router.add_get("/metrics", metrics)
    app.router.add_post("/loki/api/v1/push", push)
    app.router.add_get("/loki/api/v1/labels", labels)
    host, port = server.get("http_listen_address") or None, server.get("http_listen_port", 3100)
    web.run_app(app, host=host, port=port, shutdown_timeout=1, print=None)


if __name__ == "__main__":
    main(sys.argv[1:])
