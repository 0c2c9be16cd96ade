"""Headers in TOML or JSON: read by python-frontmatter's handlers so that they can be shown; never written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.core.document import Document, Entry, RawValue
from planner.core.toml import read_toml


def foreign_entries(document: Document) -> tuple[Entry, ...]:
    """The keys of a TOML or JSON header as entries that cannot be edited; none where it cannot be read."""
    header = document.text[document.header_start : document.header_end]
    loaded = _load(document.kind, header)
    at = document.header_start
    return tuple(
        Entry(str(key), at, at, document.header_end, at, document.header_end, "raw", _raw(value), (), False)
        for key, value in loaded.items()
    )


def _load(kind: str, header: str) -> Mapping[str, Any]:
    from frontmatter.default_handlers import JSONHandler

    try:
        # python-frontmatter reads TOML only with the `toml` package beside it; the standard library does it too.
        loaded = read_toml(header) if kind == "toml" else JSONHandler().load(header)
    except (ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _raw(value: object, depth: int = 0) -> RawValue:
    """A loaded value as text, lists and maps: the field table types it, as it does YAML's."""
    if value is None or depth > 16:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return tuple(_raw(part, depth + 1) for part in value)
    if isinstance(value, dict):
        return {str(key): _raw(part, depth + 1) for key, part in value.items()}
    return str(value)
