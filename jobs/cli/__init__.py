"""The command line: one file a command, each a thin caller of the steps in jobs."""
