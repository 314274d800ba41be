"""Keys of age (age-encryption.org): are they keys at all? They are written in Bech32, whose checksum finds slips."""

from __future__ import annotations

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_DATA = 52
"""Letters that 32 bytes take, five bits each."""
_CHECKSUM = 6


def age_public_key(text: str) -> bool:
    """Return whether a text is an age public key (X25519), `age1…`."""
    return text.islower() and _is_key(text, "age")


def age_identity(text: str) -> bool:
    """Return whether a text is an age identity (X25519), `AGE-SECRET-KEY-1…`."""
    return text.isupper() and _is_key(text.lower(), "age-secret-key-")


def recipient_of(identity: str) -> str:
    """Return the public key that belongs to an identity."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: PLC0415 - slow, rarely needed

    secret = X25519PrivateKey.from_private_bytes(_bytes(identity.lower().rpartition("1")[2][:_DATA]))
    return _written("age", secret.public_key().public_bytes_raw())


def _is_key(text: str, prefix: str) -> bool:
    found, _, letters = text.rpartition("1")
    if found != prefix or len(letters) != _DATA + _CHECKSUM or not set(letters) <= set(_LETTERS):
        return False
    return _polymod([*_spread(prefix), *(_LETTERS.index(letter) for letter in letters)]) == 1


def _bytes(letters: str) -> bytes:
    """Return the 32 bytes that letters of five bits stand for; the four bits left over are zero."""
    number = 0
    for letter in letters:
        number = number << 5 | _LETTERS.index(letter)
    return (number >> 4).to_bytes(32, "big")


def _written(prefix: str, content: bytes) -> str:
    number = int.from_bytes(content, "big") << 4
    values = [number >> 5 * place & 31 for place in reversed(range(_DATA))]
    rest = _polymod([*_spread(prefix), *values, *[0] * _CHECKSUM]) ^ 1
    values += [rest >> 5 * place & 31 for place in reversed(range(_CHECKSUM))]
    return f"{prefix}1{''.join(_LETTERS[value] for value in values)}"


def _spread(prefix: str) -> list[int]:
    return [ord(sign) >> 5 for sign in prefix] + [0] + [ord(sign) & 31 for sign in prefix]


def _polymod(values: list[int]) -> int:
    """Return the checksum of BIP 173."""
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum
