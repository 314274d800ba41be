from __future__ import annotations

import pytest

from cutover.storage.format import Format, sniff

PLAIN = b"--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 14.9\n"
CASES = [
    (b"PGDMP\x01\x0e\x00\x04\x08", Format.CUSTOM),
    (b"PGDMP", Format.CUSTOM),
    (PLAIN, Format.PLAIN),
    (PLAIN.replace(b"\n", b"\r\n"), Format.PLAIN_CRLF),
    (b"SET statement_timeout = 0;\n", Format.PLAIN),
    (b"\\restrict abc\n--\n", Format.PLAIN),
    (b"\n\n/* by hand */ CREATE TABLE a ();", Format.PLAIN),
    (b"\x28\xb5\x2f\xfd\x04\x58", Format.ZSTD),
    (b"age-encryption.org/v1\n-> X25519 ", Format.AGE),
    (b"-----BEGIN AGE ENCRYPTED FILE-----\n", Format.AGE),
    (b"", None),
    (b"\0\0\0\0", None),
    (b"--\0\0", None),
    (b"PGDM", None),
    (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", None),
    (b"Error: no container with name or ID found\r\n", None),
]


@pytest.mark.parametrize(("first", "form"), CASES)
def test_w09_a_dump_is_known_by_its_first_bytes_and_not_by_its_name(first: bytes, form: Format | None) -> None:
    assert sniff(first) is form
