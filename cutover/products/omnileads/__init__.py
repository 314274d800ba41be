"""
OMniLeads, the contact centre, as of its 1.26 era.

`components/` holds one data sheet a component with its templates beside it, `releases.toml` which image tags belong
together. `desired` makes a tenant's desired state from them.
"""

from cutover.products.omnileads.catalogue import component_names
from cutover.products.omnileads.desired import desired, findings, images
from cutover.products.omnileads.preparation import every_package, typical_systems

__all__ = ["component_names", "desired", "every_package", "findings", "images", "typical_systems"]
