"""The external database of the lab."""

from __future__ import annotations

import pytest

from tests.lab import postgres
from tests.lab.conftest import MakeHosts
from tests.lab.errors import LabError
from tests.lab.postgres import Database

pytestmark = pytest.mark.lab


@pytest.fixture
def database(hosts: MakeHosts) -> Database:
    (host,) = hosts(1, layer=postgres.LAYER, names=["database"])
    return postgres.serve(host, "platform", "owner", "it's a secret")


def test_the_owner_works_in_the_database_with_plperl_and_is_no_superuser(database: Database) -> None:
    database.query("CREATE FUNCTION one() RETURNS int LANGUAGE plperl AS 'return 1'")
    assert database.query("SELECT one(), usesuper FROM pg_user WHERE usename = current_user") == "1|f"


def test_serving_again_keeps_what_is_there_and_sets_the_password(database: Database) -> None:
    database.query("CREATE TABLE kept (number int)")
    again = postgres.serve(database.host, database.name, database.user, "another")
    assert again.query("SELECT count(*) FROM kept") == "0"
    with pytest.raises(LabError, match="password authentication failed"):
        database.query("SELECT 1")


@pytest.mark.thorough
def test_the_database_answers_again_after_a_power_cut(database: Database) -> None:
    database.host.kill()
    database.host.start()
    database.host.run("systemctl start postgresql@15-main")
    assert database.query("SELECT 1") == "1"
