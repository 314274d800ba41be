"""Tenant folders: from `inventory.yml` to a validated `Tenant`. Nothing is contacted."""

from cutover.inventory.load import load, load_all, names, tenants_folder
from cutover.inventory.tenant import Derived, Host, Layout, Role, Tenant
from cutover.inventory.variables import Variables

__all__ = ["Derived", "Host", "Layout", "Role", "Tenant", "Variables", "load", "load_all", "names", "tenants_folder"]
