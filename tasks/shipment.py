"""
The objects of one backup on their way from the hosts to the store.

Invariant: what is handed out as stored lies in the store as a whole and was compared with what the host sent. After the
first failure nothing more is sent: the other streams end, their uploads are thrown away, and what had arrived before
is deleted, so that of a failed backup nothing stays but what a store that is away keeps from being removed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from prefect.logging import get_run_logger

from cutover.errors import CutoverError, Finding
from cutover.hosts import courier, saving
from cutover.hosts.courier import Codec, Sent
from cutover.hosts.job import JobState, carry_out
from cutover.hosts.operation import current
from cutover.storage.keys import Kind, manifest_key, object_key
from cutover.storage.manifest import Stored, metadata
from cutover.storage.store import Head, Store, Upload
from tasks.throughput import Throughput

R = TypeVar("R")

HEADROOM = 160 * (1 << 20)
"""Bytes a stream may have beyond one and a half times what was expected."""

PATIENCE = min(180.0, courier.PATIENCE)
"""Seconds for which the store may be away between two of the controller's own requests."""

AWAY = ("CUT-700", "CUT-704")
"""Codes of a store that may be back soon."""

FORGOTTEN = ("CUT-703", "CUT-715")
"""Codes of a store that does not know an upload any more which it had begun."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    One object to be: `what` of `host`, streamed there by the lines of `source`, with `files` beside them.

    `weight` is about how many bytes will come, before compression; `most` how many may, where that cannot be known.
    """

    kind: Kind
    what: str
    host: str
    source: tuple[str, ...]
    weight: int
    most: int = 0
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def job(self) -> str:
        """The name of the job that sends it."""
        return f"backup-{self.what.replace(' ', '-')}"

    def __str__(self) -> str:
        return f"{self.what} of {self.host}"


class StoppedError(CutoverError):
    """A stream that ended because another one had failed; why, that other one says."""


