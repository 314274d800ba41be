from __future__ import annotations

from cutover.plan.adoption import Kind, compare, pins, variables

OLD = "# by the old tool\nTZ=${TZ}\nPGHOST=10.0.0.1\nPGPASSWORD=a=b\nAUTHEPH_SK=x\nPGHOST=10.0.0.2\n"
NEW = "TZ=Europe/Vienna\nPGHOST=10.0.0.2\nPGPASSWORD=a=b\nPGPORT=5432\n"
NGINX = "docker.io/omnileads/nginx"


def test_every_variable_of_an_env_file_is_mapped_or_named() -> None:
    assert {each.name: each.kind for each in compare("/etc/default/django.env", OLD, NEW)} == {
        "TZ": Kind.OTHER,
        "PGHOST": Kind.SAME,
        "PGPASSWORD": Kind.SAME,
        "AUTHEPH_SK": Kind.UNKNOWN,
        "PGPORT": Kind.ADDED,
    }


def test_no_value_is_kept() -> None:
    assert "a=b" not in repr(compare("/etc/default/django.env", OLD, NEW))


def test_remarks_and_lines_that_set_nothing_are_no_variables() -> None:
    assert variables("\n# A=1\nexport\n B=2 \n") == {"B": "2"}


def test_what_runs_is_pinned_to_the_digest_that_the_tag_means_now_where_the_host_has_it() -> None:
    known = (f"{NGINX}@sha256:1", f"{NGINX}@sha256:2", "quay.io/other/nginx@sha256:3")
    assert pins([(f"{NGINX}:1", known)], {f"{NGINX}:1": "sha256:2"}) == {f"{NGINX}:1": "sha256:2"}
    assert pins([(f"{NGINX}:1", known)], {f"{NGINX}:1": "sha256:9"}) == {f"{NGINX}:1": "sha256:1"}


def test_an_image_that_no_registry_knows_is_not_pinned() -> None:
    assert pins([("localhost/mine:1", ())], {}) == {}
    assert pins([("registry:5000/nginx:1", ("registry:5000/nginx@sha256:1",))], {}) == {
        "registry:5000/nginx:1": "sha256:1"
    }
