"""The web application of a tenant in the lab, as a browser meets it."""

from __future__ import annotations

import ssl
import urllib.request
from http.client import HTTPSConnection


def answers(address: str) -> list[int]:
    """Return the statuses of the application's front page and of the page it leads to; any certificate will do."""
    context = ssl._create_unverified_context()  # noqa: S323 - a self-signed certificate is what is met here
    front = HTTPSConnection(address, timeout=15, context=context)
    front.request("HEAD", "/")
    first = front.getresponse().status
    with urllib.request.urlopen(f"https://{address}/", timeout=15, context=context) as page:
        return [first, page.status]
