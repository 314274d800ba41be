"""Package installs on hosts: the apt proxy as a server of the lab."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.lab.daemon import Daemon
from tests.lab.machine import mirror
from tests.lab.settings import Settings

PORT = 3142


class Packages:
    """Start and stop the proxy that every host's apt asks; stopped, the mirror is down for them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.daemon = Daemon(settings, "packages")

    def start(self) -> None:
        """Start it and wait until it listens; does nothing when it runs."""
        program = str(Path(__file__).with_name("aptproxy.py"))
        cache = str(self.settings.cache / "proxy")
        host = urlsplit(mirror()).hostname or ""
        self.daemon.start([sys.executable, program, self.settings.gateway, str(PORT), cache, host], self.answers)

    def stop(self) -> None:
        """End it."""
        self.daemon.stop()

    def answers(self) -> bool:
        """True if the proxy listens now."""
        try:
            socket.create_connection((self.settings.gateway, PORT), timeout=2).close()
        except OSError:
            return False
        return True
