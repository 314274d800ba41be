"""Stand-ins for the images OMniLeads is made of, built from Debian packages for the lab."""

from tests.lab.images.build import ImageStore, ensure
from tests.lab.images.catalogue import IMAGES, SHARED_LAYERS, Recipe

__all__ = ["IMAGES", "SHARED_LAYERS", "ImageStore", "Recipe", "ensure"]
