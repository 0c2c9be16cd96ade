"""Wishes that cannot be met: a sentence, the way out, and the exit code of the command line.

Faults in a *file* are never one of these: they are `Problem` values (core/model.py).
"""

from __future__ import annotations

import re
from typing import ClassVar

_USER_INFO = re.compile(r"(?<=://)[^/?#\s]+@")


def without_passwords(text: str) -> str:
    """A text as it may be shown or logged: URLs without user and password."""
    return _USER_INFO.sub("", text)


class PlannerError(Exception):
    """A wish that cannot be met; `hint` says what to type or do instead."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = without_passwords(message)
        self.hint = without_passwords(hint)
        super().__init__(self.message)


class Invalid(PlannerError):
    """The wish itself is wrong: an unknown field, a value that does not parse, bad usage."""

    code = "invalid"
    exit_code = 2


class NotFound(PlannerError):
    """Nothing answers to that id, path or name."""

    code = "not-found"
    exit_code = 3


class Ambiguous(PlannerError):
    """More than one item answers to that prefix or name."""

    code = "ambiguous"
    exit_code = 3


class Stale(PlannerError):
    """The file changed since it was read, in the very field that is to be set."""

    code = "stale"
    exit_code = 4


class Conflict(PlannerError):
    """Two changes to one thing that no rule may decide between."""

    code = "conflict"
    exit_code = 4


class GitFailed(PlannerError):
    """The git program refused or is missing; the message carries its own words."""

    code = "git-failed"
    exit_code = 5


class NotTrusted(GitFailed):
    """The repository's own configuration or hooks could run programs, and the user has not consented to that."""

    code = "not-trusted"


class ConfigError(PlannerError):
    """The user's own configuration or `--vault` is unusable (a faulty planner.toml is a Problem)."""

    code = "bad-config"
    exit_code = 6
