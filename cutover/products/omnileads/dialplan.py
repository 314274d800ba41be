"""
The operator's own Asterisk files: made once, then the operator's (W31).

Every file is on its own: one that is removed comes back, the others are not touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from cutover.plan.desired import File
from cutover.products.omnileads.site import CUSTOM, USER

BOTH = ["amd", "dahdi", "extensions", "extensions_globals", "extensions_outr", "func_odbc", "http", "manager", "pjsip", "pjsip_wizard", "queues", "res_odbc", "sip_general", "sip_registrations", "sip_trunks", "voicemail"]
"""Kinds with a file of additions (`custom`) and one that stands for the shipped settings (`override`)."""

CUSTOM_ONLY = ["extensions_inr", "extensions_ivr", "extensions_tc"]
OVERRIDE_ONLY = ["bridgecall", "commonsub", "modules", "postcall", "precall"]

_MODULES = ["ivr", "time-groups", "time-conditions", "custmer-id", "survey"]

CONTEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "extensions": tuple(
            f"{name}-custom"
            for name in ["oml-dial-internal", "oml-dial-pbx2oml", "oml-dial-out", "oml-dialer-out", "oml-dial-in", "click2call"]
        ),
        "extensions_precall": tuple(
            f"sub-oml-{name}"
            for name in ["dial-without-campaign", "ag2ag-blind-transfer", "ag2ag-consult-transfer", "ag2camp-transfer", "in-check-set", "campaign-inbound", "out-check-set", "campaign-1", "campaign-2", "campaign-2-deliver-contactcall", "campaign-4", "campaign-7", "campaign-9", "dialout", "callstatus-blacklist-omdialed"]
        ),
        "extensions_commonsub": tuple(
            f"sub-oml-{name}"
            for name in ["queuelog", "dst-switch", "set-chanvars", "countdown", "recorder", "amd", "ncalls", "hangup", "module-ivrbreakout", "ondemand-record", "module-custom-dst"]
        ),
        "extensions_modules": (*(f"sub-oml-module-{name}" for name in _MODULES), "sub-oml-custom-dst"),
        "extensions_bridgecall": tuple(f"sub-oml-module-{name}" for name in _MODULES),
        "extensions_postcall": tuple(
            f"rip-{name}"
            for name in ["preview-agent-chan", "preview-trunk-chan", "preview-originate-agent-chan", "preview-originate-dialout-chan", "manualcall-trunk-chan", "manualcall-agent-chan", "manualcall-originate-dialout-chan", "manualcall-originate-agent-chan", "withoutcamp-trunk-chan", "withoutcamp-agent-chan", "withoutcamp-agent2-chan", "withoutcamp-originate-dialout-chan", "withoutcamp-originate-agent-chan", "in-trunk-chan", "in-agent-chan", "dialer-originate-dial-outnum-chan", "dialer-trunk-chan", "dialer-agent-chan", "dialer-originate-queue-chan", "ctransfer-aux-channel", "ctransfer-ag2-channel", "ctout-aux-chan", "btout-transfer-trunk-chan", "bt-transfer-dst-ag-chan", "in-agent-chan-try", "survey"]
        ),
    }
)
"""Contexts that the shipped dialplan jumps to, by kind of file; they must be declared, and may be empty."""


def _names() -> dict[str, bytes]:
    empty = [f"{kind}_{flavour}" for kind in BOTH for flavour in ("custom", "override")]
    empty += [f"{kind}_custom" for kind in CUSTOM_ONLY]
    empty += [f"extensions_{kind}_override" for kind in OVERRIDE_ONLY]
    contents = dict.fromkeys(empty, b"")
    for kind, contexts in CONTEXTS.items():
        contents[f"{kind}_custom"] = "\n".join(f"[{context}]\n" for context in contexts).encode()
    return contents


@cache
def custom_files() -> tuple[File, ...]:
    """Return the operator's files on a host with Asterisk, as they are before the operator changes them."""
    paths = {f"{CUSTOM}/oml_{name}.conf": content for name, content in sorted(_names().items())}
    return tuple(File(path, content, 0o644, USER, USER, once=path) for path, content in paths.items())
