"""Ceph on a host of the lab."""
