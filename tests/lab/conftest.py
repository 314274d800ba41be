"""The type of the fixtures `hosts` and `module_hosts`, for the tests that take them."""

from __future__ import annotations

from tests.lab.making import Making as MakeHosts

__all__ = ["MakeHosts"]
