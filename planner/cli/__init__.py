"""The command line: a thin skin over one session."""
