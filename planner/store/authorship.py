"""The commit object as git would write it, where it is plain from the configuration by whom and when it is made."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

_CRUD = r"\x00-\x20.,:;<>\"\\'"  # git strips these from both ends of a name
_CLEAN = re.compile(rf"[^{_CRUD}](?:[^\x00-\x1f<>]*[^{_CRUD}])?")
_DATE = re.compile(r"@(?P<when>\d{1,10} [+-]\d{4})")


def commit_body(tree: str, parents: Sequence[str], people: tuple[str, str], message: bytes) -> bytes:
    """Return the content of a commit object; `people` are its author and its committer, with their times."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {people[0]}", f"committer {people[1]}"]
    return "\n".join(lines).encode() + b"\n\n" + message


def signatures(config: Mapping[str, str], env: Mapping[str, str]) -> tuple[str, str] | None:
    """Return author and committer as a commit names them, or None where only git can tell.

    That is where a name or an address is guessed, or has characters that git would strip, or the time is not given.
    """
    found = []
    for role in ("author", "committer"):
        asked = {**os.environ, **env}
        name = asked.get(f"GIT_{role.upper()}_NAME", config.get(f"{role}.name", config.get("user.name", "")))
        email = asked.get(f"GIT_{role.upper()}_EMAIL", config.get(f"{role}.email", config.get("user.email", "")))
        date = _DATE.fullmatch(env.get(f"GIT_{role.upper()}_DATE", ""))
        if not (_CLEAN.fullmatch(name) and _CLEAN.fullmatch(email) and date and is_utf8(os.fsencode(name + email))):
            return None
        found.append(f"{name} <{email}> {date['when']}")
    return found[0], found[1]


def is_utf8(data: bytes) -> bool:
    """Whether git would take the bytes for what they claim to be; others it would mend."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
