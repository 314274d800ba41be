"""Both stores of the lab: the fast one, and the true one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.ceph import gateway
from tests.lab.ceph.gateway import Gateway
from tests.lab.lab import Lab
from tests.lab.s3 import Place as Served


@pytest.fixture(scope="package")
def ceph(lab: Lab) -> Iterator[Gateway]:
    """Ceph's gateway."""
    made = gateway.serve(lab)
    yield made
    lab.remove([made.host])


@pytest.fixture(params=["store", "ceph"])
def served(request: pytest.FixtureRequest, lab: Lab) -> Served:
    """One store after the other."""
    if request.param == "store":
        return lab.store
    made: Gateway = request.getfixturevalue("ceph")
    return made
