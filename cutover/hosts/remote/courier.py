"""
The courier: streams between a host and an S3 store, by requests that were signed elsewhere.

It runs on hosts, with Python 3.6 or newer and nothing but its standard library. `courier.py MODE` reads its order, a
JSON object, from the file `order` in the working directory and leaves `progress` (bytes so far; of what is sent, before
it is packed) and `result` there:

count   standard input to standard output; leaves the number of bytes in `plain`, ends with EMPTY when there were none
send    standard input to an object, in parts of a multipart upload
fetch   an object to standard output
copy    many objects from one store to another

It ends with 0 or one of the statuses below; `result` then says why. Signed URLs are secrets: none is ever printed.
"""

import base64
import ctypes
import fcntl
import functools
import hashlib
import http.client
import json
import os
import queue
import random
import re
import ssl
import sys
import threading
import time
from typing import Any, Callable, Dict, List, NoReturn, Optional, Tuple, TypeVar, Union
from urllib.parse import urlsplit

EMPTY = 10
SPENT = 11
REFUSED = 12
AWAY = 13
MISSING = 14
LENGTH = 15
DIGEST = 16
CLOSED = 17

MIB = 1 << 20
TIMEOUT = 60.0
BACK_SOON = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "BadDigest", "IncompleteBody"}

T = TypeVar("T")
ENDING = threading.Lock()


