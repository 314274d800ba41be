"""Hosts over SSH: connections with pinned keys, facts in one round trip, converging files, gates, the lease."""
