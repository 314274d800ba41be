"""What goes wrong in the lab itself."""


class LabError(Exception):
    """The lab cannot do what was asked; the text says what, why and what to do."""
