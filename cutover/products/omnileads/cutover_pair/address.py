"""The virtual IPs on this host's interface."""

from __future__ import annotations

import array
import fcntl
import socket
import struct
import subprocess
from pathlib import Path

ARP = 0x0806

LIST_ADDRESSES = 0x8912
"""SIOCGIFCONF of netdevice(7)."""

ENTRY = 40
"""Bytes of one address in its answer: a name of 16, then a socket address."""

MOST = 256
"""Addresses that a host has at most."""


def held(nic: str) -> frozenset[str]:
    """Return every IPv4 address of an interface; asked several times a second, so without a process."""
    found = array.array("B", bytes(MOST * ENTRY))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        said = fcntl.ioctl(asked, LIST_ADDRESSES, struct.pack("iL", len(found), found.buffer_info()[0]))
    length = struct.unpack("iL", said)[0]
    entries = [found[start : start + ENTRY].tobytes() for start in range(0, length, ENTRY)]
    return frozenset(socket.inet_ntoa(each[20:24]) for each in entries if each[:16].rstrip(b"\0").decode() == nic)


def take(nic: str, address: str, prefix: int) -> None:
    """Put an address on an interface and tell the neighbours; raises OSError or CalledProcessError."""
    _ip("add", nic, address, prefix)
    announce(nic, address)


def drop(nic: str, address: str, prefix: int) -> None:
    """Take an address off an interface; raises CalledProcessError."""
    _ip("delete", nic, address, prefix)


def announce(nic: str, address: str) -> None:
    """Tell the neighbours that an address is here (gratuitous ARP): they would go on sending to its last holder."""
    own = bytes.fromhex(Path(f"/sys/class/net/{nic}/address").read_text().strip().replace(":", ""))
    everybody = b"\xff" * 6
    packed = socket.inet_aton(address)
    head = everybody + own + struct.pack("!H", ARP) + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((nic, ARP))
        raw.send(head + own + packed + everybody + packed)


def _ip(verb: str, nic: str, address: str, prefix: int) -> None:
    subprocess.run(
        ["/usr/sbin/ip", "address", verb, f"{address}/{prefix}", "dev", nic], check=True, capture_output=True, timeout=5
    )
