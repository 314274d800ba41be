# Everything a developer runs. `make demo` and `make test` do all the set-up they need; as root, for the lab boots hosts.
PY := .venv/bin/python
.DEFAULT_GOAL := help

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

setup: .venv/.ready ## Python packages, pinned by hash, in .venv

.venv/.ready: requirements.lock pyproject.toml deployments/setup.sh
	sh deployments/setup.sh
	@touch $@

demo: setup ## a lab host, a tenant installed on it, and the Prefect UI to look at
	@$(PY) -m tests.lab.demo $(if $(PORT),--port $(PORT))

demo-down: setup ## remove everything that `make demo` made
	@$(PY) -m tests.lab.demo --down

lint: setup ## style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

unit: setup ## tests that need no host: seconds
	$(PY) -m pytest tests/unit

lab: setup ## tests on real hosts
	$(PY) -m pytest tests/lab

faults: setup ## an upgrade broken at each of its steps by every fault: hours (ONE_OF=4: at some, by one)
	CUTOVER_FAULTS=$(or $(ONE_OF),1) $(PY) -m pytest -s tests/lab/flows/test_upgrade_faults.py

faults-ha: setup ## every host of an HA tenant lost by its power and by its network, and what else takes minutes of pairs
	CUTOVER_FAULTS=1 $(PY) -m pytest -vv tests/lab/hosts/test_postgresql_pair.py \
		tests/lab/flows/pairs/test_pairs_faults.py tests/lab/flows/pairs/test_restore_pairs.py

ui: setup ## tests in a real browser
	$(PY) -m pytest tests/ui

pictures: setup ## the pictures of README.md, taken by the browser tests
	CUTOVER_PICTURES=1 $(PY) -m pytest tests/ui -k "time_line or result_tells"

test: lint ## style, types, unit, hosts, browser: what every change must pass
	$(PY) -m tests

test-all: lint ## the same with every way to fail that takes minutes: an hour
	$(PY) -m tests --all

bench: setup ## the figures, measured against the floors of the same run
	$(PY) -m tests.perf

bench-fleet: setup ## 50 hosts with nothing to do, against Ansible: an hour, for it is slow
	$(PY) -m tests.perf.fleet

bench-ha: setup ## what clients of an HA tenant see of failures and switchovers: half an hour
	$(PY) -m tests.perf.failover
	$(PY) -m tests.perf.redis_failover

docs: setup ## reference pages made from the code
	$(PY) -m cutover.inventory.reference
	$(PY) -m cutover.products.omnileads.reference
	$(PY) -m cutover.reference

lock: ## resolve requirements.lock anew
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --group dev pyproject.toml -o requirements.lock

.PHONY: help setup demo demo-down lint unit lab faults faults-ha ui pictures test test-all bench bench-fleet bench-ha docs lock
