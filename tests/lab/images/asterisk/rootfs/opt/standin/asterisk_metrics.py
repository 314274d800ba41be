"""Metrics for Prometheus on :7088/metrics of an Asterisk without a module for them; all else goes to its own HTTP."""

from __future__ import annotations

import re
import subprocess
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ASTERISK = "http://127.0.0.1:7087"


def ask(command: str) -> str:
    return subprocess.run(["asterisk", "-rx", command], capture_output=True, text=True, check=False).stdout


def metrics() -> str:
    """Calls and uptime under the names that Asterisk's own module uses; empty when Asterisk does not answer."""
    counts = {
        unit: number
        for number, unit in re.findall(r"(\d+) (active channel|active call|call)", ask("core show channels count"))
    }
    uptime = re.search(r"System uptime: (\d+)", ask("core show uptime seconds"))
    if uptime is None:
        return ""
    values = {
        "asterisk_core_uptime_seconds": uptime.group(1),
        "asterisk_channels_count": counts.get("active channel", "0"),
        "asterisk_calls_count": counts.get("active call", "0"),
        "asterisk_calls_sum": counts.get("call", "0"),
    }
    return "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in values.items())


class Front(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/metrics":
            text = metrics()
            self.answer(200 if text else 503, text.encode())
            return
        try:
            with urllib.request.urlopen(ASTERISK + self.path) as reply:  # noqa: S310 - a fixed address
                self.answer(reply.status, reply.read())
        except urllib.error.HTTPError as error:
            self.answer(error.code, error.read())
        except urllib.error.URLError:
            self.answer(502, b"")

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: Prometheus asks every few seconds."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", 7088), Front).serve_forever()
