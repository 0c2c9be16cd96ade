"""The user's editor: what to start so that it opens a file at a line."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from planner.errors import Invalid

USUAL = ("sensible-editor", "nano", "vim", "vi")
"""What is tried, in this order, where neither $VISUAL nor $EDITOR is set."""

_PLUS = frozenset({"vi", "vim", "nvim", "nano", "emacs", "emacsclient", "kak", "micro", "joe"})
_GOTO = frozenset({"code", "codium", "cursor"})


def command_at(path: str, line: int) -> list[str]:
    """The argument list that opens a file at a line, from 1; raises Invalid where there is no editor."""
    said = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    try:
        words = shlex.split(said)
    except ValueError as error:
        raise Invalid(f"$EDITOR cannot be read: {error}", "export EDITOR=vim") from None
    if not words:
        words = next(([name] for name in USUAL if shutil.which(name)), [])
    if not words:
        raise Invalid("no editor is set", "export EDITOR=vim")
    if shutil.which(words[0]) is None:
        raise Invalid(f"the editor {words[0]} is not there", "export EDITOR=vim")
    match Path(words[0]).name:
        case name if name in _PLUS:
            return [*words, f"+{line}", path]
        case name if name in _GOTO:
            return [*words, "--wait", "--goto", f"{path}:{line}"]
        case "zed":
            return [*words, "--wait", f"{path}:{line}"]
        case "hx" | "helix" | "subl":
            return [*words, f"{path}:{line}"]
    return [*words, path]
