"""The secrets that were published with the old tool. Known by digest only: the first 16 hex digits of SHA-256."""

from __future__ import annotations

from hashlib import sha256

from cutover.secret import Secret

_DIGESTS = frozenset(
    {
        # postgres_password
        "b131efa5e52fe7f5",
        "cd03e5d0c0fefd66",
        "e2ccb05e4dc01efb",
        "acb354f2e7eb49ae",
        "5f22495e5db76ff8",
        # s3_http_admin_pass
        "0e25e39ff0ff23d9",
        "52b6b2c68641f8eb",
        # bucket_access_key
        "2ab9ff3ef4ef15a8",
        "514aeb4b2d952736",
        "63f2e953ca20a142",
        "aae23029763b7afc",
        "11d43bf3fac39c3b",
        # bucket_secret_key
        "1246ff824b110147",
        "481a3459255af5b0",
        "1799a90b57919e2c",
        "248958352cff5160",
        "20bf7ee17fdac2c1",
        # ami_password
        "7745383f29eb6c93",
        # dialer_password
        "2a97516c354b6884",
        "7b0531339ac41eef",
        # google_maps_api_key
        "aab2475ba8790e96",
    }
)


def published(secret: Secret) -> bool:
    """Return whether everybody can know this secret, whichever variable it was published for."""
    return sha256(secret.reveal().encode()).hexdigest()[:16] in _DIGESTS
