# mypy: disable-error-code="import-not-found"
"""
The object store: nginx on :9000, rclone's S3 server behind it, administration beside it.

rclone learns its keys at its start, so a new user restarts it; nginx keeps the port meanwhile.
"""

from __future__ import annotations

import base64
import csv
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType

from standin_minio.users import User, Users

S3 = "/run/standin-s3.sock"
ADMIN_PORT = 19000
NGINX = f"""
daemon off;
user root;
worker_processes 2;
error_log stderr;
pid /run/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  server {{
    listen 9000;
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    location /minio/ {{ proxy_pass http://127.0.0.1:{ADMIN_PORT}; }}
    location / {{ proxy_pass http://unix:{S3}; }}
  }}
}}
"""


class Store:
    """rclone's S3 server on a socket of its own."""

    def __init__(self, directory: Path, users: Users) -> None:
        self._directory = directory
        self._users = users
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def restart(self) -> None:
        """Serve with the users of now; returns when the socket accepts connections."""
        with self._lock:
            self.stop()
            Path(S3).unlink(missing_ok=True)
            command = ["rclone", "serve", "s3", "--addr", f"unix://{S3}", "--vfs-cache-mode", "off"]
            command += ["--filter", "- /.minio.sys/**", "--dir-cache-time", "1s", str(self._directory)]
            environment = {**os.environ, "RCLONE_AUTH_KEY": self._keys(), "RCLONE_CONFIG": "/dev/null"}
            self._process = subprocess.Popen(command, env=environment)
            self._await_socket()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _keys(self) -> str:
        """The pairs as the environment holds them for rclone: never as arguments, which anybody may list."""
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(f"{user},{key}" for user, key in self._users.accepted().items())
        return line.getvalue()

    def _await_socket(self) -> None:
        while self.alive():
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(S3) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit("the S3 server did not start")


class Administration(BaseHTTPRequestHandler):
    """
    GET /minio/health/live, and for root:

    POST /minio/standin/users lists the users with their policies, one a line; with an access key and a secret key,
    one a line, it adds a user first. POST /minio/standin/policies attaches: the user and the policy, one a line.
    """

    store: Store
    users: Users

    def do_GET(self) -> None:
        known = self.path.startswith("/minio/health/")
        self._answer((200 if self.store.alive() else 503) if known else 404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        if not self._is_root():
            return self._answer(403)
        lines = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode().splitlines()
        try:
            self._change(lines)
        except KeyError:
            return self._answer(404)
        except ValueError:
            return self._answer(409)
        return self._answer(200, "\n".join(f"{name} {','.join(user['policies'])}" for name, user in self._listed()))

    def _change(self, lines: list[str]) -> None:
        before = self.users.accepted()
        if self.path == "/minio/standin/policies":
            self.users.attach(lines[0], lines[1])
        elif lines:
            self.users.add(lines[0], lines[1])
        if self.users.accepted() != before:
            self.store.restart()

    def _listed(self) -> list[tuple[str, User]]:
        return sorted(self.users.added().items())

    def _is_root(self) -> bool:
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        user, _, secret = base64.b64decode(credentials).decode().partition(":")
        return scheme == "Basic" and self.users.is_root(user, secret)

    def _answer(self, status: int, text: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: the store is asked every few seconds."""


def main(arguments: list[str]) -> None:
    if len(arguments) < 2 or arguments[0] != "server":
        raise SystemExit("usage: minio server DIRECTORY [--console-address ADDRESS]")
    directory = Path(arguments[1])
    users = Users(directory, os.environ["MINIO_ROOT_USER"], os.environ["MINIO_ROOT_PASSWORD"])
    store = Administration.store = Store(directory, users)
    Administration.users = users
    store.restart()
    Path("/etc/nginx/nginx.conf").write_text(NGINX)
    administration = ThreadingHTTPServer(("127.0.0.1", ADMIN_PORT), Administration)
    threading.Thread(target=administration.serve_forever, daemon=True).start()
    front = subprocess.Popen(["nginx"])

    def stop(number: int, frame: FrameType | None) -> None:
        front.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    front.wait()
    store.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
