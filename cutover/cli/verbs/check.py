"""Check inventories: every finding with file, line and column. No host is contacted."""

from __future__ import annotations

import argparse
from typing import Any

from cutover.cli import exits, inventories
from cutover.cli.arguments import tenants_folder
from cutover.cli.exits import Exit
from cutover.cli.output import Output, as_data
from cutover.errors import Finding

NAME = "check"
HELP = "check the inventories of some or all tenants"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the tenants to check."""
    parser.add_argument("tenant", metavar="TENANT", nargs="*", help="tenants to check (default: all)")


def run(options: argparse.Namespace, output: Output) -> Exit:
    """Print all findings of all tenants asked for; the exit code is that of the first fatal one."""
    found = inventories.findings(tenants_folder(options), options.tenant)
    everything = [finding for findings in found.values() for finding in findings]
    output.findings(everything)
    wrong = [name for name, findings in found.items() if any(finding.fatal for finding in findings)]
    output.say(f"{len(found)} checked, {len(wrong)} with errors" + (f": {', '.join(wrong)}" if wrong else ""))
    output.document({"ok": not wrong, "tenants": [_entry(name, findings) for name, findings in found.items()]})
    return exits.of_findings(everything)


def _entry(name: str, findings: tuple[Finding, ...]) -> dict[str, Any]:
    ok = not any(finding.fatal for finding in findings)
    return {"name": name, "ok": ok, "findings": as_data(findings)}
