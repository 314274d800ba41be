"""The `cutover` command: one verb one file, nothing heavy imported before a verb runs."""
