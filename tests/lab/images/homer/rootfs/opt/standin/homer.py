# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""Stand-in of Homer's web interface: one page on port 80 that says which database and which Loki it was given."""

from __future__ import annotations

import os

from aiohttp import web

NAMES = ("DB_HOST", "DB_USER", "LOKI_HOST", "PROM_HOST")


async def page(request: web.Request) -> web.Response:
    rows = "".join(f"<li>{name}: {os.environ.get(name, '')}" for name in NAMES)
    return web.Response(text=f"<h1>Homer (stand-in)</h1><ul>{rows}</ul>", content_type="text/html")


def main() -> None:
    app = web.Application()
    app.router.add_get("/", page)
    web.run_app(app, port=80, shutdown_timeout=1, print=None)


if __name__ == "__main__":
    main()
