"""Every figure: `python -m tests.perf`, or `make bench`."""

from tests.perf import install, inventory

inventory.main()
install.main()
