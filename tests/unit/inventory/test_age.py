from __future__ import annotations

import pytest

from cutover.inventory.age import age_identity, age_public_key, recipient_of

# a pair as age-keygen 1.1.1 printed it, used nowhere else
PUBLIC = "age1crhknv6cl2u7rgl4hft43qg8yg33ulz4kf4rrxgaqtftr7wynvmq8x7nue"
IDENTITY = "AGE-SECRET-KEY-16DUQYYVWANQASWGNU4YWX0R9HLAMVQMCJ6677576KGQ84GSHSYKQ5RW4C6"


def test_keys_of_age_are_known_and_belong_together() -> None:
    assert age_public_key(PUBLIC)
    assert age_identity(IDENTITY)
    assert recipient_of(IDENTITY) == PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        PUBLIC[:-1],
        PUBLIC.replace("crhk", "crkh"),
        PUBLIC.upper(),
        f"{PUBLIC} ",
        IDENTITY,
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH",
    ],
)
def test_what_is_no_public_key_is_told_by_its_checksum(text: str) -> None:
    assert not age_public_key(text)


@pytest.mark.parametrize("text", ["", PUBLIC, IDENTITY.lower(), IDENTITY[:-1], IDENTITY.replace("QYYV", "QYVY")])
def test_what_is_no_identity_is_told_by_its_checksum(text: str) -> None:
    assert not age_identity(text)
