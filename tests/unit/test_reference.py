from __future__ import annotations

import re
from pathlib import Path

from cutover.reference import PAGE, ROOT, codes, page


def test_the_page_of_error_codes_is_current() -> None:
    assert PAGE.read_text() == page()


def test_every_code_in_the_sources_says_what_is_wrong() -> None:
    used = {
        code
        for folder in ("cutover", "tasks", "flows")
        for path in Path(ROOT / folder).rglob("*.py")
        for code in re.findall(r"CUT-\d{3}", path.read_text())
    }
    assert used - {code for code, what in codes().items() if what} == set()
