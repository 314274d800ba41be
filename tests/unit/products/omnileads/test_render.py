"""Where secrets may be written, and what an env file cannot hold."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cutover.errors import CutoverError
from cutover.products.omnileads.render import env_file, plain_file
from cutover.secret import Secret


@dataclass(frozen=True, slots=True)
class Values:
    """The two variables of minio.env."""

    s3_http_admin_user: str
    s3_http_admin_pass: Secret | str | None


def minio(user: str, password: Secret | str | None) -> tuple[bytes, bool]:
    return env_file("minio.env", v=Values(user, password))


def test_a_file_knows_that_it_holds_a_secret() -> None:
    content, secret = minio("root", Secret("canary"))

    assert content == b"MINIO_ROOT_USER=root\nMINIO_ROOT_PASSWORD=canary\n"
    assert secret
    assert minio("root", "open")[1] is False


def test_w22_a_secret_in_a_unit_is_a_mistake_that_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="secret"):
        plain_file("rival.conf", rules=Secret("canary"))


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", None])
def test_what_an_env_file_cannot_hold_is_refused(value: str | None) -> None:
    with pytest.raises(CutoverError, match=r"CUT-420(?s:.)*one line"):
        minio("root", value)


@pytest.mark.parametrize("value", ['"quoted"', "$HOME", "a b ", "#x", "a=b", "`id`", "\\n", "é"])
def test_everything_else_is_written_as_it_is(value: str) -> None:
    assert minio("root", value)[0].decode().splitlines()[1] == f"MINIO_ROOT_PASSWORD={value}"
