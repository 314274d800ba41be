from __future__ import annotations

import pytest

from cutover.errors import CutoverError
from tasks.tenants import refuse_pairs
from tests.unit.products.omnileads.cases import ALONE, tenant


def test_what_cannot_be_done_to_pairs_is_refused_for_ha_tenants_alone() -> None:
    for case in ALONE:
        refuse_pairs(tenant(case))
    with pytest.raises(CutoverError, match="CUT-431"):
        refuse_pairs(tenant("ha"))
