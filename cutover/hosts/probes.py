"""Health gates as shell: how each kind of probe is asked on a host."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable

from cutover.hosts.script import call
from cutover.plan.desired import Service
from cutover.plan.probe import ContainerRuns, Gate, HostRuns, HttpAnswers, Probe, TcpConnects, TlsHandshakes, UdpAnswers


def question(probe: Probe) -> str:
    """Return the shell call (library `gates`) that asks a probe once."""
    match probe:
        case TcpConnects(address, port):
            return call("tcp", address, port)
        case TlsHandshakes(address, port):
            return call("tls", address, port)
        case HttpAnswers(url, expect, method):
            return call("http", method, url, *expect)
        case UdpAnswers(address, port, payload, expect):
            return call("udp", address, port, b64encode(payload).decode(), expect.decode("ascii"))
        case ContainerRuns(container, command, expect):
            return call("inside", expect, container, *command)
        case HostRuns(command, expect):
            return call("here", expect, *command)


def _name(service: Service) -> str:
    return "check_" + "".join(letter if letter.isalnum() else "_" for letter in service.component)


def _asks(service: Service, probes: Iterable[Probe]) -> str:
    questions = " &&\n  ".join(map(question, probes)) or "true"
    return f"{_name(service)}() {{\n  {questions}\n}}"


def wait_lines(service: Service) -> list[str]:
    """Return the lines that wait until a service is healthy; the script's status says whether it became so."""
    asked = _asks(service, (*service.gate.probes, *service.gate.on_start))
    return [asked, call("gate", service.unit, int(service.gate.deadline), _name(service))]


def verdict_lines(services: Iterable[Service], patience: int = 0) -> list[str]:
    """
    Return the lines that ask every service once, all at the same time.

    With `patience` (seconds) a unit that was started less than so long ago is asked until it answers. Each prints
    `healthy<TAB>component` or `sick<TAB>component<TAB>what was seen`; one that others start prints nothing where it
    does not run.
    """
    asked = [service for service in services if service.gate.probes]
    lines = [_asks(service, service.gate.probes) for service in asked]
    for service in asked:
        again = (service.unit, min(patience, int(service.gate.deadline))) if patience else ()
        here = "" if service.started else f"! {call('systemctl', '--quiet', 'is-active', service.unit)} || "
        lines.append(f"{here}{call('verdict', service.component, _name(service), *again)} &")
    return [*lines, "wait"]


def longest_wait(gate: Gate) -> float:
    """Seconds after which a gate has certainly answered, counting the time its last round of probes may take."""
    return gate.deadline + 25.0 * max(1, len(gate.probes) + len(gate.on_start))
