"""
What a tag means at its registry, asked before anything changes.

The controller reads the same registries.conf as podman does (`prefix`, `location`, `insecure`), so a mirror that the
hosts use is used here too. Protocol: the OCI distribution specification, `HEAD /v2/<name>/manifests/<tag>`.
"""

from __future__ import annotations

import asyncio
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from cutover.errors import Finding
from cutover.plan.desired import Image

MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
DEFAULT_CONF = Path("/etc/containers/registries.conf.d")


@dataclass(frozen=True, slots=True)
class Mirror:
    """Names that begin with `prefix` are found at `location`, by plain http when `insecure`."""

    prefix: str
    location: str
    insecure: bool = False


def mirrors() -> tuple[Mirror, ...]:
    """Return the mirrors of CUTOVER_REGISTRIES_CONF (a file or folder), by default podman's own folder."""
    place = Path(os.environ.get("CUTOVER_REGISTRIES_CONF", DEFAULT_CONF))
    paths = sorted(place.glob("*.conf")) if place.is_dir() else [place] if place.is_file() else []
    rows = [row for path in paths for row in tomllib.loads(path.read_text()).get("registry", [])]
    return tuple(Mirror(row.get("prefix", row["location"]), row["location"], bool(row.get("insecure"))) for row in rows)


def manifest_url(image: Image, known: Iterable[Mirror]) -> str:
    """Return the address of an image's manifest."""
    name, scheme = image.name, "https"
    for mirror in sorted(known, key=lambda each: -len(each.prefix)):
        if name == mirror.prefix or name.startswith(f"{mirror.prefix}/"):
            name = mirror.location + name[len(mirror.prefix) :]
            scheme = "http" if mirror.insecure else "https"
            break
    registry, _, path = name.partition("/")
    if registry == "docker.io":
        registry, path = "registry-1.docker.io", path if "/" in path else f"library/{path}"
    return f"{scheme}://{registry}/v2/{path}/manifests/{image.tag}"


async def resolve(images: Iterable[Image]) -> tuple[Mapping[Image, str], tuple[Finding, ...]]:
    """
    Return the digest of every image that could be resolved, and a finding for every one that could not.

    A registry that does not answer is one finding, however many images are asked of it.
    """
    images = tuple(sorted(images))
    known = mirrors()
    async with httpx.AsyncClient(timeout=20, follow_redirects=True) as client:
        answers = await asyncio.gather(*(_digest(client, image, manifest_url(image, known)) for image in images))
    digests = {image: found for image, found in zip(images, answers, strict=True) if isinstance(found, str)}
    return digests, tuple(dict.fromkeys(found for found in answers if isinstance(found, Finding)))


async def _digest(client: httpx.AsyncClient, image: Image, url: str) -> str | Finding:
    try:
        answer = await client.head(url, headers={"Accept": MANIFESTS})
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            token = await _token(client, answer.headers.get("www-authenticate", ""))
            answer = await client.head(url, headers={"Accept": MANIFESTS, "Authorization": f"Bearer {token}"})
    except httpx.HTTPError as error:
        why = f"{type(error).__name__}: {error}".rstrip(": ")
        place = httpx.URL(url).netloc.decode()
        return Finding("CUT-401", "the registry does not answer", place, why, "check that it is reachable from here")
    digest = answer.headers.get("docker-content-digest", "")
    if answer.is_success and digest:
        return str(digest)
    if answer.status_code == httpx.codes.NOT_FOUND:
        todo = "correct the tag in the inventory, or name a `release`"
        return Finding("CUT-402", "no such image tag", str(image), f"{url} answers 404", todo)
    todo = "check the name, and whether the registry wants a login or limits requests"
    return Finding("CUT-403", "the registry refuses", str(image), f"{url} answers {answer.status_code}", todo)


async def _token(client: httpx.AsyncClient, challenge: str) -> str:
    """Fetch the anonymous token that a registry asks for in its `WWW-Authenticate: Bearer` header."""
    asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = asked.pop("realm", "")
    if not realm:
        return ""
    answer = await client.get(realm, params=asked)
    body = answer.json() if answer.is_success else {}
    return str(body.get("token") or body.get("access_token") or "")
