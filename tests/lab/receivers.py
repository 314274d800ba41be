"""A mail server and a webhook that keep what they are sent."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HERE = "127.0.0.1"


class Mailbox:
    """Every message that a mail server took, for whoever knows its user's password."""

    def __init__(self, user: str, password: str) -> None:
        self.user, self.password, self.port = user, password, 0
        self.messages: list[Message] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message."""
        self.messages.append(message_from_bytes(envelope.original_content or b""))
        return "250 OK"

    def knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Say whether a login is right."""
        right = isinstance(data, LoginPassword) and data == LoginPassword(self.user.encode(), self.password.encode())
        return AuthResult(success=right)

    @property
    def subjects(self) -> list[str]:
        """What the messages are about, oldest first."""
        return [str(make_header(decode_header(message["Subject"]))) for message in self.messages]

    def url(self) -> str:
        """The address by which it is told something."""
        return f"mailto://{self.user}:{self.password}@{HERE}:{self.port}?mode=insecure&from=cutover@a.lab&to=ops@a.lab"


@contextmanager
def mailbox(user: str, password: str) -> Iterator[Mailbox]:
    """Have a mail server for a while."""
    box = Mailbox(user, password)
    with socket.socket() as free:
        free.bind((HERE, 0))
        box.port = int(free.getsockname()[1])
    server = Controller(
        box, hostname=HERE, port=box.port, authenticator=box.knows, auth_required=True, auth_require_tls=False
    )
    server.start()
    try:
        yield box
    finally:
        server.stop()


class Hook:
    """Every document that a webhook was sent."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.documents: list[dict[str, Any]] = []

    @property
    def titles(self) -> list[str]:
        """What they are about, oldest first."""
        return [str(document["title"]) for document in self.documents]

    def url(self) -> str:
        """The address by which it is told something."""
        return f"http://{HERE}:{self.port}{self.path}"


@contextmanager
def hook(path: str) -> Iterator[Hook]:
    """Have a webhook for a while."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found = self.path == kept.path
            if found:
                kept.documents.append(json.loads(body))
            self.send_response(200 if found else 404)
            self.end_headers()

        def log_message(self, *unused: object) -> None:
            pass

    server = ThreadingHTTPServer((HERE, 0), Receiver)
    kept = Hook(server.server_address[1], path)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
