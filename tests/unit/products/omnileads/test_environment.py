"""Env files: every variable of the reference sheet, with the right value, in a form that podman reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from cutover.errors import CutoverError
from cutover.products.omnileads import desired, typical_systems
from cutover.secret import Secret
from tests.unit.products.omnileads.cases import ALONE, INSTALLABLE, all_files, digests, environment, parsed, tenant

HERE = Path(__file__).parent
NAMES: dict[str, dict[str, Any]] = tomllib.loads((HERE / "variables.toml").read_text())
ROWS: list[dict[str, str]] = tomllib.loads((HERE / "values.toml").read_text())["row"]
VALUES = [
    pytest.param(row, case, id=f"{case}-{row['file']}-{row['variable']}{'-' + row['W'] if 'W' in row else ''}")
    for row in ROWS
    for case in INSTALLABLE
    if case in row
]


def expected_names(file: str, case: str) -> set[str]:
    said = NAMES[file]
    base = NAMES[said["like"]] if "like" in said else said
    names = set(base["always"]) - set(said.get("without", ())) | set(said.get("with", ()))
    merged = {**base, **said}
    names |= set(merged.get("aws" if case == "cloud-aws" else "endpoint", ()))
    names |= set(merged.get("replica", ())) if case == "cloud-aws" else set()
    return names | (set(merged.get("smtp", ())) | set(merged.get("add_ons", ())) if case == "enterprise" else set())


@pytest.mark.parametrize("case", ALONE)
def test_every_env_file_holds_exactly_the_variables_of_the_sheet(case: str) -> None:
    files = {file.path.rpartition("/")[2]: file for _, file in all_files(case) if file.path.endswith(".env")}

    assert {name: set(parsed(file.content)) for name, file in files.items()} == {
        name: expected_names(name, case) for name in files
    }
    assert files.keys() <= NAMES.keys()


@pytest.mark.parametrize(("row", "case"), VALUES)
def test_a_variable_has_the_value_of_its_source(row: dict[str, str], case: str) -> None:
    assert environment(case, row["file"])[row["variable"]] == row[case]


@pytest.mark.parametrize("case", INSTALLABLE)
def test_w28_no_value_is_a_shell_expansion_or_the_word_aws(case: str) -> None:
    values = [
        (file.path, name, value)
        for _, file in all_files(case)
        if file.path.endswith(".env")
        for name, value in parsed(file.content).items()
    ]

    assert [each for each in values if "${" in each[2] or each[2] == "aws"] == []


@pytest.mark.parametrize("case", INSTALLABLE)
def test_w24_env_files_and_the_key_are_for_root_alone(case: str) -> None:
    kept = [file for _, file in all_files(case) if file.path.endswith((".env", "key.pem"))]

    assert {(file.mode, file.owner, file.group) for file in kept} == {(0o600, "root", "root")}


@pytest.mark.parametrize("case", ALONE)
def test_w22_a_file_with_a_secret_is_marked_and_no_unit_is_one(case: str) -> None:
    with_canary = {file.path for _, file in all_files(case) if b"canary" in file.content}
    marked = {file.path for _, file in all_files(case) if file.secret} - {"/etc/omnileads/certs/key.pem"}

    assert with_canary == marked
    assert all(path.startswith("/etc/default/") and path.endswith(".env") for path in marked)


def test_the_map_centre_is_json_that_its_reader_understands() -> None:
    for name in ("django.env", "daphne.env", "omlcron.env"):
        centre = json.loads(environment("enterprise", name)["GOOGLE_MAPS_CENTER"])
        assert centre == {"lat": 48.2, "lng": 16.37, "name": 'it\'s "Vienna"'}


def test_a_map_centre_that_is_no_json_is_refused() -> None:
    of = tenant("aio")
    of = replace(of, variables=of.variables.model_copy(update={"google_maps_center": "Vienna"}))

    with pytest.raises(CutoverError, match="CUT-421"):
        desired(of, digests(of), typical_systems(of))


def test_a_secret_with_a_line_break_is_refused_and_not_shown() -> None:
    of = tenant("aio")
    of = replace(of, variables=of.variables.model_copy(update={"ami_password": Secret("canary\nPGHOST=evil")}))

    with pytest.raises(CutoverError, match="CUT-420") as raised:
        desired(of, digests(of), typical_systems(of))
    assert "canary" not in str(raised.value)


@pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed")
def test_podman_reads_the_files_as_they_were_meant() -> None:
    content = next(file.content for _, file in all_files("enterprise") if file.path == "/etc/default/django.env")

    # Not tmp_path: podman refuses a run directory with a long path.
    with TemporaryDirectory() as folder:
        found = read_by_podman(content, Path(folder))

    assert parsed(content).items() <= found.items()


def read_by_podman(content: bytes, folder: Path) -> dict[str, str]:
    """Return the environment that podman would give a container with this env file."""
    (folder / "django.env").write_bytes(content)
    (folder / "rootfs").mkdir()
    podman = ["podman", f"--root={folder}/store", f"--runroot={folder}/run", "--storage-driver=vfs"]
    create = [*podman, "create", f"--env-file={folder}/django.env", "--rootfs", str(folder / "rootfs"), "/bin/true"]
    container = subprocess.run(create, check=True, capture_output=True, text=True).stdout.strip()
    inspect = [*podman, "inspect", "--format={{json .Config.Env}}", container]
    found = json.loads(subprocess.run(inspect, check=True, capture_output=True, text=True).stdout)
    return dict(each.split("=", 1) for each in found)


def test_w22_files_of_a_pair_with_secrets_or_what_is_derived_from_them_are_for_root_or_postgres_alone() -> None:
    secret = {(file.path, file.mode) for _, file in all_files("ha") if file.secret}
    with_canary = {file.path for _, file in all_files("ha") if b"canary" in file.content}

    assert {mode for _, mode in secret} == {0o600}
    assert with_canary < {path for path, _ in secret}
    assert {"/etc/keepalived/keepalived.conf", "/etc/omnileads/hap.pem"} < {path for path, _ in secret}


def test_ha_components_are_told_of_the_pair_and_of_their_own_addresses() -> None:
    assert environment("ha", "redis.env", "app_1") == {
        "REDISGEARS_VERSION": "1.0.9",
        "BIND_IP": "10.0.0.105",
    }
    assert environment("ha", "sentinel.env", "haproxy_1")["BIND_IP"] == "10.0.0.108"
    kamailio = environment("ha", "kamailio.env", "app_2")
    assert (kamailio["ASTERISK_HOSTNAME"], kamailio["RTPENGINE_HOSTNAME_NODE_2"]) == ("10.0.0.203", "10.0.0.104")
    websockets = environment("ha", "websockets.env", "app_1")
    assert websockets["REDIS_HOST"] == "redis+sentinel://master/10.0.0.103,10.0.0.104,10.0.0.108"
    assert environment("ha", "asterisk.env", "voice_2")["ASTERISK_HOSTNAME"] == "10.0.0.203"
