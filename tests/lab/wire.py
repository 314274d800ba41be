"""
A wire to the lab's S3 store that can be slow, silent, cut, or break and falsify what goes over it.

    with wire(lab.store) as fragile:
        tenant.edit("bucket_url: .*", f"bucket_url: {fragile.url}")
        fragile.break_after(20 << 20)

It passes bytes on and writes down what was asked for, so that a test can look for the signatures of presigned URLs
wherever they might have been kept.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from tests.lab.store import Store

PORT = 9001
BLOCK = 1 << 16
REQUEST = re.compile(rb"(?:GET|HEAD|PUT|POST|DELETE) (/\S{0,4000}) HTTP/1\.1\r\n")
SIGNATURE = re.compile(r"X-Amz-Signature=([0-9a-f]{64})")


class Wire:
    """A wire to a store, as a place where S3 is served. What is set holds for connections that are open, too."""

    def __init__(self, store: Store) -> None:
        self.access_key, self.secret_key, self.region = store.access_key, store.secret_key, store.region
        self.url = f"http://{store.settings.gateway}:{PORT}"
        self.requests: list[str] = []
        """Path and query of every request, in their order."""
        self.rate: float | None = None
        """Bytes per second of each connection in each direction; None is as fast as it goes."""
        self._target = tuple(store.url.removeprefix("http://").split(":"))
        self._address = store.settings.gateway
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._speaking = asyncio.Event()
        self._sent = 0
        self._faults: list[tuple[int, Callable[[bytes], bytes | None]]] = []

    @property
    def signatures(self) -> list[str]:
        """The signatures of all presigned URLs that were used."""
        return [found for request in self.requests for found in SIGNATURE.findall(request)]

    def cut(self) -> None:
        """Break all connections and refuse new ones."""
        self._do(self._cut())

    def heal(self) -> None:
        """Undo a cut, a silence and slowness; faults that have not come yet are forgotten."""
        self.rate = None
        self._faults.clear()
        self._loop.call_soon_threadsafe(self._speaking.set)
        self._do(self._listen())

    def silence(self) -> None:
        """Pass nothing on, and break nothing."""
        self._loop.call_soon_threadsafe(self._speaking.clear)

    def break_after(self, count: int) -> None:
        """Break the connection over which the clients' next `count` bytes are completed, once; what follows passes."""
        self._faults.append((self._sent + count, lambda block: None))

    def falsify_after(self, count: int) -> None:
        """Turn a bit of what the clients send, `count` bytes from now, once."""
        self._faults.append((self._sent + count, _falsified))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self._address, PORT)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in self._open:
            connection.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.ensure_future(self._join(reader, writer))
        self._open.add(connection)
        connection.add_done_callback(self._open.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            inward, outward = await asyncio.open_connection(*self._target)
            ends.append(outward)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._up(reader, outward))
                both.create_task(self._carry(inward, writer))
        except* OSError:
            pass
        finally:
            for end in ends:
                end.transport.abort()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From a client to the store: what is asked is written down, and faults are met."""
        rest = b""
        while block := await reader.read(BLOCK):
            rest = self._note(rest + block)
            for piece in self._with_faults(block):
                if piece is None:
                    raise ConnectionAbortedError
                await self._pass(piece, writer)
        writer.write_eof()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while block := await reader.read(BLOCK):
            await self._pass(block, writer)
        writer.write_eof()

    async def _pass(self, block: bytes, writer: asyncio.StreamWriter) -> None:
        await self._speaking.wait()
        if self.rate:
            await asyncio.sleep(len(block) / self.rate)
        writer.write(block)
        await writer.drain()

    def _note(self, text: bytes) -> bytes:
        """Write down the requests in a text and return its end, where one may have begun."""
        end = 0
        for found in REQUEST.finditer(text):
            self.requests.append(found[1].decode(errors="replace"))
            end = found.end()
        return text[max(end, len(text) - 4096) :]

    def _with_faults(self, block: bytes) -> Iterator[bytes | None]:
        """Yield a block of what clients send in pieces, with what the faults make of them; None is a break."""
        for at, fault in sorted(self._faults, key=lambda fault: fault[0]):
            if at <= self._sent + len(block):
                self._faults.remove((at, fault))
                piece, block = block[: at - self._sent], block[at - self._sent :]
                self._sent = at
                yield fault(piece)
        self._sent += len(block)
        if block:
            yield block


def _falsified(block: bytes) -> bytes:
    return block[:-1] + bytes(byte ^ 1 for byte in block[-1:])


@contextmanager
def wire(store: Store) -> Iterator[Wire]:
    """Have a wire to a store for a while."""
    made = Wire(store)
    thread = threading.Thread(target=made._loop.run_forever, daemon=True)
    thread.start()
    made.heal()
    try:
        yield made
    finally:
        made.cut()
        made._loop.call_soon_threadsafe(made._loop.stop)
        thread.join(10)
