from __future__ import annotations

from cutover.products.omnileads.catalogue import CATALOGUE
from cutover.products.omnileads.parts import PARTS, named

THERE = frozenset({"asterisk", "rtpengine", "nginx", "django"})


def test_a_part_means_those_of_its_components_that_there_are() -> None:
    assert named(["voice", "nginx"], THERE) == (frozenset({"asterisk", "rtpengine", "nginx"}), ())


def test_a_name_that_means_none_is_told() -> None:
    assert named(["keepalived", "webserver", "nginx"], THERE) == (frozenset({"nginx"}), ("keepalived", "webserver"))


def test_parts_name_components_of_the_catalogue() -> None:
    assert {name for part in PARTS.values() for name in part} <= {component.name for component in CATALOGUE}
