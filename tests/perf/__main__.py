"""Every figure: `python -m tests.perf`, or `make bench`."""

from tests.perf import backup, install, inventory, upgrade

inventory.main()
install.main()
upgrade.main()
backup.main()
