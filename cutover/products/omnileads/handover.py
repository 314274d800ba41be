"""
Who decides which host of a pair serves, by component: what has to be moved before a component of the host restarts.

Of all others both hosts serve, and who is asked for another host's is led there at once, or is asked again.
"""

from __future__ import annotations

BY_ADDRESS = frozenset({"asterisk", "haproxy"})
"""keepalived: the host with the virtual IP serves."""

BY_SENTINELS = frozenset({"redis"})
"""The Sentinels: the master serves."""

BY_BALANCER = frozenset({"django", "nginx"})
"""HAProxy: both hosts serve while its check says that they answer."""
