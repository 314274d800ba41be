"""The kinds of values an inventory knows, and what is said about each variable."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from cutover.inventory.age import age_public_key


class Need(StrEnum):
    """When a variable has to be there; the text is what the reference page says."""

    NO = "no"
    ALWAYS = "always"
    TAG = "unless `release` is given"
    MINIO = "unless `bucket_url` is given"
    HA = "in HA"
    REPLICA = "in HA, and with `postgres_ha`"
    SMTP = "with Django's SMTP backend"
    BACKUP = "with another `backup_bucket_*`"


@dataclass(frozen=True, slots=True)
class About:
    """
    What is to be known of a variable beyond its type.

    `chapter` is where the reference page lists it, `unused` says why it has no effect (such a variable is
    accepted with a warning, because the old tool's files hold it), `aliases` are other names of the same
    thing, `otherwise` is the default in words where it depends on the layout.
    """

    chapter: str
    text: str
    example: str = ""
    need: Need = Need.NO
    unused: str = ""
    aliases: tuple[str, ...] = ()
    otherwise: str = ""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Put the description where an editor shows it."""
        made = handler(schema)
        made["description"] = f"{self.text} Has no effect: {self.unused}." if self.unused else self.text
        if self.example:
            made["examples"] = [self.example]
        if self.unused:
            made["deprecated"] = True
        return made


_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?\Z")


_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}")


_WINDOW = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def _address(value: str) -> str:
    if not _IPV4.fullmatch(value):
        raise ValueError("an IPv4 address is four numbers of 0 to 255 with dots between")
    return value


def is_address(host: str) -> bool:
    """Return whether a host, already validated, is an IP address and not a name."""
    return ":" in host or bool(_IPV4.fullmatch(host))


def _hostname(value: str) -> str:
    if re.fullmatch(r"[0-9.]+", value):
        return _address(value)
    if ":" in value:
        return str(ip_address(value))
    if not _NAME.match(value):
        raise ValueError("a host is a DNS name or an IP address, without scheme and port")
    return value


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(value), strict=False)
    except ValueError as error:
        raise ValueError(f"a network is written like 192.0.2.0/24: {error}") from None


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.query or parts.fragment or parts.username or re.search(r"\s", value):
        raise ValueError("a bucket's address is `aws`, or a URL like https://s3.example.net:9000")
    return value.rstrip("/")


def _bucket_url(value: str) -> str:
    return value if value == "aws" else _url(value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone is a name of the zone database, like Europe/Vienna") from None
    return value


def _one_line(value: str) -> str:
    if any(sign in value for sign in "\n\r\0"):
        raise ValueError("a value is one line")
    return value


def _recipient(value: str) -> str:
    if not age_public_key(value):
        raise ValueError("a recipient is an age public key: `age1` and 58 letters and digits, as age-keygen prints it")
    return value


def _window(value: str) -> str:
    if not _WINDOW.fullmatch(value) or value[:5] == value[6:]:
        raise ValueError("a window is two different times of the day like 01:00-05:00")
    return value


def _as_list(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _written(*types: str, **more: Any) -> WithJsonSchema:
    """In an editor a plain `1234` is a number, so texts that may look like one allow both."""
    return WithJsonSchema({"type": list(types) if len(types) > 1 else types[0], **more})


def _pattern(pattern: str, meaning: str) -> Callable[[str], str]:
    matches = re.compile(pattern)

    def checked(value: str) -> str:
        if not matches.fullmatch(value):
            raise ValueError(meaning)
        return value

    return checked


_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_SAFE = r"[A-Za-z0-9_][A-Za-z0-9_$.-]{0,62}"

Text = Annotated[str, AfterValidator(_one_line), _written("string", "number")]
Tag = Annotated[
    str,
    AfterValidator(_pattern(_TAG, "an image tag has letters, digits, dots, dashes and underscores only")),
    _written("string", "number"),
]
Account = Annotated[
    str,
    AfterValidator(_pattern(_SAFE, "a name here has letters, digits, dots, dashes and underscores only, at most 63")),
    _written("string", "number"),
]
Bucket = Annotated[
    str,
    AfterValidator(_pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]", "a bucket's name has 3 to 63 letters")),
    _written("string", "number"),
]
Namespace = Annotated[
    str,
    AfterValidator(_pattern(r"[a-z0-9]+([._/-]+[a-z0-9]+)*", "a registry namespace is lower-case")),
    _written("string"),
]
Nic = Annotated[
    str,
    AfterValidator(_pattern(r"[A-Za-z0-9_.:@-]{1,15}", "a network interface's name has 1 to 15 letters")),
    _written("string"),
]
Email = Annotated[
    str,
    AfterValidator(_pattern(r"[^@\s<>]+@[^@\s<>]+", "an e-mail address is written like ops@example.net")),
    _written("string"),
]
FilePath = Annotated[
    str,
    AfterValidator(_pattern(r"/[^\n\r\0]*", "a path on a host starts with /")),
    _written("string"),
]
Address = Annotated[str, AfterValidator(_address), _written("string", format="ipv4")]
HostName = Annotated[str, AfterValidator(_hostname), _written("string")]
BucketUrl = Annotated[str, AfterValidator(_bucket_url), _written("string")]
Zone = Annotated[str, AfterValidator(_zone), _written("string")]
Port = Annotated[int, Field(ge=1, le=65535)]
Prefix = Annotated[int, Field(ge=8, le=32)]
Eleven = Annotated[int, Field(ge=11, le=11)]
Positive = Annotated[int, Field(ge=1)]
Minutes = Annotated[int, Field(ge=1, le=720)]
Keeping = Annotated[int, Field(ge=0, le=1000)]
Recipient = Annotated[str, AfterValidator(_recipient), _written("string")]
Window = Annotated[str, AfterValidator(_window), _written("string")]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network), _written("string")]
Networks = Annotated[
    tuple[Network, ...],
    BeforeValidator(_as_list),
    _written("array", "string", items={"type": "string"}),
]


EVERYWHERE: tuple[IPv4Network | IPv6Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
"""The networks that hold every address."""
