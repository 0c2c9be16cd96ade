"""The terminal interface: a thin skin over one session."""
