"""Every figure: `python -m tests.perf`, or `make bench`."""

from tests.perf import backup, install, inventory

inventory.main()
install.main()
backup.main()
