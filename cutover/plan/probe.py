"""How a component shows that it answers. A probe says what to ask; `cutover.hosts` knows how to ask it on a host."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TcpConnects:
    """Something accepts connections on `address:port`."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class TlsHandshakes:
    """A TLS handshake on `address:port` completes; the certificate is not judged here."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class HttpAnswers:
    """A request to `url` is answered with one of `expect`. Certificates are not verified."""

    url: str
    expect: tuple[int, ...] = (200,)
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class UdpAnswers:
    """`payload` sent to `address:port` is answered by a datagram that contains `expect`."""

    address: str
    port: int
    payload: bytes
    expect: bytes


@dataclass(frozen=True, slots=True)
class ContainerRuns:
    """`command` run inside `container` exits with 0 and prints `expect` somewhere. It never holds a secret."""

    container: str
    command: tuple[str, ...]
    expect: str = ""


@dataclass(frozen=True, slots=True)
class HostRuns:
    """`command` run on the host exits with 0 and prints `expect` somewhere. It never holds a secret."""

    command: tuple[str, ...]
    expect: str = ""


Probe = TcpConnects | TlsHandshakes | HttpAnswers | UdpAnswers | ContainerRuns | HostRuns


@dataclass(frozen=True, slots=True)
class Gate:
    """
    All probes must succeed within `deadline` seconds after the component's start.

    `on_start` are asked after the others, and only then: what they ask cannot change while the component runs.
    """

    probes: tuple[Probe, ...]
    deadline: float = 60.0
    on_start: tuple[Probe, ...] = ()
