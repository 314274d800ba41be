# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""
Stand-in of the HEP collector: counts packets on HEPADDR (UDP) and HEPTCPADDR (TCP), tells them on PROMADDR.

Addresses are HOST:PORT in the variables HEPLIFYSERVER_*. The database is only tried at the start, as the original
needs it: an unreachable one ends the process.
"""

from __future__ import annotations

import asyncio
import os

import psycopg2
from aiohttp import web


class Collector(asyncio.DatagramProtocol):
    """Counts what arrives."""

    def __init__(self) -> None:
        self.packets = 0

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.packets += data.startswith(b"HEP")

    async def stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.packets += data.count(b"HEP3")
        writer.close()


def address(name: str, default: str) -> tuple[str, int]:
    host, _, port = os.environ.get(f"HEPLIFYSERVER_{name}", default).rpartition(":")
    return host or "0.0.0.0", int(port)  # noqa: S104 - the original listens everywhere by default


def check_database() -> None:
    host, port = address("DBADDR", "localhost:5432")
    value = {name: os.environ.get(f"HEPLIFYSERVER_{name}", "") for name in ("DBUSER", "DBPASS", "DBSHEMA")}
    schema = value["DBSHEMA"] or "homer7"
    psycopg2.connect(
        host=host,
        port=port,
        user=value["DBUSER"],
        password=value["DBPASS"],
        dbname=schema,
        connect_timeout=5,
    ).close()


async def main() -> None:
    check_database()
    collector = Collector()
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: collector, address("HEPADDR", ":9060"))
    await asyncio.start_server(collector.stream, *address("HEPTCPADDR", ":9061"))

    async def metrics(request: web.Request) -> web.Response:
        text = f"# TYPE heplify_standin_packets counter\nheplify_standin_packets {collector.packets}\n"
        return web.Response(text=text)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, handle_signals=True)
    await runner.setup()
    await web.TCPSite(runner, *address("PROMADDR", ":9096")).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except web.GracefulExit:
        raise SystemExit(0) from None
