"""Desired state and observed state become a plan. Pure: nothing here reads a file or opens a connection."""
