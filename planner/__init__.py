"""A plain-text, git-backed planner: Markdown files are the plan, git is the history."""

__version__ = "0.1.0"
