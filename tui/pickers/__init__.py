"""Screens to choose a value in: a list to search, a day, a title in its place."""
