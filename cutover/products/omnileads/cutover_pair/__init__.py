"""
The guard of a PostgreSQL pair, the program `cutover-pair` on both database hosts.

It runs there with Python 3.9 or newer and psycopg2, both packages of the distribution. It alone starts PostgreSQL,
holds the virtual IPs, and stops a primary that may no longer be one; `decision.py` says by which rules.
"""
