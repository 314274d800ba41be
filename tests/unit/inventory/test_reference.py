from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cutover.inventory.codes import Code
from cutover.inventory.facts import HOST, TENANT
from cutover.inventory.reference import page

ROOT = Path(__file__).parents[3]


def test_the_generated_files_are_up_to_date() -> None:
    command = [sys.executable, "-m", "cutover.inventory.reference", "--check"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"{made.stdout}\nrun `python -m cutover.inventory.reference`"


def test_the_page_names_every_variable_and_every_code() -> None:
    text = page()
    assert not [name for name in HOST.names | TENANT.names if f"| `{name}` |" not in text]
    assert not [code for code in Code if f"| {code} |" not in text]