class Shipment:
    """The objects of the backup `id` on their way into a store; used by several tasks at the same time."""

    def __init__(self, store: Store, tenant: str, backup: str, codec: Codec, throughput: Throughput) -> None:
        self.store, self.tenant, self.backup, self.codec = store, tenant, backup, codec
        self.throughput = throughput
        self.warnings: list[Finding] = []
        self._stopped = asyncio.Event()
        self._begun: list[str] = []

    async def send(self, part: Part) -> Stored:
        """
        Have a host send one part, and return the object that it is now, checked against the store.

        Raises CutoverError: the stream failed on the host (CUT-71x), the store refuses or is away (CUT-70x), or holds
        something else than was sent (CUT-722); StoppedError when the shipment was stopped meanwhile.
        """
        return await self.unless_stopped(part, self._send(part))

    async def unless_stopped(self, what: object, work: Coroutine[Any, Any, R]) -> R:
        """Do some work of the shipment to its end, or until the shipment is stopped: then raise StoppedError."""
        if self._stopped.is_set():
            work.close()
            raise _stopped(what)
        working = asyncio.create_task(work)
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
        finally:
            stopped.cancel()
            if not working.done():
                working.cancel()
                await asyncio.wait({working})
        raise _stopped(what)

    def stop(self) -> None:
        """End all streams; nothing more is sent."""
        self._stopped.set()

    async def discard(self) -> None:
        """
        Delete what had arrived already; what cannot be deleted is no backup without a manifest either.

        First the manifest, which may have been written although the answer was lost: never one without its data.
        """
        try:
            await self.store.delete([manifest_key(self.backup), *self._begun])
        except CutoverError as error:
            get_run_logger().warning("objects of the failed backup stay until they are pruned: %s", error)

    async def _send(self, part: Part) -> Stored:
        key = object_key(part.kind, self.backup, part.host, encrypted=self.codec.recipient is not None)
        self._begun.append(key)
        try:
            sent, head = await self._uploaded(part, key)
        except CutoverError as error:
            if error.findings[0].code not in FORGOTTEN:
                raise
            get_run_logger().warning("%s: the store has forgotten the upload; it is sent once more", part)
            sent, head = await self._uploaded(part, key)
        await self._compare(part, key, sent, head)
        return Stored(kind=part.kind, host=part.host, key=key, size=sent.size, sha256=sent.sha256, plain=sent.plain)

    async def _uploaded(self, part: Part, key: str) -> tuple[Sent, Head]:
        """Stream a part into an object; an upload that comes to nothing is thrown away."""
        about = metadata(self.tenant, self.backup)
        upload = await patiently(lambda: self.store.begin(key, about))
        try:
            sent = await self._carried(part, upload)
            return sent, await self._completed(upload, sent)
        except BaseException:
            await asyncio.shield(self._abandon(upload))
            raise

    async def _carried(self, part: Part, upload: Upload) -> Sent:
        """Carry the stream from the host into the parts of the upload."""
        numbers = range(1, courier.parts_for(max(part.weight * 3 // 2, part.most) + HEADROOM) + 1)
        urls = await asyncio.to_thread(self.store.signed_parts, upload, numbers)
        job = courier.send(
            part.job,
            part.source,
            urls,
            self.codec,
            verify=self.store.place.bucket.verify,
            files=part.files,
            libraries=(saving.LIBRARY,),
        )

        async def seen(state: JobState) -> None:
            await self.throughput.seen(str(part), state.progress)

        state = await carry_out(current(), part.host, job, seen)
        judge(state, str(part), part.host)
        self._note_changes(part, state.log)
        sent = Sent.of(state)
        await self.throughput.seen(str(part), sent.size)
        return sent

    def _note_changes(self, part: Part, log: str) -> None:
        if changed := saving.changed(log):
            some = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
            what = f"files changed while {part.what} were read"
            self.warnings.append(Finding("CUT-728", what, part.host, some, fatal=False))

    async def _completed(self, upload: Upload, sent: Sent) -> Head:
        """Make one object of the parts; an answer that was lost on its way may mean that it is made already."""

        async def complete() -> Head:
            try:
                return await self.store.complete(upload, sent.etags)
            except CutoverError:
                found = await self.store.head(upload.key)
                if found is None or found.size != sent.size:
                    raise
                return found

        return await patiently(complete)

    async def _abandon(self, upload: Upload) -> None:
        with contextlib.suppress(CutoverError):
            await self.store.abort(upload)

    async def _compare(self, part: Part, key: str, sent: Sent, head: Head) -> None:
        """Raise CutoverError unless the store holds what the host sent, byte for byte."""
        why = ""
        if head.size != sent.size:
            why = f"{head.size} bytes arrived, {sent.size} were sent"
        elif not sent.confirmed:
            why = await self._read_back(part, key, sent)
        if why:
            todo = "ask the store's operator; then run the same command again"
            what = f"the store does not hold what was sent: {part}"
            raise CutoverError(Finding("CUT-722", what, self.store.place.name, why, todo))

    async def _read_back(self, part: Part, key: str, sent: Sent) -> str:
        """Have the host read an object back from a store whose etags say nothing; return what was found wrong."""
        wanted = courier.Fetched(self.store.signed_get(key), sent.size, sent.sha256, Codec(zstd=False))
        verify = self.store.place.bucket.verify
        job = courier.fetch(f"{part.job}-check", wanted, ("cat >/dev/null",), verify=verify)
        found = courier.objection(await carry_out(current(), part.host, job), str(part), part.host)
        return f"{found.what}: {found.why}" if found else ""


def _stopped(what: object) -> StoppedError:
    return StoppedError(Finding("CUT-720", f"{what} was not saved", str(what), "another part failed"))


def judge(state: JobState, what: str, where: str) -> None:
    """Raise CutoverError when a transfer has failed."""
    found = courier.objection(state, what, where)
    if found:
        raise CutoverError(found)


async def patiently(ask: Callable[[], Awaitable[R]]) -> R:
    """Ask a store again and again for a while when it cannot be reached or fails; any other error passes on."""
    until = asyncio.get_running_loop().time() + PATIENCE
    pause = 1.0
    while True:
        try:
            return await ask()
        except CutoverError as error:
            if error.findings[0].code not in AWAY or asyncio.get_running_loop().time() + pause > until:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, 15.0)
