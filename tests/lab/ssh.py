"""The way into a host, with strict checking of its key."""

from __future__ import annotations

from tests.lab.settings import Settings

# Without ServerAlive a session to a host without power hangs for ever. The post-quantum exchange of keys, which OpenSSH
# prefers, takes a tenth of a second of a processor at either end, thousands of times.
OPTIONS = {
    "KexAlgorithms": "curve25519-sha256",
    "StrictHostKeyChecking": "yes",
    "BatchMode": "yes",
    "ConnectTimeout": "5",
    "ServerAliveInterval": "2",
    "ServerAliveCountMax": "3",
    "LogLevel": "ERROR",
}


def argv(settings: Settings, address: str, user: str, *command: str) -> list[str]:
    """The ssh command line that runs `command` (or a shell) as `user` on the host with that address."""
    options = {**OPTIONS, "UserKnownHostsFile": str(settings.known_hosts)}
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ["ssh", "-i", str(settings.key), *words, f"{user}@{address}", *command]
