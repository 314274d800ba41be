"""Secrets that stand elsewhere: `{env: NAME}`, `{file: path}`, `{prefect: block}`."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cutover.inventory.codes import Code
from cutover.inventory.document import Mapping, Scalar
from cutover.inventory.report import Mark, Report, nearest
from cutover.secret import Secret

SecretBlock = Callable[[str], str]
"""Given the name of a Prefect Secret block, returns its value."""

_KINDS = ("env", "file", "prefect")
_FORMS = "write {env: NAME}, {file: path} or {prefect: block}"


@dataclass(frozen=True, slots=True)
class References:
    """Resolves the references of one tenant; what leads nowhere goes to the report."""

    folder: Path
    secret_block: SecretBlock | None
    report: Report

    def resolve(self, name: str, value: Mapping) -> Secret | None:
        """Return the secret that the variable `name` refers to, None if it was not to be had."""
        if len(value.items) != 1:
            self.report.error(Code.REFERENCE, value.mark, f"`{name}` refers to nothing", "", _FORMS)
            return None
        kind, item = next(iter(value.items.items()))
        if kind not in _KINDS:
            close = nearest(kind, _KINDS)
            todo = f"write `{close}`" if close else _FORMS
            self.report.error(Code.REFERENCE, item.key.mark, f"`{name}` refers to nothing known", "", todo)
            return None
        if not isinstance(item.value, Scalar) or item.value.null:
            self.report.error(Code.REFERENCE, item.value.mark, f"`{name}` refers to nothing", "", _FORMS)
            return None
        return getattr(self, f"_{kind}")(name, item.value.text, item.value.mark)  # type: ignore[no-any-return]

    def _env(self, name: str, variable: str, mark: Mark) -> Secret | None:
        value = os.environ.get(variable)
        if value:
            return Secret(value)
        what = f"`{name}`: the environment variable `{variable}` is not set"
        self.report.error(Code.REFERENCE, mark, what, "", f"set {variable} where Cutover runs")
        return None

    def _file(self, name: str, path: str, mark: Mark) -> Secret | None:
        file = self.folder / path
        try:
            with file.open(encoding="utf-8") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                text = opened.read(65536)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not a text"
            what = f"`{name}`: {file} cannot be read"
            self.report.error(Code.REFERENCE, mark, what, why, "paths are relative to the tenant's folder")
            return None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            what = f"`{name}`: {file} is open to others than its owner"
            self.report.error(Code.READABLE, mark, what, f"its mode is {mode & 0o777:04o}", f"chmod 0600 {file}")
            return None
        return Secret(text.removesuffix("\n").removesuffix("\r"))

    def _prefect(self, name: str, block: str, mark: Mark) -> Secret | None:
        if self.secret_block is None:
            why = "secrets of Prefect are known only where a Prefect server is configured"
            what = f"`{name}`: the Prefect block `{block}` cannot be asked"
            self.report.error(Code.REFERENCE, mark, what, why, "run `cutover up`, or set PREFECT_API_URL")
            return None
        try:
            value = self.secret_block(block)
        except Exception as error:  # whatever fails there, the operator needs all findings at once
            what, why = f"`{name}`: the Prefect block `{block}` gave no secret", type(error).__name__
            self.report.error(Code.REFERENCE, mark, what, why, f"create a Secret block named `{block}`")
            return None
        return Secret(value)
