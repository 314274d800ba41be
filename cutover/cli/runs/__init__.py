"""Runs of an operation: started at a Prefect server or in place, and followed to their end."""
