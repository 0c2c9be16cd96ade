"""How git comes to merge items by fields: a line in the vault's `.gitattributes`, the command in the clone's own config.

The line is committed and so reaches everybody; the command is never copied by a clone, and where it is missing git
merges by lines. The command falls back to that too, where the program is gone or fails.
"""

from __future__ import annotations

import os
import re
import shutil
import sys

from planner.store.git import Repository
from planner.store.trust import FALLBACK, driver_program

FILE = ".gitattributes"
LINE = "*.md merge=planner"
NAME = "planner: by fields"

_SAYS_SO = re.compile(r"^\*\.md[ \t].*\bmerge=", re.MULTILINE)


def with_line(text: str) -> str:
    """The text of an attribute file with our line, unless it says already how Markdown is merged."""
    if _SAYS_SO.search(text):
        return text
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{LINE}\n"


def program() -> str | None:
    """The absolute path of the program that git is to call; None where it is not installed as one."""
    beside = os.path.join(os.path.dirname(os.path.abspath(sys.executable)), "planner")
    found = beside if os.access(beside, os.X_OK) else shutil.which("planner")
    return os.path.abspath(found) if found else None


def command(path: str) -> str:
    """The line that git runs for a file that both sides changed."""
    return f'"{path}" merge-driver %O %A %B %L %P{FALLBACK}'


def set_up(repo: Repository) -> bool:
    """Let git call this program to merge items in this clone; return whether that was new. Raises GitFailed."""
    path = program()
    if path is None or repo.config_get("merge.planner.driver") == command(path):
        return False
    repo.run("config", "--local", "merge.planner.name", NAME)
    repo.run("config", "--local", "merge.planner.driver", command(path))
    return True


def fault(repo: Repository) -> str:
    """Why git would not merge items by fields here, as words without a full stop; empty where it would."""
    driver = repo.config_get("merge.planner.driver")
    if driver is None:
        return "git merges items by lines in this clone: it has not been told of the merge driver"
    called = driver_program(driver)
    if called is None:
        return "another command than planner's merges items in this clone"
    if os.path.isabs(called) and not os.access(called, os.X_OK):
        return f"git is told to merge items with {called}, which is not there; it merges them by lines"
    answer = repo.run("check-attr", "-z", "merge", "--", f"{repo.prefix}tasks/any.md").split(b"\0")
    if answer[2:3] != [b"planner"]:
        return f"{FILE} does not say that Markdown here is merged by planner"
    return ""
