"""The verbs of the `cutover` command; each file holds NAME, HELP, add_arguments and run."""
