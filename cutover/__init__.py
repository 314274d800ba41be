"""Cutover: the library. It knows tenants, products, plans, hosts and storage, and never imports Prefect."""
