"""One module a format, foreign text or data to and from items; pure."""
