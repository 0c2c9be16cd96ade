"""What a merge of two histories asks people: a field that both changed, a file that one deleted, a name given twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from planner.core.markers import Versions
from planner.core.merge import FieldConflict
from planner.core.record import dataclass, field
from planner.core.settle import settle
from planner.errors import Invalid
from planner.store import answers
from planner.store.sync import Clash

Source = Literal["sync", "markers", "copy"]

FILE = "file"
"""The field of a question whether a file stays: it was deleted on one side and changed on the other."""
PATH = "path"
"""The field of a question what a file is to be called."""
_KEEP = {"keep", "restore"}
Files: TypeAlias = Mapping[str, "tuple[str, bytes] | None"]
"""Files by path, each its mode and its content as git stores it; None: no file."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that base, ours and theirs say in three ways (None: it is not there), and where it comes from."""

    path: str
    field: str
    base: str | None
    ours: str | None
    theirs: str | None
    source: Source = "sync"

    @property
    def key(self) -> str:
        """Stands for the question: another value on any side is another question."""
        return answers.key(self.path, self.field, self.base, self.ours, self.theirs)


@dataclass(frozen=True, slots=True)
class Solved:
    """Files as a merge has them, what it still asks, and what was merged by fields."""

    files: Files = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    merged: tuple[str, ...] = ()


def solve(clashes: Sequence[Clash], blobs: Mapping[str, bytes], given: Mapping[str, str]) -> Solved:
    """Merge every clash by fields, with the answers that were given; `blobs` has the contents by object id."""
    files: dict[str, tuple[str, bytes] | None] = {}
    questions: list[Question] = []
    merged: list[str] = []
    for clash in clashes:
        made, asked = _solve(clash, blobs, given)
        files |= made
        questions += asked
        if clash.kind == "text":
            merged.append(clash.path)
    return Solved(files, tuple(questions), tuple(merged))


def _solve(clash: Clash, blobs: Mapping[str, bytes], given: Mapping[str, str]) -> tuple[Files, list[Question]]:
    versions = [_text(blobs.get(entry[1], b"")) if entry else None for entry in (clash.base, clash.ours, clash.theirs)]
    base, ours, theirs = versions
    if clash.kind == "delete":
        return _deleted(clash, base, ours, theirs, given)
    if any(b"\0" in blobs.get(oid, b"") for oid in clash.oids):
        return _binary(clash, blobs, given)
    text, asked = settled(clash.path, Versions(base, ours or "", theirs or ""), given, "sync")
    file = ((clash.ours or clash.theirs or ("100644", ""))[0], _bytes(text))
    if clash.kind == "text":
        return {clash.path: file}, asked
    question = Question(clash.path, PATH, clash.path, clash.our_path, clash.their_path)
    answer = given.get(question.key)
    names = {None: clash.our_path, "ours": clash.our_path, "theirs": clash.their_path}
    gone = dict.fromkeys((clash.path, clash.our_path, clash.their_path))
    return {**gone, names.get(answer, answer or ""): file}, [*asked, *([] if answer else [question])]


def _deleted(
    clash: Clash, base: str | None, ours: str | None, theirs: str | None, given: Mapping[str, str]
) -> tuple[Files, list[Question]]:
    question = Question(clash.path, FILE, base, ours, theirs)
    answer = given.get(question.key)
    kept, entry = (ours, clash.ours) if ours is not None else (theirs, clash.theirs)
    stays = answer in _KEEP or answer is None or (answer == "ours") == (ours is not None)
    if answer == "delete" or not stays or kept is None or entry is None:
        return {clash.path: None}, []
    return {clash.path: (entry[0], _bytes(kept))}, [] if answer else [question]


def _binary(clash: Clash, blobs: Mapping[str, bytes], given: Mapping[str, str]) -> tuple[Files, list[Question]]:
    """A picture or the like, of which nobody can make one of two: one side's, named by the object ids."""
    base, ours, theirs = (entry and entry[1] for entry in (clash.base, clash.ours, clash.theirs))
    question = Question(clash.our_path, FILE, base, ours, theirs)
    answer = given.get(question.key)
    kept = clash.theirs if answer == "theirs" else clash.ours
    gone = dict.fromkeys((clash.path, clash.our_path, clash.their_path))
    if kept is None or answer == "delete":
        return gone, []
    return {**gone, clash.our_path: (kept[0], blobs.get(kept[1], b""))}, [] if answer else [question]


def settled(path: str, versions: Versions, given: Mapping[str, str], source: Source) -> tuple[str, list[Question]]:
    """One file's merge with the answers given for it, and what it still asks."""
    merged = settle(versions, {})
    asked = [question_of(path, clash, source) for clash in merged.conflicts]
    found = {question.field: given[question.key] for question in asked if question.key in given}
    if found:
        try:
            merged = settle(versions, found)
        except ValueError as error:
            raise Invalid(f"{path}: {error}", "say ours or theirs") from None
    return merged.text, [question_of(path, clash, source) for clash in merged.conflicts]


def question_of(path: str, clash: FieldConflict, source: Source) -> Question:
    """The question that a conflict of a merge comes to."""
    return Question(path, clash.field, clash.base, clash.ours, clash.theirs, source)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
