"""Every figure but one: `python -m tests.perf`, or `make bench`. That of a fleet takes an hour: `make bench-fleet`."""

from tests.perf import backup, install, inventory, upgrade

inventory.main()
install.main()
upgrade.main()
backup.main()
