"""The operator's own Asterisk files."""

from __future__ import annotations

from cutover.products.omnileads.dialplan import custom_files

FILES = {file.path.rpartition("/")[2]: file for file in custom_files()}


def test_w31_each_file_is_made_once_and_on_its_own() -> None:
    assert [file for file in FILES.values() if file.once != file.path] == []


def test_every_kind_has_the_files_that_the_dialplan_includes() -> None:
    assert {"oml_pjsip_custom.conf", "oml_pjsip_override.conf", "oml_extensions_ivr_custom.conf"} < FILES.keys()
    assert "oml_extensions_ivr_override.conf" not in FILES
    assert "oml_extensions_precall_override.conf" in FILES
    assert len(FILES) == 16 * 2 + 3 + 5 + 5


def test_the_contexts_that_are_jumped_to_are_declared() -> None:
    counts = {name: file.content.count(b"\n[") + 1 for name, file in FILES.items() if file.content}

    assert counts == {
        "oml_extensions_custom.conf": 6,
        "oml_extensions_precall_custom.conf": 15,
        "oml_extensions_commonsub_custom.conf": 11,
        "oml_extensions_modules_custom.conf": 6,
        "oml_extensions_bridgecall_custom.conf": 5,
        "oml_extensions_postcall_custom.conf": 26,
    }
    assert b"[click2call-custom]" in FILES["oml_extensions_custom.conf"].content


def test_asterisk_may_read_them_whatever_its_user_is() -> None:
    assert {(file.mode, file.owner) for file in FILES.values()} == {(0o644, "omnileads")}
