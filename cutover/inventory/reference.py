"""
Writes what is made from the models: the reference page and the JSON Schema.

`python -m cutover.inventory.reference` writes both; with `--check` it writes nothing and fails if they are stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from cutover.inventory.codes import Code
from cutover.inventory.facts import HOST, TENANT, Facts
from cutover.inventory.kinds import EVERYWHERE, About, Need
from cutover.inventory.layouts import FLAGS, HOSTS
from cutover.inventory.schema import Schema, inventory_schema, properties
from cutover.inventory.variables import HostVariables, Variables

FOLDER = Path("docs/reference")

_INTRODUCTION = """\
# The inventory

<!-- Made by `python -m cutover.inventory.reference` from cutover/inventory/variables.py. Edit that. -->

`tenants/NAME/inventory.yml` describes a tenant. It has the structure of an Ansible inventory: groups hold `hosts`,
`children` and `vars`; the group `all` holds everything; a variable nearer to a host is stronger. Variables of a host
may stand under the host, in its group, or under `all`. Variables of the tenant have one value, wherever they stand.

Values are read as what the variable is: `230204.10` is a tag and keeps its zero. No value (`key:`, `~`, `null`) is as
if the variable were not there. A secret may be a reference: `{env: NAME}`, `{file: path}` or `{prefect: block}`.
Templates are not evaluated, except `{{ hostvars['HOST'].VARIABLE }}`, which the old tool's own files hold.
"""


def page() -> str:
    """Return the reference page."""
    parts = [_INTRODUCTION, *_layouts(), *_variables("Variables of a host", HostVariables, HOST)]
    parts += [*_variables("Variables of the tenant", Variables, TENANT), *_codes()]
    return "\n".join(parts)


def schema() -> str:
    """Return the JSON Schema as text."""
    return json.dumps(inventory_schema(), indent=2, ensure_ascii=False) + "\n"


def _layouts() -> Iterator[str]:
    yield "## Layouts\n"
    yield "| layout | hosts and their roles |\n|---|---|"
    flags = {role: flag for flag, role in FLAGS.items()}
    for layout, hosts in HOSTS.items():
        yield f"| {layout.upper()} | " + ", ".join(f"`{name}` (`{flags[role]}`)" for name, role in hosts.items()) + " |"
    yield "\nA tenant is cloud-backed when `postgres_host` or `bucket_url` is given in AIO or AIT.\n"


def _variables(heading: str, model: type[BaseModel], facts: Facts) -> Iterator[str]:
    yield f"## {heading}\n"
    written = properties(model, facts)
    for chapter in dict.fromkeys(about.chapter for about in facts.about.values()):
        yield f"### {chapter}\n"
        yield "| variable | value | default | required | meaning |\n|---|---|---|---|---|"
        for name, about in facts.about.items():
            if about.chapter == chapter:
                default = _default(model.model_fields[name].default, about)
                need = "-" if about.need is Need.NO else str(about.need)
                yield f"| `{name}` | {_value(name, written[name], facts)} | {default} | {need} | {_meaning(about)} |"
        yield ""


def _value(name: str, schema: Schema, facts: Facts) -> str:
    if name in facts.secrets:
        return "secret"
    if name in facts.unused:
        return "-"
    if name in facts.choices:
        return ", ".join(f"`{choice}`" for choice in facts.choices[name])
    if name in facts.lists:
        return "list of networks"
    kinds = [schema, *schema.get("anyOf", ())]
    low, high = (next((kind[key] for kind in kinds if key in kind), None) for key in ("minimum", "maximum"))
    if any(kind.get("type") == "integer" for kind in kinds):
        return f"number, {low} to {high}" if high is not None else f"number, from {low}"
    return "IPv4 address" if any(kind.get("format") == "ipv4" for kind in kinds) else "text"


def _default(default: object, about: About) -> str:
    if about.otherwise:
        return about.otherwise
    if default in (None, PydanticUndefined, (), EVERYWHERE):
        return "-"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _meaning(about: About) -> str:
    text = about.text.replace("|", "\\|")
    if about.aliases:
        text += f" Also written {', '.join(f'`{alias}`' for alias in about.aliases)}."
    if about.unused:
        text += f" **Has no effect**: {about.unused}."
    return f"{text} Example: `{about.example}`." if about.example else text


def _codes() -> Iterator[str]:
    yield "## What can be wrong\n"
    yield "Everything is reported at once, each with file, line and column.\n"
    yield "| code | meaning |\n|---|---|"
    for code in Code:
        yield f"| {code} | {code.meaning} |"
    yield ""


def main() -> int:
    """Write the files, or with `--check` only compare; returns the exit code."""
    wanted = {FOLDER / "inventory.md": page(), FOLDER / "inventory.schema.json": schema()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        print(*(f"{path} is stale" for path in stale), sep="\n")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
