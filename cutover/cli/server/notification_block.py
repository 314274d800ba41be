"""
The block through which the Prefect server itself tells people something: e-mail, webhook, chat.

Sending is Apprise's. The server finds the block by the package's entry point (`prefect.collections` in pyproject.toml);
as automations of the server send, a notification that fails cannot touch a run.
"""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl, unquote, urlsplit

import apprise
from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.logging import LogEavesdropper
from pydantic import Field, SecretStr

SHORTEST = 6
"""Parts of an address shorter than this are no secrets."""

OPEN = {"from", "to", "cc", "bcc", "format", "smtp", "mode", "name"}
"""What the question mark of an address may be followed by without being secret."""


class Notification(NotificationBlock):
    """Everybody who is told when a backup fails or is late. Written by `cutover schedule` and `cutover notify`."""

    _block_type_name = "Cutover notification"
    _block_type_slug = "cutover-notification"

    urls: SecretStr = Field(title="Addresses", description="Apprise URLs, one a line.")

    async def notify(self, body: str, subject: str | None = None) -> None:
        """
        Send to all addresses at once; one that fails keeps no other from being told.

        Raises NotificationError, with what Apprise said but without secrets, when one failed and it was asked for.
        """
        urls = self.urls.get_secret_value().splitlines()
        sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Cutover", app_desc="Cutover", app_url=""))
        with LogEavesdropper("apprise", level=logging.WARNING) as heard:
            added = [sender.add(url) for url in urls]
            sent = await sender.async_notify(
                body=body,
                title=subject or "",
                body_format=apprise.NotifyFormat.TEXT,
                notify_type=apprise.NotifyType.WARNING,
            )
        if self._raise_on_failure and not (all(added) and sent):
            raise NotificationError(log=scrubbed(heard.text(), urls))


def scrubbed(text: str, urls: list[str]) -> str:
    """Return a text without passwords, paths and parameters of these addresses."""
    for part in sorted({part for url in urls for part in _secrets(url)}, key=len, reverse=True):
        text = text.replace(part, "…")
    return text


def _secrets(url: str) -> list[str]:
    parts = urlsplit(url)
    found = [url, parts.password or "", parts.path.strip("/"), *parts.path.split("/")]
    found += [value for key, value in parse_qsl(parts.query) if key.lstrip("+-:") not in OPEN]
    return [part for each in found for part in {each, unquote(each)} if len(part) >= SHORTEST]
