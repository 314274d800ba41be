"""Tenant folders: from `inventory.yml` to a validated `Tenant`. Nothing is contacted."""

from cutover.inventory.load import TENANTS, load, load_all, names
from cutover.inventory.tenant import Derived, Host, Layout, Role, Tenant
from cutover.inventory.variables import Variables

__all__ = ["TENANTS", "Derived", "Host", "Layout", "Role", "Tenant", "Variables", "load", "load_all", "names"]
