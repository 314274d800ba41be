"""Who is told when a backup fails or is late: a file of addresses, kept by the Prefect server as an encrypted block."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from cutover.errors import CutoverError, Finding
from cutover.secret import Secret

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

BLOCK = "cutover"
"""The name of the block document."""

TODO = "one Apprise URL a line, e.g. mailtos://USER:PASSWORD@smtp.example.net?from=…&to=…, or the URL of a webhook"


def path(home: Path) -> Path:
    """Return the file of addresses: `$CUTOVER_NOTIFICATIONS`, else `notifications` in the controller's folder."""
    return Path(os.environ.get("CUTOVER_NOTIFICATIONS") or home / "notifications")


def read(home: Path) -> tuple[Secret, ...]:
    """
    Return the addresses; none when there is no file.

    Raises CutoverError: others may read the file, it cannot be read (CUT-773), or a line is no address (CUT-774).
    Addresses hold passwords and never are part of a message.
    """
    file = path(home)
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as cause:
        what, why = "the file of notifications cannot be read", getattr(cause, "strerror", "") or "it is no text"
        raise CutoverError(Finding("CUT-773", what, str(file), why)) from None
    if mode & 0o077:
        what, why = "others may read the file of notifications", f"its mode is {mode:04o}, and it holds passwords"
        raise CutoverError(Finding("CUT-773", what, str(file), why, f"chmod 600 {file}"))
    return _addresses(file, lines)


def _addresses(file: Path, lines: list[str]) -> tuple[Secret, ...]:
    found, wrong = [], []
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        address = understood(line)
        if address:
            found.append(Secret(address))
        else:
            wrong.append(Finding("CUT-774", "this is no address to notify", f"{file}:{number}", todo=TODO))
    if wrong:
        raise CutoverError(wrong)
    return tuple(found)


def understood(line: str) -> str:
    """Return an address as Apprise takes it; any other web address is a webhook. Empty when it is none."""
    scheme, colon, rest = line.partition("://")
    webhook = {"http": "json://", "https": "jsons://"}.get(scheme.lower())
    candidates = [line, webhook + rest] if webhook else [line]
    return next((each for each in candidates if colon and known(each)), "")


def known(url: str) -> bool:
    """Return whether Apprise understands an address; says nothing about it anywhere."""
    import apprise

    logger = logging.getLogger("apprise")
    disabled, logger.disabled = logger.disabled, True
    try:
        return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None
    finally:
        logger.disabled = disabled


async def save(client: PrefectClient, addresses: tuple[Secret, ...]) -> UUID | None:
    """Let the server keep the addresses, encrypted, and return the block's id; None, and nothing kept, without any."""
    from prefect.exceptions import ObjectNotFound
    from pydantic import SecretStr

    from cutover.cli.server.notification_block import Notification

    slug = Notification.get_block_type_slug()
    if addresses:
        block = Notification(urls=SecretStr("\n".join(address.reveal() for address in addresses)))
        return UUID(str(await block.save(BLOCK, overwrite=True, client=client)))
    try:
        kept = await client.read_block_document_by_name(BLOCK, slug)
    except ObjectNotFound:
        return None
    await client.delete_block_document(kept.id)
    return None
