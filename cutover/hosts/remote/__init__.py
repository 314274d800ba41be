"""What runs on hosts: shell functions, and programs of their own."""
