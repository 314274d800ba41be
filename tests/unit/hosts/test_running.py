from __future__ import annotations

from cutover.hosts.running import Running, parse

PRINTED = (
    "running\toml-nginx-server\tdocker.io/omnileads/nginx:1\tdocker.io/omnileads/nginx@sha256:1 \n"
    "running\tmine\tlocalhost/mine:1\t\n"
    "a warning of podman\n"
)


def test_what_containers_run_is_read() -> None:
    assert parse(PRINTED) == (
        Running("oml-nginx-server", "docker.io/omnileads/nginx:1", ("docker.io/omnileads/nginx@sha256:1",)),
        Running("mine", "localhost/mine:1", ()),
    )
