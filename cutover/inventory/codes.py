"""The codes of what can be wrong with an inventory."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Stable codes; the text beside each is what the reference page says."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Code:
        """Keep the meaning beside the code."""
        made = str.__new__(cls, code)
        made._value_ = code
        made.meaning = meaning
        return made

    NAME = "CUT-101", "The tenant's name is unsafe in a path or a unit name."
    FILE = "CUT-102", "There is no inventory, or it cannot be read."
    SYNTAX = "CUT-103", "The file is not YAML."
    TWICE = "CUT-104", "A key stands twice in one place, with different values."
    SHAPE = "CUT-105", "The file has not the structure of an inventory."
    UNKNOWN = "CUT-106", "A variable is unknown."
    VALUE = "CUT-107", "A value is not allowed."
    MISSING = "CUT-108", "A required variable is missing."
    TEMPLATE = "CUT-109", "A value is a template or is encrypted for Ansible."
    PUBLISHED = "CUT-110", "A secret is one of those published with the old tool."
    REFERENCE = "CUT-111", "A reference to a secret leads nowhere."
    READABLE = "CUT-112", "A file with a secret can be read by others."
    HOSTS = "CUT-113", "The hosts are not those of a layout."
    ROLE = "CUT-114", "A host has no role, two roles, or another role than its name says."
    OVERLAP = "CUT-115", "An address is used twice."
    VIP = "CUT-116", "A virtual IP cannot work."
    PAIR = "CUT-117", "A pair has not exactly one main and one backup."
    CONTRADICTION = "CUT-118", "Two settings contradict each other."
    DIFFERENT = "CUT-119", "A variable of the tenant has different values for different hosts."
    CERTIFICATE = "CUT-120", "The custom certificate or its key is missing or unreadable."
    KEY = "CUT-121", "The private key does not fit the certificate."
    CHAIN = "CUT-122", "The certificate's chain is wrong, or a certificate in it is not valid now."
    PUBLIC_KEY = "CUT-123", "The certificate is the one published with the old tool; everybody has its key."
    UNUSED = "CUT-150", "Warning: a variable has no effect."
    BOOLEAN = "CUT-151", "Warning: a yes or no is written in an old way."
    REPEATED = "CUT-152", "Warning: a key stands twice with the same value."
    CORRECTED = "CUT-153", "Warning: a value known to be wrong was corrected."
    EXPIRES = "CUT-154", "Warning: a certificate ends within 30 days."
    SHARED = "CUT-155", "Warning: two tenants use the same address."
    EMPTY = "CUT-156", "Warning: a variable that decides something has no value."
    OPEN = "CUT-157", "Warning: SIP is open to everybody."
    OPEN_KEY = "CUT-159", "Warning: a private key can be read by everybody."
    VOTES = "CUT-160", "Warning: of the three votes on who may write to PostgreSQL, two are on one hypervisor."
    DOUBTFUL = "CUT-158", "Warning: settings fit badly."
