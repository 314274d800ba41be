from __future__ import annotations

import pytest

from cutover.secret import Secret
from cutover.storage.bucket import Bucket, client

CASES = [
    ("http://10.0.0.10:9000", "us-east-1", "http://10.0.0.10:9000/recordings/a?"),
    ("https://s3.example.net", "eu-1", "https://s3.example.net/recordings/a?"),
    (None, "us-east-1", "https://recordings.s3.amazonaws.com/a?"),
    (None, "eu-central-1", "https://recordings.s3.eu-central-1.amazonaws.com/a?"),
]


@pytest.mark.parametrize(("endpoint", "region", "begins"), CASES)
def test_what_is_signed_names_the_address_that_answers_without_a_detour(
    endpoint: str | None, region: str, begins: str
) -> None:
    signer = client(Bucket("recordings", endpoint, region, Secret("ACCESS"), Secret("SECRET")))
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "recordings", "Key": "a"}, ExpiresIn=60)
    assert url.startswith(begins)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "SECRET" not in url
