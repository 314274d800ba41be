"""The lab by hand: `python -m tests.lab --help`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from tests.lab.errors import LabError
from tests.lab.host import Host
from tests.lab.lab import Lab
from tests.lab.layers import LAYERS
from tests.lab.settings import Settings

NAMES = {
    1: ("aio",),
    3: ("data", "voice", "app"),
    8: ("sql-1", "sql-2", "voice-1", "voice-2", "app-1", "app-2", "haproxy-1", "haproxy-2"),
}
BARE = "bare"
console = Console(highlight=False)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code. What goes wrong in the lab is one readable text."""
    arguments = _parser().parse_args(words)
    try:
        lab = Lab(Settings.from_environment())
        action: Callable[[Lab, argparse.Namespace], int | None] = arguments.action
        return action(lab, arguments) or 0
    except LabError as error:
        Console(stderr=True, highlight=False).print(f"lab: {error}", style="red", markup=False)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab",
        description="Real Linux hosts on this machine. Needs root. "
        "CUTOVER_LAB, CUTOVER_LAB_NAME and CUTOVER_LAB_NET choose directory, name and /24.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    layers = [*LAYERS, BARE]

    up = commands.add_parser("up", help="make and start hosts, with registry, package proxy and S3 store")
    up.add_argument("count", type=int, help="1, 3 or 8, whose names are known; any other with --names")
    up.add_argument("--names", nargs="+", metavar="NAME", help="other names than the usual ones")
    up.add_argument("--layer", choices=layers, default="podman", help="what is installed already (%(default)s)")
    up.set_defaults(action=_up)

    for name, action, text in (
        ("start", _start, "switch hosts on"),
        ("stop", _stop, "power off in good order"),
        ("kill", _kill, "cut the power"),
        ("heal", _heal, "undo network cuts"),
        ("rm", _remove, "remove hosts"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("hosts", nargs="+", metavar="HOST")
        command.set_defaults(action=action)

    cut = commands.add_parser("cut", help="cut a host from the network, or only from another host")
    cut.add_argument("host", metavar="HOST")
    cut.add_argument("other", nargs="?", metavar="OTHER")
    cut.set_defaults(action=_cut)

    ssh = commands.add_parser("ssh", help="a shell on a host, or one command")
    ssh.add_argument("--user", default="root", help="root, or ops who may sudo (%(default)s)")
    ssh.add_argument("host", metavar="HOST")
    ssh.add_argument("command", nargs=argparse.REMAINDER, metavar="CMD")
    ssh.set_defaults(action=_ssh)

    build = commands.add_parser("build", help="build base, layers and images, and clear the cache of old ones")
    build.add_argument("--layer", choices=layers, action="append", help="only these layers")
    build.set_defaults(action=_build)

    commands.add_parser("status", help="hosts and servers").set_defaults(action=_status)
    commands.add_parser("down", help="remove all but the cache").set_defaults(action=_down)
    return parser


def _up(lab: Lab, arguments: argparse.Namespace) -> None:
    names = arguments.names or NAMES.get(arguments.count, ())
    if len(names) != arguments.count:
        raise LabError(f"{arguments.count} hosts were asked for and {len(names)} names are known: give --names")
    with _timed("network, registry with images, package proxy, S3 store"):
        lab.up(by_hand=True)
        lab.provide_images()
        lab.store.start()
    there = {host.name: host for host in lab.hosts()}
    new = [name for name in names if name not in there]
    with _timed(f"{len(names)} host(s) answering by SSH"):
        made = lab.create(new, _layer(arguments.layer))
        lab.start([*made, *(there[name] for name in names if name in there)])
    _status(lab, arguments)


def _start(lab: Lab, arguments: argparse.Namespace) -> None:
    lab.start([lab.host(name) for name in arguments.hosts])


def _stop(lab: Lab, arguments: argparse.Namespace) -> None:
    _each(lab, arguments, Host.stop)


def _kill(lab: Lab, arguments: argparse.Namespace) -> None:
    _each(lab, arguments, Host.kill)


def _heal(lab: Lab, arguments: argparse.Namespace) -> None:
    _each(lab, arguments, Host.heal)


def _remove(lab: Lab, arguments: argparse.Namespace) -> None:
    lab.remove([lab.host(name) for name in arguments.hosts])


def _cut(lab: Lab, arguments: argparse.Namespace) -> None:
    lab.host(arguments.host).cut(lab.host(arguments.other) if arguments.other else None)


def _ssh(lab: Lab, arguments: argparse.Namespace) -> None:
    argv = lab.host(arguments.host).ssh_argv(*arguments.command, user=arguments.user)
    os.execvp(argv[0], argv)  # noqa: S606 - the terminal is to be ssh's


def _build(lab: Lab, arguments: argparse.Namespace) -> None:
    for name in arguments.layer or [*LAYERS, BARE]:
        with _timed(f"layer {name}"):
            lab.build(_layer(name))
    if not arguments.layer:
        with _timed("images"):
            lab.build_images()
        lab.forget_stale()


def _status(lab: Lab, arguments: argparse.Namespace) -> None:
    settings = lab.settings
    if not lab.network.exists:
        console.print(f"lab {settings.name}: down")
        return
    table = Table("host", "address", "power", "memory", box=None)
    for host in lab.hosts():
        used = host.memory_used() if host.running else None
        memory = f"{used >> 20} MiB" if used is not None else ""
        table.add_row(host.name, host.address, "on" if host.running else "off", memory)
    console.print(table)
    for name, running, address in (
        ("registry", lab.registry.running, settings.registry),
        ("packages", lab.packages.answers(), f"{settings.gateway}:3142 (apt proxy)"),
        ("S3 store", lab.store.running, f"{lab.store.url} key {lab.store.access_key}"),
    ):
        console.print(f"{name}: {address}" if running else f"{name}: down")
    console.print(f"ssh key {settings.key}, known hosts {settings.known_hosts}")


def _down(lab: Lab, arguments: argparse.Namespace) -> int:
    lab.down()
    left = lab.leftovers()
    console.print("\n".join(left) if left else f"lab {lab.settings.name}: nothing left but the cache")
    return 1 if left else 0


def _each(lab: Lab, arguments: argparse.Namespace, action: Callable[[Host], None]) -> None:
    for host in [lab.host(name) for name in arguments.hosts]:
        action(host)


def _layer(name: str) -> str | None:
    return None if name == BARE else name


@contextmanager
def _timed(what: str) -> Iterator[None]:
    begin = time.monotonic()
    yield
    console.print(f"{what}: {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
