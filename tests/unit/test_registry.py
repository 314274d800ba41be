from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cutover.plan.desired import Image
from cutover.registry import Mirror, manifest_url, resolve

LAB = Mirror("docker.io", "10.99.0.1:5000", insecure=True)


@pytest.mark.parametrize(
    ("name", "mirrors", "url"),
    [
        ("docker.io/omnileads/nginx", [], "https://registry-1.docker.io/v2/omnileads/nginx/manifests/1"),
        ("docker.io/haproxy", [], "https://registry-1.docker.io/v2/library/haproxy/manifests/1"),
        ("quay.io/minio/minio", [], "https://quay.io/v2/minio/minio/manifests/1"),
        ("docker.io/omnileads/nginx", [LAB], "http://10.99.0.1:5000/v2/omnileads/nginx/manifests/1"),
        ("docker.io.example/x/y", [LAB], "https://docker.io.example/v2/x/y/manifests/1"),
        (
            "docker.io/omnileads/nginx",
            [LAB, Mirror("docker.io/omnileads", "mirror.example/oml")],
            "https://mirror.example/v2/oml/nginx/manifests/1",
        ),
    ],
)
def test_an_image_is_looked_up_where_podman_would(name: str, mirrors: list[Mirror], url: str) -> None:
    assert manifest_url(Image(name, "1"), mirrors) == url


class Registry(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        here = f"http://{self.headers['Host']}"
        if self.headers.get("Authorization") != "Bearer open sesame":
            self.send_response(401)
            self.send_header("WWW-Authenticate", f'Bearer realm="{here}/token",service="s",scope="pull"')
        elif self.path.endswith("/1"):
            self.send_response(200)
            self.send_header("Docker-Content-Digest", "sha256:abc")
        else:
            self.send_response(404 if self.path.endswith("/2") else 429)
        self.end_headers()

    def do_GET(self) -> None:
        assert self.path == "/token?service=s&scope=pull"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"token": "open sesame"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        conf = tmp_path / "registries.conf"
        location = f"127.0.0.1:{server.server_address[1]}"
        conf.write_text(f'[[registry]]\nprefix = "docker.io"\nlocation = "{location}"\ninsecure = true\n')
        monkeypatch.setenv("CUTOVER_REGISTRIES_CONF", str(conf))
        yield
        server.shutdown()


@pytest.mark.usefixtures("registry")
def test_w11_every_tag_is_resolved_or_reported_and_a_token_is_fetched_when_asked_for() -> None:
    known, missing, limited = (Image("docker.io/omnileads/nginx", tag) for tag in "123")
    digests, findings = asyncio.run(resolve({known, missing, limited}))
    assert digests == {known: "sha256:abc"}
    assert [(f.code, f.where) for f in findings] == [("CUT-402", str(missing)), ("CUT-403", str(limited))]


def test_a_registry_that_is_not_there_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    conf = tmp_path / "registries.conf"
    conf.write_text('[[registry]]\nprefix = "docker.io"\nlocation = "127.0.0.1:9"\ninsecure = true\n')
    monkeypatch.setenv("CUTOVER_REGISTRIES_CONF", str(conf))
    digests, findings = asyncio.run(resolve({Image("docker.io/x/y", "1"), Image("docker.io/x/z", "1")}))
    assert (digests, [(f.code, f.where) for f in findings]) == ({}, [("CUT-401", "127.0.0.1:9")])
