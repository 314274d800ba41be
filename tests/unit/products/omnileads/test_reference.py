"""The reference page is current."""

from __future__ import annotations

from cutover.products.omnileads import component_names
from cutover.products.omnileads.reference import PAGE, page


def test_the_page_of_the_components_is_what_the_sheets_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m cutover.products.omnileads.reference"


def test_every_component_is_on_the_page() -> None:
    assert [name for name in component_names() if f"\n## {name}\n" not in page()] == ["firewall"]
    assert "\n## Firewall\n" in page()
