"""The courier as a process of its own, against a store that fails."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.hosts.remote import courier
from tests.unit.hosts.small_store import Fault, SmallStore, serving

PROGRAM = Path(courier.__file__)
STREAM = random.Random(1).randbytes(40 * (1 << 20) + 12345)  # noqa: S311
SECRET = "X-Amz-Signature=c0ffee"


@pytest.fixture
def store() -> Iterator[SmallStore]:
    with serving() as made:
        yield made


class Ended:
    """How the courier ended: its status, what it wrote, and the files it left."""

    def __init__(self, done: subprocess.CompletedProcess[bytes], folder: Path) -> None:
        self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr.decode()
        result = folder / "result"
        self.result: dict[str, Any] = json.loads(result.read_text()) if result.exists() else {}
        assert "c0ffee" not in self.stderr + json.dumps(self.result)


def run(folder: Path, mode: str, order: dict[str, Any], stdin: bytes = b"") -> Ended:
    (folder / "order").write_text(json.dumps({"verify": True, "verify_source": True, "patience": 5.0, **order}))
    if stdin:
        (folder / "plain").write_text(str(len(stdin)))
    argv = [sys.executable, str(PROGRAM), mode]
    done = subprocess.run(argv, cwd=folder, input=stdin, capture_output=True, timeout=60, check=False)
    return Ended(done, folder)


def part_urls(store: SmallStore, count: int) -> list[str]:
    return [f"{store.url}/bucket/upload/{number}?partNumber={number}&{SECRET}" for number in range(1, count + 1)]


def sent(store: SmallStore) -> bytes:
    return b"".join(store.objects[f"/bucket/upload/{number}"] for number in range(1, len(store.objects) + 1))


def test_a_stream_arrives_whole_in_parts_with_its_checksums(store: SmallStore, tmp_path: Path) -> None:
    ended = run(tmp_path, "send", {"urls": part_urls(store, 9)}, STREAM)
    assert ended.status == 0, ended.stderr
    assert sent(store) == STREAM
    assert len(store.objects) == 3
    assert ended.result["size"] == ended.result["plain"] == len(STREAM)
    assert ended.result["sha256"] == hashlib.sha256(STREAM).hexdigest()
    assert ended.result["etags"] == ended.result["md5s"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("PUT", "/bucket/upload/2", times=3, status=503, code="SlowDown"),
        Fault("PUT", "/bucket/upload/1", times=2, status=400, code="RequestTimeout"),
        Fault("PUT", "/bucket/upload/3", times=2, cut_after=3_000_000),
        Fault("PUT", "/bucket/", times=4, status=500),
    ],
)
def test_a_part_that_failed_is_sent_again(store: SmallStore, tmp_path: Path, fault: Fault) -> None:
    store.faults.append(fault)
    ended = run(tmp_path, "send", {"urls": part_urls(store, 9)}, STREAM)
    assert ended.status == 0, ended.stderr
    assert sent(store) == STREAM


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (403, "SignatureDoesNotMatch"), (400, "Wrong")])
def test_a_refusal_is_final_and_named_by_the_stores_own_code(
    store: SmallStore, tmp_path: Path, status: int, code: str
) -> None:
    store.faults.append(Fault("PUT", "/bucket/upload/2", times=99, status=status, code=code))
    ended = run(tmp_path, "send", {"urls": part_urls(store, 9)}, STREAM)
    assert ended.status == courier.REFUSED
    assert code in ended.result["problem"]
    assert [path for _, path, _ in store.requests if "/upload/2" in path] == [part_urls(store, 2)[1][len(store.url) :]]


@pytest.mark.parametrize(("status", "code"), [(404, "NoSuchUpload"), (501, "NotImplemented")])
def test_an_upload_that_comes_to_nothing_is_final(store: SmallStore, tmp_path: Path, status: int, code: str) -> None:
    store.faults.append(Fault("PUT", "/bucket/upload/", times=99, status=status, code=code))
    assert run(tmp_path, "send", {"urls": part_urls(store, 9)}, STREAM).status == courier.MISSING


def test_a_store_that_stays_away_is_given_up_after_a_while(tmp_path: Path) -> None:
    urls = [f"http://127.0.0.1:9/{number}?{SECRET}" for number in range(9)]
    ended = run(tmp_path, "send", {"urls": urls, "patience": 0.5}, STREAM)
    assert ended.status == courier.AWAY
    assert "refused" in ended.result["problem"].lower()


def test_w03_an_empty_stream_is_an_error_wherever_it_is_seen(store: SmallStore, tmp_path: Path) -> None:
    assert run(tmp_path, "send", {"urls": part_urls(store, 1)}).status == courier.EMPTY
    piped = f"set -o pipefail; : | {sys.executable} {PROGRAM} count | cat"
    done = subprocess.run(["bash", "-c", piped], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == courier.EMPTY


def test_bytes_are_counted_on_their_way(tmp_path: Path) -> None:
    (tmp_path / "stream").write_bytes(STREAM)
    piped = f"cat stream | {sys.executable} {PROGRAM} count | sha256sum"
    done = subprocess.run(["bash", "-c", piped], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == hashlib.sha256(STREAM).hexdigest()
    assert (tmp_path / "plain").read_text() == (tmp_path / "progress").read_text() == str(len(STREAM))


def test_more_parts_than_were_signed_are_no_shorter_object(store: SmallStore, tmp_path: Path) -> None:
    assert run(tmp_path, "send", {"urls": part_urls(store, 2)}, STREAM).status == courier.SPENT


def test_etags_that_are_no_checksums_are_told_as_they_are(store: SmallStore, tmp_path: Path) -> None:
    store.md5_etags = False
    ended = run(tmp_path, "send", {"urls": part_urls(store, 9)}, STREAM)
    assert ended.status == 0
    assert all(etag == f"sealed{md5}" for etag, md5 in zip(ended.result["etags"], ended.result["md5s"], strict=True))


def test_stores_are_reached_by_ipv6_and_named_by_address_and_port(tmp_path: Path) -> None:
    with serving("::1") as store:
        assert run(tmp_path, "send", {"urls": part_urls(store, 9)}, STREAM).status == 0
        assert {host for _, _, host in store.requests} == {store.url.removeprefix("http://")}


def fetch(store: SmallStore, folder: Path, **order: Any) -> Ended:
    given = {"url": f"{store.url}/bucket/object?{SECRET}", "size": len(STREAM), "sha256": None, **order}
    return run(folder, "fetch", given)


def test_an_object_is_taken_up_where_it_was_cut_off(store: SmallStore, tmp_path: Path) -> None:
    store.objects["/bucket/object"] = STREAM
    store.faults += [
        Fault("GET", "/bucket/object", cut_after=17_000_000),
        Fault("GET", "/bucket/object", status=503, code="SlowDown", times=2),
        Fault("GET", "/bucket/object", cut_after=1_000_000),
    ]
    ended = fetch(store, tmp_path, sha256=hashlib.sha256(STREAM).hexdigest())
    assert ended.status == 0, ended.stderr
    assert ended.stdout == STREAM
    assert len(store.requests) == 5


def damaged(content: bytes) -> bytes:
    return content[:1000] + bytes([content[1000] ^ 1]) + content[1001:]


@pytest.mark.parametrize(
    ("stored", "status"),
    [
        (damaged(STREAM), courier.DIGEST),
        (STREAM[:-1], courier.LENGTH),
        (STREAM + b"x", courier.LENGTH),
        (b"", courier.LENGTH),
        (None, courier.MISSING),
    ],
    ids=["a bit flipped", "cut off", "longer", "empty", "gone"],
)
def test_every_damage_of_an_object_has_a_status_of_its_own(
    store: SmallStore, tmp_path: Path, stored: bytes | None, status: int
) -> None:
    if stored is not None:
        store.objects["/bucket/object"] = stored
    assert fetch(store, tmp_path, sha256=hashlib.sha256(STREAM).hexdigest()).status == status


def test_an_object_that_was_replaced_meanwhile_is_not_stitched_together(store: SmallStore, tmp_path: Path) -> None:
    class Replaced(dict[str, bytes]):
        reads = 0

        def get(self, key: str, default: Any = None) -> Any:
            self.reads += 1
            return STREAM if self.reads == 1 else damaged(STREAM)

    store.objects = Replaced()
    store.faults.append(Fault("GET", "/bucket/object", cut_after=17_000_000))
    assert fetch(store, tmp_path).status == courier.DIGEST


def test_a_reader_that_ends_early_ends_the_courier(store: SmallStore, tmp_path: Path) -> None:
    store.objects["/bucket/object"] = STREAM
    order = {"url": f"{store.url}/bucket/object", "size": len(STREAM), "sha256": None, "verify": True, "patience": 5}
    (tmp_path / "order").write_text(json.dumps(order))
    piped = f'{sys.executable} {PROGRAM} fetch | head -c 10 >/dev/null; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", piped], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == str(courier.CLOSED)


def copies(store: SmallStore, keys: list[str]) -> dict[str, Any]:
    return {"copies": [(key, f"{store.url}/from/{key}?{SECRET}", f"{store.url}/to/{key}?{SECRET}") for key in keys]}


def test_objects_are_copied_with_their_checksums_and_those_that_are_gone_are_told(
    store: SmallStore, tmp_path: Path
) -> None:
    contents = {f"2026-11-20/{number}.wav": os.urandom(number * 997) for number in range(60)}
    contents["long.wav"] = STREAM[: 20 << 20]
    store.objects |= {f"/from/{key}": content for key, content in contents.items()}
    store.faults += [
        Fault("GET", "/from/long.wav", cut_after=5_000_000),
        Fault("PUT", "/to/long.wav", cut_after=5_000_000),
        Fault("PUT", "/to/2026-11-20/7.wav", status=500, times=2),
    ]
    ended = run(tmp_path, "copy", copies(store, [*contents, "gone.wav"]))
    assert ended.status == 0, ended.stderr
    wanted = {key: [len(content), hashlib.sha256(content).hexdigest()] for key, content in contents.items()}
    assert ended.result == {"copied": wanted, "gone": ["gone.wav"]}
    assert {key: store.objects[f"/to/{key}"] for key in contents} == contents


def test_a_target_that_refuses_ends_a_copy(store: SmallStore, tmp_path: Path) -> None:
    store.objects["/from/one"] = b"one"
    store.faults.append(Fault("PUT", "/to/", times=99, status=404, code="NoSuchBucket"))
    ended = run(tmp_path, "copy", copies(store, ["one"]))
    assert ended.status == courier.REFUSED
    assert "NoSuchBucket" in ended.result["problem"]


def test_a_certificate_that_nobody_vouches_for_is_refused_unless_the_order_says_otherwise(tmp_path: Path) -> None:
    import ssl
    from http.server import HTTPServer
    from threading import Thread

    from tests.unit.hosts import small_store

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = f"req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {certificate} -days 2 -subj /CN=localhost"
    subprocess.run(["openssl", *words.split()], check=True, capture_output=True)
    store = SmallStore()
    server = HTTPServer(("127.0.0.1", 0), small_store._handler(store))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    store.url = f"https://127.0.0.1:{server.server_port}"
    try:
        strict = run(tmp_path, "send", {"urls": part_urls(store, 1)}, b"some")
        assert strict.status == courier.REFUSED
        assert "certificate" in strict.result["problem"]
        assert run(tmp_path, "send", {"urls": part_urls(store, 1), "verify": False}, b"some").status == 0
    finally:
        server.shutdown()
        server.server_close()


def test_the_program_reads_with_the_grammar_of_python_3_6() -> None:
    ast.parse(PROGRAM.read_text(), feature_version=(3, 6))


def test_ten_thousand_parts_hold_a_terabyte() -> None:
    assert sum(courier.part_size(number) for number in range(1, 10_001)) > 1 << 40
