"""Tests that take minutes each: `make test` leaves them out, `make faults-ha` runs them."""

from __future__ import annotations

import os

import pytest

at_length = pytest.mark.skipif("CUTOVER_FAULTS" not in os.environ, reason="takes minutes: make faults-ha")