class ProblemError(Exception):
    """The end of the courier's work: a status and what is to be said of it."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said


class AwayError(Exception):
    """The store did not answer, or asks to be tried again."""


def part_size(number: int) -> int:
    """Return the bytes of a part (from 1): an object may have 10,000, of any size, and every one is kept in memory."""
    if number <= 1000:
        return 16 * MIB
    return 64 * MIB if number <= 4000 else 256 * MIB


def leave(name: str, text: str) -> None:
    """Write a file of the working directory at one stroke."""
    with open(name + ".new", "w") as file:
        file.write(text)
    os.rename(name + ".new", name)


class Progress:
    """The bytes so far, written down now and then unless another program of the pipeline does so."""

    def __init__(self, written: bool = True) -> None:
        self.bytes = 0
        self._written = written
        self._lock = threading.Lock()
        self._next = 0.0

    def add(self, count: int) -> None:
        """Count some more."""
        with self._lock:
            self.bytes += count
            if self._written and time.monotonic() >= self._next:
                self._next = time.monotonic() + 0.4
                leave("progress", str(self.bytes))


@functools.lru_cache(maxsize=None)
def trust(verify: bool) -> ssl.SSLContext:
    """Return what certificates are checked against: the system's authorities, read once and when needed, or nothing."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Line:
    """One thread's connections to its stores, each kept open from one request to the next."""

    def __init__(self, verify: bool, patience: float) -> None:
        self._verify = verify
        self._patience = patience
        self._open: Dict[str, http.client.HTTPConnection] = {}

    def patiently(self, act: Callable[[], T]) -> T:
        """Do something again and again, for as long as patience lasts, until the store answers."""
        until = time.monotonic() + self._patience
        pause = 0.1
        while True:
            try:
                return act()
            except AwayError as error:
                if time.monotonic() + pause > until:
                    raise ProblemError(AWAY, str(error))
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311  no secret
            pause = min(pause * 2, 15.0)

    def ask(self, method: str, url: str, headers: Dict[str, str], body: Any = b"") -> http.client.HTTPResponse:
        """
        Send a request and return the answer when it is a good one; `body` is bytes, or an iterator of them.

        Raises AwayError or ProblemError. Unless the answer is read to its end, `hang_up` must follow.
        """
        where = urlsplit(url)
        connection = self._connection(where.scheme, where.netloc, where.hostname or "", where.port)
        try:
            answer = _exchange(connection, method, where.path + "?" + where.query, headers, body)
            if answer.status < 300:
                return answer
            said = answer.read(64 * 1024).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException, ssl.CertificateError) as error:
            self.hang_up()
            if isinstance(error, ssl.CertificateError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise ProblemError(REFUSED, "its certificate is not trusted: %s" % error)
            raise AwayError(str(error) or type(error).__name__)
        self.hang_up()
        raise _objection(answer.status, said)

    def hang_up(self) -> None:
        """Close the connections; the next request opens new ones."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _connection(self, scheme: str, netloc: str, host: str, port: Optional[int]) -> http.client.HTTPConnection:
        if netloc not in self._open:
            if scheme == "https":
                self._open[netloc] = http.client.HTTPSConnection(
                    host, port, timeout=TIMEOUT, context=trust(self._verify)
                )
            else:
                self._open[netloc] = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        return self._open[netloc]


def _exchange(
    connection: http.client.HTTPConnection, method: str, path: str, headers: Dict[str, str], body: Any
) -> http.client.HTTPResponse:
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    try:
        # piece by piece: the time-out holds for each of them, not for the whole
        for piece in _pieces(body):
            connection.send(piece)
    except (BrokenPipeError, ConnectionResetError):
        # a store that refuses answers before it has read the whole, and hangs up; without an answer this raises
        return connection.getresponse()
    return connection.getresponse()


def _pieces(body: Any) -> Any:
    if isinstance(body, (bytes, memoryview)):
        return (body[start : start + MIB] for start in range(0, len(body), MIB))
    return body


def _objection(status: int, said: str) -> Exception:
    """Return what a bad answer means; of its text only the code is taken, since stores repeat the request in it."""
    found = re.search(r"<Code>(\w+)</Code>", said)
    code = found.group(1) if found else ""
    text = "HTTP %d %s" % (status, code)
    if status == 501:
        # a store that has passed a broken part on cannot take that part again: this upload comes to nothing
        return ProblemError(MISSING, text.strip())
    if status >= 500 or status in (408, 429) or code in BACK_SOON:
        return AwayError(text.strip())
    if status == 404:
        return ProblemError(MISSING, text.strip())
    if status == 416:
        return ProblemError(LENGTH, text.strip())
    return ProblemError(REFUSED, text.strip())


def _md5(content: Any) -> Any:
    """Return the MD5 that stores compare; a host that allows approved digests alone is told that it guards nothing."""
    try:
        return hashlib.md5(content, usedforsecurity=False)
    except TypeError:
        return hashlib.md5(content)


def _in_base64(digest: Any) -> str:
    return base64.b64encode(digest.digest()).decode()


def _etag(answer: http.client.HTTPResponse) -> str:
    return (answer.getheader("ETag") or "").strip('"')


def _read_into(view: memoryview, progress: Progress) -> int:
    """Fill a buffer from standard input; fewer bytes than it holds mean that the input has ended."""
    filled = 0
    while filled < len(view):
        count = os.readv(0, [view[filled : filled + MIB]])
        if not count:
            break
        filled += count
        progress.add(count)
    return filled


class Sender:
    """
    One stream, cut into parts that several threads upload.

    A part is kept in memory until the store has it: up to `ahead` parts, counting the one that is being read, and at
    most half a gigabyte.
    """

    THREADS = 3
    AHEAD = 4
    MEMORY = 512 * MIB

    def __init__(self, order: Dict[str, Any]) -> None:
        self.urls: List[str] = order["urls"]
        self.verify: bool = order["verify"]
        self.patience: float = order["patience"]
        self.digest = hashlib.sha256()
        self.progress = Progress(written=False)
        self.etags: Dict[int, str] = {}
        self.md5s: Dict[int, str] = {}
        self._waiting: queue.Queue[Optional[Tuple[int, memoryview]]] = queue.Queue()
        self._held = 0
        self._room = threading.Condition()

    def run(self) -> Dict[str, Any]:
        """Send standard input; return what there is to say of it."""
        threads = [threading.Thread(target=guarded(self._upload), daemon=True) for _ in range(self.THREADS)]
        for thread in threads:
            thread.start()
        self._read()
        for _ in threads:
            self._waiting.put(None)
        for thread in threads:
            thread.join()
        with open("plain") as file:
            plain = int(file.read())
        numbers = range(1, len(self.etags) + 1)
        return {
            "size": self.progress.bytes,
            "plain": plain,
            "sha256": self.digest.hexdigest(),
            "etags": [self.etags[number] for number in numbers],
            "md5s": [self.md5s[number] for number in numbers],
        }

    def _read(self) -> None:
        number = 0
        while True:
            number += 1
            size = part_size(number)
            self._take(size)
            buffer = memoryview(bytearray(size))
            filled = _read_into(buffer, self.progress)
            if filled:
                if number > len(self.urls):
                    raise ProblemError(SPENT, "more than %d bytes came" % (self.progress.bytes - filled))
                self.digest.update(buffer[:filled])
                self._waiting.put((number, buffer[:filled]))
            if filled < size:
                break
        if not self.progress.bytes:
            raise ProblemError(EMPTY, "nothing came")

    def _take(self, size: int) -> None:
        with self._room:
            while self._held and self._held + size > min(self.AHEAD * size, self.MEMORY):
                self._room.wait()
            self._held += size

    def _upload(self) -> None:
        line = Line(self.verify, self.patience)
        while True:
            part = self._waiting.get()
            if part is None:
                return
            self._put(line, *part)
            with self._room:
                self._held -= part_size(part[0])
                self._room.notify()

    def _put(self, line: Line, number: int, content: memoryview) -> None:
        md5 = _md5(content)
        headers = {"Content-Length": str(len(content)), "Content-MD5": _in_base64(md5)}

        def attempt() -> str:
            answer = line.ask("PUT", self.urls[number - 1], headers, content)
            answer.read()
            return _etag(answer)

        self.md5s[number] = md5.hexdigest()
        self.etags[number] = line.patiently(attempt)


class Fetcher:
    """One object as a stream; what is cut off is taken up where it ended."""

    def __init__(self, order: Dict[str, Any]) -> None:
        self.order = order
        self.line = Line(order["verify"], order["patience"])
        self.digest = hashlib.sha256()
        self.progress = Progress()
        self.etag = ""

    def run(self) -> Dict[str, Any]:
        """Write the object to standard output; return its size and SHA-256."""
        size = self.line.patiently(self._begin)
        while self.progress.bytes < size:
            self.line.patiently(self._go_on)
        found = self.digest.hexdigest()
        if self.order["sha256"] not in (None, found):
            raise ProblemError(DIGEST, "its SHA-256 is %s, not %s" % (found, self.order["sha256"]))
        return {"size": size, "sha256": found}

    def _begin(self) -> int:
        """Take the first bytes and return the object's length."""
        answer = self.line.ask("GET", self.order["url"], {})
        self.etag = _etag(answer)
        size = int(answer.getheader("Content-Length") or 0)
        if size != self.order["size"]:
            raise ProblemError(LENGTH, "it has %d bytes, not %d" % (size, self.order["size"]))
        self._pass_on(answer, size)
        return size

    def _go_on(self) -> None:
        """Take the rest; each try that brought some bytes on is followed by another with all patience."""
        before = self.progress.bytes
        answer = self.line.ask("GET", self.order["url"], {"Range": "bytes=%d-" % before})
        if _etag(answer) != self.etag:
            raise ProblemError(DIGEST, "it was replaced while it was read")
        if answer.status != 206:
            _skip(answer, before)
        self._pass_on(answer, self.order["size"])
        if self.progress.bytes == before:
            raise AwayError("the connection was cut")

    def _pass_on(self, answer: http.client.HTTPResponse, size: int) -> None:
        """Hand on what comes until all has come or the connection is cut."""
        buffer = memoryview(bytearray(MIB))
        try:
            while self.progress.bytes < size:
                count = answer.readinto(buffer)
                if not count:
                    break
                self.digest.update(buffer[:count])
                _write(buffer[:count])
                self.progress.add(count)
        except (OSError, http.client.HTTPException):
            pass
        if self.progress.bytes < size:
            self.line.hang_up()


def _skip(answer: http.client.HTTPResponse, count: int) -> None:
    while count:
        got = len(answer.read(min(count, MIB)))
        if not got:
            raise AwayError("the connection was cut")
        count -= got


def _write(view: memoryview) -> None:
    try:
        while view:
            view = view[os.write(1, view) :]
    except BrokenPipeError:
        raise ProblemError(CLOSED, "nobody reads any more")


class Copier:
    """Many objects from one place to another, several at a time."""

    THREADS = 8
    SMALL = 16 * MIB

    def __init__(self, order: Dict[str, Any]) -> None:
        self.order = order
        self.progress = Progress()
        self.copied: Dict[str, Tuple[int, str]] = {}
        self.gone: List[str] = []
        self._waiting: queue.Queue[Tuple[str, str, str]] = queue.Queue()

    def run(self) -> Dict[str, Any]:
        """Copy everything; return what was copied and what is gone."""
        for key, get, put in self.order["copies"]:
            self._waiting.put((key, get, put))
        threads = [threading.Thread(target=guarded(self._work), daemon=True) for _ in range(self.THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"copied": self.copied, "gone": sorted(self.gone)}

    def _work(self) -> None:
        source, target = (Line(self.order[verify], self.order["patience"]) for verify in ("verify_source", "verify"))
        while True:
            try:
                key, get, put = self._waiting.get_nowait()
            except queue.Empty:
                return
            found = source.patiently(lambda: self._copy(source, target, get, put))  # noqa: B023  called at once
            if found is None:
                self.gone.append(key)
            else:
                self.copied[key] = found

    def _copy(self, source: Line, target: Line, get: str, put: str) -> Optional[Tuple[int, str]]:
        """Copy one object; return its size and SHA-256, None when it is not there any more."""
        try:
            answer = source.ask("GET", get, {})
        except ProblemError as problem:
            if problem.status == MISSING:
                return None
            raise
        size = int(answer.getheader("Content-Length") or 0)
        headers = {"Content-Length": str(size)}
        headers["Content-Type"] = answer.getheader("Content-Type") or "binary/octet-stream"
        digest = hashlib.sha256()
        body = _stream(answer, size, digest)
        try:
            if size <= self.SMALL:
                body = b"".join(body)
                headers["Content-MD5"] = _in_base64(_md5(body))
            target.ask("PUT", put, headers, body).read()
        except ProblemError as problem:
            raise ProblemError(REFUSED, "where it was to be copied to: %s" % problem.said)
        except BaseException:
            source.hang_up()
            target.hang_up()
            raise
        self.progress.add(size)
        return size, digest.hexdigest()


def _stream(answer: http.client.HTTPResponse, size: int, digest: Any) -> Any:
    """Yield the body of an answer; raises AwayError when it is cut off."""
    passed = 0
    while passed < size:
        try:
            piece = answer.read(min(MIB, size - passed))
        except (OSError, http.client.HTTPException) as error:
            raise AwayError(str(error) or type(error).__name__)
        if not piece:
            raise AwayError("the connection was cut")
        passed += len(piece)
        digest.update(piece)
        yield piece
    answer.read()


def count() -> None:
    """Pass standard input on without touching it; the kernel moves it from pipe to pipe."""
    splice = ctypes.CDLL(None, use_errno=True).splice
    for pipe in (0, 1):
        _widen(pipe)
    progress = Progress()
    while True:
        moved = splice(0, None, 1, None, ctypes.c_size_t(MIB), 1)
        if moved < 0:
            number = ctypes.get_errno()
            raise ProblemError(CLOSED, os.strerror(number))
        if not moved:
            break
        progress.add(moved)
    leave("plain", str(progress.bytes))
    leave("progress", str(progress.bytes))
    if not progress.bytes:
        raise ProblemError(EMPTY, "nothing came")


def _widen(pipe: int) -> None:
    """Let a pipe hold a megabyte, where the kernel allows it: its ends then wait less for each other."""
    try:
        fcntl.fcntl(pipe, 1031, MIB)  # F_SETPIPE_SZ
    except OSError:
        pass


def fail(problem: ProblemError) -> NoReturn:
    """
    End at once, whatever other threads are at, leaving what was wrong.

    The count leaves nothing: another courier stands further down the pipeline, and knows more.
    """
    ENDING.acquire()
    if sys.argv[1] != "count":
        leave("result", json.dumps({"problem": problem.said}))
    sys.stderr.write("courier: %s\n" % problem.said)
    sys.stderr.flush()
    os._exit(problem.status)


def guarded(act: Callable[[], None]) -> Callable[[], None]:
    """Return an act for a thread whose problem ends the whole courier."""

    def run() -> None:
        try:
            act()
        except ProblemError as problem:
            fail(problem)
        except BaseException as error:
            fail(ProblemError(1, "%s: %s" % (type(error).__name__, error)))

    return run


WORKERS: Dict[str, Callable[[Dict[str, Any]], Union[Sender, Fetcher, Copier]]] = {
    "send": Sender,
    "fetch": Fetcher,
    "copy": Copier,
}


def main() -> None:
    """Do what the command line says."""
    if sys.argv[1] == "count":
        count()
        return
    with open("order") as file:
        order = json.load(file)
    worker: Union[Sender, Fetcher, Copier] = WORKERS[sys.argv[1]](order)
    found = worker.run()
    if not isinstance(worker, Sender):
        leave("progress", str(worker.progress.bytes))
    leave("result", json.dumps(found))


if __name__ == "__main__":
    guarded(main)()
