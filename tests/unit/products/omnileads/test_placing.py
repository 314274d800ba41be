"""Who gets which part of a backup."""

from __future__ import annotations

from cutover.products.omnileads.placing import old_files, placing


def test_every_host_gets_its_own_files_back() -> None:
    placed = placing("custom files", ["voice_1", "voice_2"], ["voice_1", "voice_2"])
    assert placed.sources == {"voice_1": "voice_1", "voice_2": "voice_2"}
    assert not placed.findings


def test_onto_another_layout_the_first_saved_host_stands_for_all_and_that_is_said() -> None:
    placed = placing("custom files", ["voice_1", "voice_2"], ["omnileads_aio"])
    assert placed.sources == {"omnileads_aio": "voice_1"}
    assert [finding.where for finding in placed.findings] == ["omnileads_aio", "voice_2"]
    assert not any(finding.fatal for finding in placed.findings)


def test_a_backup_without_the_part_changes_nothing() -> None:
    assert placing("custom files", [], ["omnileads_aio"]).sources == {}


def test_the_old_tool_s_flat_files_are_taken_as_they_are() -> None:
    assert old_files(["b.conf", "a.conf"]) == ({"a.conf": "a.conf", "b.conf": "b.conf"}, [])


def test_w08_of_the_old_tool_s_folders_only_the_custom_files_belong_there() -> None:
    names = ["etc-custom/a.conf", "etc-custom/deep/b.conf", "agi-bin/x.py", "moh-oml/y.wav", "sounds-oml/z.wav"]
    wanted, aside = old_files(names)
    assert wanted == {"etc-custom/a.conf": "a.conf", "etc-custom/deep/b.conf": "deep/b.conf"}
    assert aside == ["agi-bin/x.py", "moh-oml/y.wav", "sounds-oml/z.wav"]
