"""What a store's refusal means to an operator. Neither a key nor a signed URL is ever in such a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cutover.errors import Finding
from cutover.secret import without
from cutover.storage.place import Place


class Meaning(NamedTuple):
    """What a refusal means: its code, what is wrong, what to do."""

    code: str
    what: str
    todo: str


_REFUSED = "check the access key and the secret key of this bucket in the inventory, and what the key may do"
_CLOCK = "set the clock of this machine by NTP; a store refuses requests that are off by more than 15 minutes"
_REGION = "correct the region of this bucket in the inventory"
_BUCKET = "create the bucket, or correct its name in the inventory"
_GONE = "look at the bucket for who deleted it"
_AGAIN = "run the same command again; if it stays so, ask the store's operator"
_REACH = "check the address of the bucket in the inventory, the network and the store, then run the same command again"

_REFUSES = Meaning("CUT-701", "the store refuses", _REFUSED)
_OF_STATUS = {
    401: _REFUSES,
    403: _REFUSES,
    404: Meaning("CUT-703", "there is no such object", _GONE),
}
_CLOCKS_DIFFER = Meaning("CUT-701", "the store refuses: the clocks differ", _CLOCK)
_KNOWN = {
    "AccessDenied": _REFUSES,
    "InvalidAccessKeyId": _REFUSES,
    "SignatureDoesNotMatch": _REFUSES,
    "RequestTimeTooSkewed": _CLOCKS_DIFFER,
    "AuthorizationHeaderMalformed": Meaning("CUT-701", "the store refuses: the region is another", _REGION),
    "PermanentRedirect": Meaning("CUT-701", "the store refuses: the region is another", _REGION),
    "NoSuchBucket": Meaning("CUT-702", "there is no such bucket", _BUCKET),
    "NoSuchKey": Meaning("CUT-703", "there is no such object", _GONE),
    "NoSuchUpload": Meaning("CUT-703", "there is no such object", _GONE),
}


def refusal(place: Place, doing: str, key: str, response: Mapping[str, Any]) -> Finding:
    """Return what a store meant that answered a request with an error; `doing` is what was asked, in a word."""
    said = response.get("Error", {})
    code, status = str(said.get("Code", "")), response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    known = _KNOWN.get(code) or _OF_STATUS.get(status or 0)
    if "request time" in str(said.get("Message", "")):
        # not every store has a code of its own for it
        known = _CLOCKS_DIFFER
    number, what, todo = known or Meaning("CUT-704", "the store failed", _AGAIN)
    why = f"{doing} {place.prefix}{key}: {code} {said.get('Message', '')}".strip()
    return Finding(number, what, place.name, _clean(place, why), todo)


def unreachable(place: Place, doing: str, key: str, error: Exception) -> Finding:
    """Return what is to be said when no answer came."""
    why = _clean(place, f"{doing} {place.prefix}{key}: {error}")
    return Finding("CUT-700", "the store cannot be reached", place.name, why, _REACH)


def _clean(place: Place, text: str) -> str:
    """Cut the query off every URL, in which a signature could stand, and cover both keys."""
    cut = re.sub(r"(https?://[^\s?\"']+)\?[^\s\"']*", r"\1", text)
    return without(cut, (place.bucket.access_key, place.bucket.secret_key))
