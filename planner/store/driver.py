"""`planner merge-driver %O %A %B %L %P`: git's merge of one file, by fields, in a process that starts in no time.

Exit codes: 0 merged, CONFLICT written with markers; any other leaves %A as it was, and the command that git was given
falls back to `git merge-file`.
"""

from __future__ import annotations

from collections.abc import Sequence

from planner.core.markers import LABELS, SIZE, Versions, merge_with_markers
from planner.core.merge import Side, always
from planner.store import fsops

CONFLICT = 64
LEFT_TO_GIT = 65
LARGEST = 512_000  # bytes; what is larger is no item, and git merges its lines faster


def main(words: Sequence[str]) -> int:
    """Merge the file at words[1] in place; git gives base, ours, theirs, the size of markers and the path."""
    if len(words) < 4 or not words[3].isdecimal():
        return LEFT_TO_GIT
    ops, target, size = fsops.get(), words[1], int(words[3])
    data = [ops.read(path) for path in words[:3]]
    if max(map(len, data)) > LARGEST:
        return LEFT_TO_GIT
    base, ours, theirs = (text.decode("utf-8", "surrogateescape") for text in data)
    versions = Versions(base, ours, theirs)
    if size > SIZE:  # a base that git makes of two: markers in it would meet those of the real merge
        merged, code = versions.merged(always(Side.BASE)), 0
    else:
        merged = merge_with_markers(versions, size, LABELS)
        code = CONFLICT if merged.conflicts else 0
    temporary = f"{target}.planner"
    ops.write_new(temporary, merged.text.encode("utf-8", "surrogateescape"), like=target)
    ops.rename(temporary, target)  # the last act: before it, git can still merge the file itself
    return code
