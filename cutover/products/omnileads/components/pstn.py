"""The emulated telephone network."""

from __future__ import annotations

from cutover.products.omnileads.sheet import Component, Repository, placement


class Pstn(Component):
    """
    An emulated telephone network for demonstrations.

    Known, and placed on no host: the old tool left a unit on every application host that nothing ever started.
    """

    name = "pstn"
    unit = "pstn"
    container = "oml-pstn-server"
    repository = Repository("docker.io/omnileads/pstn_emulator", "observability")
    where = placement()
    env = "pstn.env"
