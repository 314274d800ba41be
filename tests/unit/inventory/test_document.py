from __future__ import annotations

from pathlib import Path

import pytest

from cutover.inventory.document import Listing, Mapping, Scalar, read
from cutover.inventory.report import Report
from tests.unit.inventory.loading import loaded, only, refused, replaced, warned
from tests.unit.inventory.texts import AIO


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("all: [", 2),
        ("all:\n\thosts:", 2),
        ("all:\n  vars: 'open\n\n\n", 2),
        ("all: a: b", 1),
        ("all: *missing", 1),
        ("all: 1\n---\nall: 2", 2),
        ("all: @x", 1),
        ("all: \x01", 1),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    finding = only(tmp_path, text)
    assert finding.code == "CUT-103"
    if "\x01" not in text:
        assert finding.where.split(":")[1] == str(line)


@pytest.mark.parametrize("text", ["", "# nothing", "- all", "all", "42"])
def test_what_is_no_inventory_is_refused(tmp_path: Path, text: str) -> None:
    assert "CUT-105" in {finding.code for finding in refused(tmp_path, text)}


def test_a_key_that_stands_twice_with_different_values_is_refused(tmp_path: Path) -> None:
    finding = only(tmp_path, replaced(AIO, ("SCA: 3600", "SCA: 3600\n    SCA: 60")))
    assert (finding.code, "with another value" in finding.what) == ("CUT-104", True)


def test_a_key_that_stands_twice_with_the_same_value_is_a_warning(tmp_path: Path) -> None:
    text = replaced(AIO, ("SCA: 3600", "SCA: 3600\n    SCA: 3600"))
    assert "is also in line" in warned(tmp_path, text, "CUT-152").what


def test_a_secret_that_stands_twice_is_not_shown(tmp_path: Path) -> None:
    text = replaced(AIO, ("    ami_user", "    ami_password: canary-1\n    ami_user"))
    assert "canary" not in str(only(tmp_path, text))


@pytest.mark.parametrize("text", ["&a [*a]", "&a {all: *a}", "all: " + "[" * 40 + "]" * 40])
def test_nesting_without_end_is_refused(text: str) -> None:
    report = Report("file")
    read(text, report)
    assert report.failed


def test_aliases_and_merge_keys_are_followed() -> None:
    report = Report("file")
    document = read("a: &base {x: 1, y: 2}\nb: {<<: *base, y: 3}\nc: *base", report)
    assert isinstance(document, Mapping)
    merged = document.items["b"].value
    assert isinstance(merged, Mapping)
    assert {name: getattr(item.value, "text", None) for name, item in merged.items.items()} == {"x": "1", "y": "3"}
    assert not report.findings


def test_values_stay_as_they_are_written() -> None:
    document = read("[230204.10, '0', no, 0x10, ~, '~', 1_000]", Report("file"))
    assert isinstance(document, Listing)
    scalars = [value for value in document.values if isinstance(value, Scalar)]
    assert [scalar.text for scalar in scalars] == ["230204.10", "0", "no", "0x10", "~", "~", "1_000"]
    assert [scalar.null for scalar in scalars] == [False, False, False, False, True, False, False]


def test_a_tag_keeps_its_zero(tmp_path: Path) -> None:
    text = replaced(AIO, ("nginx_version: 230215.01", "nginx_version: 230215.10"))
    assert loaded(tmp_path, text).variables.nginx_version == "230215.10"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    assert loaded(tmp_path, "\ufeff" + AIO.replace("\n", "\r\n")).variables.postgres_port == 5432
