"""How other programs of the host speak to the guard: one line of JSON each way over a socket of the file system."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socketserver
import threading
from typing import Any

from .guard import Guard
from .settings import RUN

SOCKET = RUN / "socket"


def serve(guard: Guard) -> None:
    """Answer in the background. The socket is root's and postgres', whose repmgrd asks for promotion."""

    class Asked(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                answer = _answer(guard, json.loads(self.rfile.readline()))
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    SOCKET.unlink(missing_ok=True)
    old = os.umask(0o117)
    try:
        server = socketserver.ThreadingUnixStreamServer(str(SOCKET), Asked)
    finally:
        os.umask(old)
    shutil.chown(SOCKET, group="postgres")
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()


def _answer(guard: Guard, request: dict[str, Any]) -> dict[str, Any]:
    verb = request["verb"]
    if verb == "promote":
        return {"refused": guard.ask_for_promotion(request["patience"], handed_over=request["handed_over"])}
    if verb == "withdraw":
        guard.withdraw()
    elif verb == "hold":
        guard.hold(request["seconds"], hand_over=request["hand_over"])
    elif verb == "unhold":
        guard.unhold()
    return guard.status()
