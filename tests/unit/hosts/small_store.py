"""A store for tests of the courier: objects in memory behind real HTTP, which fails when it is told to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from threading import Lock, Thread


@dataclass(slots=True)
class Fault:
    """What happens to requests of a method whose path begins so, for that many times."""

    method: str
    path: str
    times: int = 1
    status: int = 0
    code: str = "InternalError"
    cut_after: int | None = None

    def applies(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and path.startswith(self.path)


@dataclass(slots=True)
class SmallStore:
    """The objects by path, the faults to come, and every request that came."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    md5_etags: bool = True
    lock: Lock = field(default_factory=Lock)

    def fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.applies(method, path):
                    fault.times -= 1
                    return fault
        return None

    def etag(self, content: bytes) -> str:
        digest = hashlib.md5(content).hexdigest()  # noqa: S324
        return digest if self.md5_etags else f"sealed{digest}"


def _handler(store: SmallStore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            fault = self._noted()
            if fault and fault.cut_after is not None:
                self.rfile.read(fault.cut_after)
                self.close_connection = True
                return
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if fault:
                self._refuse(fault)
                return
            store.objects[self._path()] = content
            self._answer(200, b"", {"ETag": f'"{store.etag(content)}"'})

        def do_GET(self) -> None:
            fault = self._noted()
            if fault and fault.status:
                self._refuse(fault)
                return
            content = store.objects.get(self._path())
            if content is None:
                self._refuse(Fault("GET", "", status=404, code="NoSuchKey"))
                return
            begin = int((re.findall(r"bytes=(\d+)-", self.headers.get("Range", "")) or [0])[0])
            etag = {"ETag": f'"{store.etag(content)}"'}
            cut = fault.cut_after if fault else None
            self._answer(206 if begin else 200, content[begin:], etag, cut)

        def _path(self) -> str:
            return self.path.partition("?")[0]

        def _noted(self) -> Fault | None:
            store.requests.append((self.command, self.path, self.headers.get("Host", "")))
            return store.fault(self.command, self.path)

        def _refuse(self, fault: Fault) -> None:
            said = f"<Error><Code>{fault.code}</Code><StringToSign>{self.path}</StringToSign></Error>"
            self._answer(fault.status, said.encode(), {})

        def _answer(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[:cut])
            self.close_connection = self.close_connection or cut is not None

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def serving(address: str = "127.0.0.1") -> Iterator[SmallStore]:
    """Give a store that answers until the end."""
    store = SmallStore()

    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in address else AF_INET
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A courier that has seen enough hangs up."""

    server = Server((address, 0), _handler(store))
    store.url = f"http://{f'[{address}]' if ':' in address else address}:{server.server_address[1]}"
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
