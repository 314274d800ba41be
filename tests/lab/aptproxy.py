"""
A caching HTTP proxy for apt, the only way from a lab host to anything outside the lab.

Serves packages of the named mirrors and refuses all else, so hosts need no name resolution and no forwarding.
Started as a program: aptproxy.py ADDRESS PORT CACHE MIRROR-HOST...
"""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import threading
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ASKED = {"range", "if-modified-since", "if-range", "user-agent"}
ANSWERED = {"content-type", "last-modified", "content-range", "etag"}


class Proxy(ThreadingHTTPServer):
    """The server with its cache and the names it may ask."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], cache: Path, mirrors: frozenset[str]) -> None:
        super().__init__(address, Request)
        self.cache = cache
        self.mirrors = mirrors


class Request(BaseHTTPRequestHandler):
    """One connection of an apt on a host."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        """Answer from the cache or from the mirror; 403 for anything that is not a mirror."""
        url = urllib.parse.urlsplit(self.path)
        if url.scheme != "http" or url.hostname not in self.server.mirrors or url.port:
            self.send_error(HTTPStatus.FORBIDDEN, "not a package mirror")
            return
        # These two never change their content under one name.
        lasting = url.path.endswith(".deb") or "/by-hash/" in url.path
        kept = self.server.cache / hashlib.sha256(self.path.encode()).hexdigest()
        if lasting and kept.exists():
            self._answer(HTTPStatus.OK, [], kept.read_bytes())
            return
        status, headers, body = self._fetch(url.hostname, url._replace(scheme="", netloc="").geturl())
        self._answer(status, headers, body)
        if lasting and status == HTTPStatus.OK:
            part = kept.with_suffix(f".{threading.get_ident()}")
            part.write_bytes(body)
            part.rename(kept)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: apt on the host reports what matters."""

    def _fetch(self, host: str, path: str) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            asked = {name: value for name, value in self.headers.items() if name.lower() in ASKED}
            connection.request("GET", path, headers=asked)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except OSError as error:
            return HTTPStatus.BAD_GATEWAY, [], str(error).encode()
        finally:
            connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() in ANSWERED:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until killed."""
    address, port, cache, *mirrors = sys.argv[1:]
    os.umask(0o077)
    Path(cache).mkdir(parents=True, exist_ok=True)
    Proxy((address, int(port)), Path(cache), frozenset(mirrors)).serve_forever()


if __name__ == "__main__":
    main()
