"""A controller whose runs renew no lease, for tests that count round trips: a renewal is one, too."""

from __future__ import annotations

import shutil
from pathlib import Path

from cutover.hosts import lease
from tests.lab.controller import Controller
from tests.lab.lab import Lab
from tests.lab.tenants import LabTenant


def patient(lab: Lab, folder: Path, tenant: LabTenant) -> Controller:
    """Return a controller in `folder` that knows a tenant; its leases outlive any run, however slow the machine."""
    made = Controller(lab.settings, folder, lease.LONGEST)
    shutil.copytree(tenant.folder, made.tenants / tenant.name)
    return made
