from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from cutover.secret import Secret
from cutover.storage.bucket import Bucket
from cutover.storage.place import Place
from cutover.storage.refusal import refusal, unreachable

ACCESS, SECRET = "AKIAEXAMPLE", "wJalrXUtnFEMI"
PLACE = Place(
    Bucket("backups", "https://s3.example.net", "us-east-1", Secret(ACCESS), Secret(SECRET)), "acme/", None, own=False
)
CASES = [
    ("AccessDenied", 403, "CUT-701"),
    ("InvalidAccessKeyId", 403, "CUT-701"),
    ("SignatureDoesNotMatch", 403, "CUT-701"),
    ("403", 403, "CUT-701"),
    ("AccessDenied", 400, "CUT-701"),
    ("RequestTimeTooSkewed", 403, "CUT-701"),
    ("AuthorizationHeaderMalformed", 400, "CUT-701"),
    ("NoSuchBucket", 404, "CUT-702"),
    ("NoSuchKey", 404, "CUT-703"),
    ("404", 404, "CUT-703"),
    ("NoSuchUpload", 404, "CUT-703"),
    ("InternalError", 500, "CUT-704"),
    ("SlowDown", 503, "CUT-704"),
    ("NotImplemented", 501, "CUT-704"),
    ("", None, "CUT-704"),
]


def answer(code: str, status: int | None, message: str = "") -> dict[str, Any]:
    return {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}


@pytest.mark.parametrize(("code", "status", "ours"), CASES)
def test_each_refusal_has_its_code_and_says_what_to_do(code: str, status: int | None, ours: str) -> None:
    finding = refusal(PLACE, "write", "backup/a", answer(code, status))
    assert finding.code == ours
    assert finding.todo
    assert "backups" in finding.where
    assert "write acme/backup/a" in finding.why


def test_a_clock_that_is_wrong_is_told_from_a_key_that_is_wrong() -> None:
    message = "The difference between the request time and the server's time exceeds the maximum allowed."
    assert "clock" in refusal(PLACE, "read", "a", answer("RequestTimeTooSkewed", 403)).todo
    assert "clock" in refusal(PLACE, "read", "a", answer("AccessDenied", 400, message)).todo
    assert "clock" not in refusal(PLACE, "read", "a", answer("AccessDenied", 403)).todo


@pytest.mark.parametrize(
    "text",
    [
        f"https://s3.example.net/backups/a?X-Amz-Credential={ACCESS}%2F20261120&X-Amz-Signature=0f1e2d",
        f'the key "{ACCESS}" with {SECRET} is wrong',
        "cannot get 'http://127.0.0.1:9000/backups/a?uploadId=1&X-Amz-Signature=0f1e2d', sorry",
    ],
)
def test_neither_a_key_nor_a_signature_is_ever_in_a_text(text: str) -> None:
    for finding in (
        refusal(PLACE, "read", "a", answer("Strange", 400, text)),
        unreachable(PLACE, "read", "a", EndpointConnectionError(endpoint_url=text)),
    ):
        assert not any(secret in str(finding) for secret in (ACCESS, SECRET, "0f1e2d", "X-Amz-Signature"))
