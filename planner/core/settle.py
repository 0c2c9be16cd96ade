"""Answers to what a merge asks: for each field a side, or a value of one's own."""

from __future__ import annotations

from collections.abc import Mapping

from planner.core.document import parse_document
from planner.core.fields import CANONICAL, FIELDS, FieldType, read_scalar
from planner.core.markers import Versions
from planner.core.merge import Merged, Side

SIDES: Mapping[str, Side] = {"ours": Side.OURS, "theirs": Side.THEIRS, "base": Side.BASE}
TEXT_FIELDS = frozenset({"body", "checklist", "log"})


def settle(versions: Versions, answers: Mapping[str, str]) -> Merged:
    """The merge with every answer in it; its conflicts are the questions that are still open.

    Raises ValueError, with a sentence, for an answer that cannot be written.
    """
    own = {field: value for field, value in answers.items() if value not in SIDES}
    for field, value in own.items():
        versions = Versions(
            versions.base, _with_value(versions.ours, field, value), _with_value(versions.theirs, field, value)
        )
    merged = versions.merged(lambda field: SIDES.get(answers.get(field, ""), Side.OURS))
    return Merged(merged.text, tuple(clash for clash in merged.conflicts if clash.field not in answers))


def _with_value(text: str, name: str, value: str) -> str:
    """A version that says this of a field, so that all versions agree."""
    if name in TEXT_FIELDS:
        raise ValueError(f"for the {name} say ours or theirs, or edit the file")
    document = parse_document(text)
    field = FIELDS.get(name)
    if field is not None and field.type is not FieldType.MAP and value:
        read_scalar(field, value)
    key = next((entry.key for entry in document.entries if CANONICAL.get(entry.key, entry.key) == name), name)
    return document.set(key, value, bare=field is not None and field.type is FieldType.YES_NO).text
