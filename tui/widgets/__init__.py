"""The virtual grid and the small widgets around it."""
