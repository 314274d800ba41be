# mypy: disable-error-code="import-not-found,import-untyped,misc,no-untyped-call"
"""The websockets service: health on GET /health-checks, and what Redis publishes, to browsers below /consumers/."""

from __future__ import annotations

import os
import re
from typing import Any

import redis.asyncio as redis
from aiohttp import web
from redis.asyncio.sentinel import Sentinel

SENTINEL_PORT = 26379


def connect(url: str) -> Any:
    """Given redis://HOST[:PORT] or redis+sentinel://master/HOST[:PORT],..., return a client of the (main) Redis."""
    scheme, _, rest = url.partition("://")
    if scheme == "redis":
        return redis.from_url(url, socket_timeout=None, socket_connect_timeout=3)
    name, _, hosts = rest.partition("/")
    found = re.findall(r"([\w.-]+)(?::(\d+))?", hosts)
    sentinels = [(host, int(port or SENTINEL_PORT)) for host, port in found]
    return Sentinel(sentinels, socket_connect_timeout=3).master_for(name)


async def health(request: web.Request) -> web.Response:
    try:
        await request.app["redis"].ping()
    except redis.RedisError as error:
        return web.Response(status=503, text=f"Redis: {error}\n")
    return web.Response(text="healthy\n")


async def consume(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(heartbeat=30)
    await socket.prepare(request)
    async with request.app["redis"].pubsub() as channel:
        await channel.subscribe(request.match_info["channel"])
        async for message in channel.listen():
            if message["type"] == "message":
                await socket.send_bytes(message["data"])
    return socket


def main() -> None:
    host, _, port = os.environ["BIND_ADDRESS"].rpartition(":")
    app = web.Application()
    app["redis"] = connect(os.environ["REDIS_HOST"])
    app.router.add_get("/health-checks", health)
    app.router.add_get("/consumers/{channel:.+}", consume)
    web.run_app(app, host=host, port=int(port), shutdown_timeout=1, print=None)


if __name__ == "__main__":
    main()
