"""The field table as a JSON Schema (draft 2020-12), for editors and other programs."""

from __future__ import annotations

from planner.core.config import Config
from planner.core.fields import Field, FieldType

_PATTERNS = {
    FieldType.DATE: r"^\d{4}-\d{2}-\d{2}$",
    FieldType.WHEN: r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$",
    FieldType.INSTANT: r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$",
}
_NUMBERS = {FieldType.NUMBER: "number", FieldType.INTEGER: "integer"}


def schema(config: Config) -> dict[str, object]:
    """The schema of a header in a vault with this configuration; unknown keys are allowed, as they are in files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "planner item",
        "type": "object",
        "properties": {row.name: _property(row, config) for row in config.fields.values()},
        "additionalProperties": True,
    }


def _property(row: Field, config: Config) -> dict[str, object]:
    one = _value(row, config)
    described: dict[str, object] = {"description": row.help}
    if not row.many:
        return {**one, **described}
    return {"oneOf": [one, {"type": "array", "items": one}], **described}


def _value(row: Field, config: Config) -> dict[str, object]:
    match row.type:
        case FieldType.YES_NO:
            return {"type": ["boolean", "string"]}
        case FieldType.MAP:
            return {"type": ["object", "array", "string"]}
        case FieldType.STATE:
            return {"type": "string", "enum": list(config.workflow.names())}
        case FieldType.LEVEL:
            return {"type": ["string", "integer"], "examples": list(config.levels)}
        case FieldType.NUMBER | FieldType.INTEGER:
            return {"type": [_NUMBERS[row.type], "string"]}
    if row.options:
        return {"enum": list(row.options)}
    pattern = _PATTERNS.get(row.type)
    return {"type": ["string", "number"], **({"pattern": pattern} if pattern else {})}
