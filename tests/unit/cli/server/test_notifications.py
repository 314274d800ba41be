from __future__ import annotations

from pathlib import Path

import pytest

from cutover.cli.server.notification_block import scrubbed
from cutover.cli.server.notifications import read, understood
from cutover.errors import CutoverError, Finding

MAIL = "mailtos://ops:pa55word-of-mail@smtp.example.net?from=cutover@example.net&to=ops@example.net"


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "notifications"
    file.write_text(text)
    file.chmod(mode)
    return folder


def refused(folder: Path) -> tuple[Finding, ...]:
    with pytest.raises(CutoverError) as caught:
        read(folder)
    return caught.value.findings


def test_without_a_file_nobody_is_told(tmp_path: Path) -> None:
    assert read(tmp_path) == ()


def test_every_line_is_an_address_but_remarks_and_empty_ones(tmp_path: Path) -> None:
    found = read(written(tmp_path, f"# people\n\n{MAIL}\nhttps://alerts.example.net/hook/token\n"))
    assert [secret.reveal() for secret in found] == [MAIL, "jsons://alerts.example.net/hook/token"]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (finding,) = refused(written(tmp_path, MAIL, 0o640))
    assert finding.code == "CUT-773"
    assert "0640" in finding.why


def test_what_is_no_address_is_refused_with_its_line_and_without_its_text(tmp_path: Path) -> None:
    first, second = refused(written(tmp_path, f"{MAIL}\nops@example.net\nmial://ops:pa55word@example.net\n"))
    assert (first.code, second.code) == ("CUT-774", "CUT-774")
    assert first.where.endswith("notifications:2")
    assert "pa55word" not in f"{first}{second}"


def test_the_example_of_deployments_is_understood(tmp_path: Path) -> None:
    example = Path(__file__).parents[4] / "deployments/notifications.example"
    assert len(read(written(tmp_path, example.read_text()))) == 3


def test_the_environment_names_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("CUTOVER_NOTIFICATIONS", str(written(other, MAIL) / "notifications"))
    assert len(read(tmp_path)) == 1


@pytest.mark.parametrize("line", ["ops@example.net", "", "ftp://example.net", "https://", "example.net"])
def test_an_address_nobody_understands_is_none(line: str) -> None:
    assert understood(line) == ""


def test_what_a_mail_server_says_is_shown_without_secrets() -> None:
    hook = "jsons://alerts.example.net/hook/t0ken-of-the-hook?key=anotherkey"
    said = f"Login of ops with pa55word-of-mail failed at smtp.example.net; {hook}; t0ken-of-the-hook; anotherkey"
    shown = scrubbed(said, [MAIL, hook])
    assert "smtp.example.net" in shown
    for secret in ("pa55word-of-mail", "t0ken-of-the-hook", "anotherkey"):
        assert secret not in shown
