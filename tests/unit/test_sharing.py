from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.__main__ import failed_in
from tests.sharing import FIRST, TAKEN, WHOLE, in_order

ROOT = Path(__file__).parents[2]
TEST = """
import time, pytest

@pytest.fixture(scope="module")
def made():
    yield 1
    open({log!r}, "a").write("{name} put away\\n")

@pytest.mark.parametrize("number", range(3))
def test_it(made, number):
    time.sleep(0.05)
    open({log!r}, "a").write("{name} %d\\n" % number)
"""


def test_every_file_is_run_once_by_one_of_two_processes(tmp_path: Path) -> None:
    log, tests, taken = tmp_path / "log", tmp_path / "tests", tmp_path / "taken"
    taken.mkdir()
    tests.mkdir()
    names = [f"test_{letter}" for letter in "abcdef"]
    for name in names:
        (tests / f"{name}.py").write_text(TEST.format(log=str(log), name=name))
    argv = [sys.executable, "-m", "pytest", "-p", "tests.sharing", "--rootdir", str(tests), "-q", str(tests)]
    both = [
        subprocess.Popen(argv, cwd=ROOT, env=os.environ | {TAKEN: str(taken)}, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    printed = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert sorted(log.read_text().splitlines()) == sorted(
        f"{name} {what}" for name in names for what in ("0", "1", "2", "put away")
    )
    assert sum(int(each.partition(" passed")[0].split()[-1]) for each in printed) == 18


def test_a_folder_whose_files_share_something_is_taken_whole_and_in_order(tmp_path: Path) -> None:
    log, folder, taken = tmp_path / "log", tmp_path / "tests" / WHOLE[0], tmp_path / "taken"
    taken.mkdir()
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "conftest.py").write_text(TEST.replace("module", "package").format(log=str(log), name="folder"))
    for name in ("test_a", "test_b"):
        (folder / f"{name}.py").write_text(f"def test_it(made): open({str(log)!r}, 'a').write('{name}\\n')")
    argv = [sys.executable, "-m", "pytest", "-p", "tests.sharing", "--rootdir", str(tmp_path), "-q", str(folder.parent)]
    done = subprocess.run(argv, cwd=ROOT, env=os.environ | {TAKEN: str(taken)}, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert log.read_text().splitlines() == ["test_a", "test_b", "folder put away"]
    assert [each.name for each in taken.iterdir()] == [str(folder).replace("/", "_")]


def test_the_long_ones_come_first() -> None:
    files = [Path("tests/lab/test_hosts.py"), Path(f"tests/lab/{FIRST[1]}.py"), Path(f"tests/lab/{FIRST[0]}.py")]
    assert [file.stem for file in in_order(files)] == [FIRST[0], FIRST[1], "test_hosts"]


def test_what_failed_is_run_again_by_whole_files_and_whole_folders() -> None:
    printed = (
        "ERROR    prefect.flow_runs:watch.py:7 a line of a log\n"
        "FAILED tests/lab/flows/test_restore.py::test_one[a b] - AssertionError: it is not\n"
        "FAILED tests/lab/flows/test_restore.py::test_two - AssertionError\n"
        "ERROR tests/lab/flows/pairs/test_pairs.py::test_three - LabError: no host\n"
    )
    assert failed_in(printed) == ["tests/lab/flows/pairs", "tests/lab/flows/test_restore.py"]
