"""A command of the process that has loaded it is the command, to whoever gives it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.loaded import loaded
from tests.lab.tenants import PROJECT

REAL = [str(PROJECT / ".venv/bin/cutover")]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    with loaded(tmp_path_factory.mktemp("loaded") / "door") as made:
        yield made


def given(program: list[str], folder: Path, *words: str) -> tuple[int, str, str]:
    environment = os.environ | {"CUTOVER_TENANTS": "tenants", "CUTOVER_HOME": str(folder / "home")}
    done = subprocess.run(
        [*program, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "status"),
    [(["--help"], 0), (["tenants"], 0), (["check", "nobody", "--json"], 2), (["install"], 2), (["plan", "acme"], 2)],
)
def test_it_prints_and_ends_as_the_command_does(
    program: list[str], tmp_path: Path, words: list[str], status: int
) -> None:
    (tmp_path / "tenants/acme").mkdir(parents=True)
    (tmp_path / "tenants/acme/inventory.yml").write_text("all: [")
    ended = given(program, tmp_path, *words)
    assert ended == given(REAL, tmp_path, *words)
    assert ended[0] == status
    assert ended[1] + ended[2]


def test_each_command_has_the_folder_and_the_environment_of_who_gives_it(program: list[str], tmp_path: Path) -> None:
    for name in ("one", "two"):
        place = tmp_path / name / "tenants"
        place.mkdir(parents=True)
        assert str(place) in given(program, place.parent, "tenants", "--json")[1]
