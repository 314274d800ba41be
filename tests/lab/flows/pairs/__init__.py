"""
What is done to an HA tenant; its eight hosts are installed once, and all files here share them in the order of names.

Each file leaves the tenant whole, though not always in its initial roles.
"""

NAME = "summit"
