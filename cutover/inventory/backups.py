"""What is said of backups must agree: with itself, and with the tenant's own bucket."""

from __future__ import annotations

from cutover.inventory.age import age_identity, age_public_key, recipient_of
from cutover.inventory.codes import Code
from cutover.inventory.document import Mapping
from cutover.inventory.report import Report
from cutover.inventory.values import Given
from cutover.secret import Secret

TARGET = (
    "backup_bucket_url",
    "backup_bucket_name",
    "backup_bucket_access_key",
    "backup_bucket_secret_key",
    "backup_bucket_region",
    "backup_bucket_ssl_insecure",
)
"""Where backups go: all or nothing, but for the last two."""

_COUNTS = tuple(f"backup_keep_{each}" for each in ("daily", "weekly", "monthly", "yearly"))


def check_backups(tenant: Given, report: Report) -> None:
    """Report a target that is the tenant's own bucket, keys of age that are none, and a retention of nothing."""
    _check_target(tenant, report)
    _check_identity(tenant, report)
    if all(tenant.text(each) == "0" for each in _COUNTS[:3]) and tenant.text(_COUNTS[3]) in (None, "0"):
        why = "only the newest complete backup and the newest proven one stay"
        what, todo = "no backup is kept for a day, a week, a month or a year", "give one of `backup_keep_*` a number"
        report.warn(Code.DOUBTFUL, tenant.mark(_COUNTS[0]), what, why, todo)


def _check_target(tenant: Given, report: Report) -> None:
    place, own = (_place(tenant, prefix) for prefix in ("backup_bucket", "bucket"))
    if None not in place and place == own:
        why = "its backups lie there anyway, under `backup/`"
        todo = "remove `backup_bucket_*`, or name another bucket"
        what = "`backup_bucket_name` is the tenant's own bucket"
        report.error(Code.CONTRADICTION, tenant.mark("backup_bucket_name"), what, why, todo)


def _place(tenant: Given, prefix: str) -> tuple[str | None, str | None]:
    url, name = tenant.text(f"{prefix}_url"), tenant.text(f"{prefix}_name")
    return url.rstrip("/").lower() if url else None, name or ("omnileads" if prefix == "bucket" else None)


def _check_identity(tenant: Given, report: Report) -> None:
    name = "backup_identity"
    secret = tenant.values.get(name)
    if not isinstance(secret, Secret) or _kept_by_prefect(tenant, name):
        return
    mark, recipient = tenant.mark(name), tenant.text("backup_recipient")
    if not age_identity(secret.reveal()):
        why, todo = "an identity is `AGE-SECRET-KEY-1` and 58 letters and digits", "take it from age-keygen's file"
        report.error(Code.VALUE, mark, f"`{name}` is no age identity", why, todo)
    elif recipient is None:
        why, todo = "`backup_recipient` is not given, so backups are not encrypted", "give it, or remove the identity"
        report.warn(Code.DOUBTFUL, mark, f"`{name}` opens nothing", why, todo)
    elif age_public_key(recipient) and recipient_of(secret.reveal()) != recipient:
        why = "what is encrypted for the one cannot be opened by the other"
        what, todo = f"`{name}` does not belong to `backup_recipient`", "take both from the same file of age-keygen"
        report.error(Code.CONTRADICTION, mark, what, why, todo)


def _kept_by_prefect(tenant: Given, name: str) -> bool:
    """Only a run gets to see such a secret; what reads an inventory elsewhere has a text in its place."""
    value = tenant.items[name].value if name in tenant.items else None
    return isinstance(value, Mapping) and "prefect" in value.items
