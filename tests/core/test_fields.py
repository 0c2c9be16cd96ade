from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from planner.core.fields import CANONICAL, FIELDS, ORDER, FieldType, custom_field, read_level, read_scalar, to_raw
from planner.core.values import Dependency, Duration, Money

LEVELS = ("urgent", "high", "medium", "low")


def test_names_and_aliases_are_distinct_and_every_row_has_its_help() -> None:
    aliases = [alias for row in FIELDS.values() for alias in row.aliases]
    assert len(set(aliases)) == len(aliases)
    assert not set(aliases) & FIELDS.keys()
    assert all(row.name == name and row.help and row.group != "custom" for name, row in FIELDS.items())
    assert set(CANONICAL.values()) <= FIELDS.keys()
    assert set(ORDER) <= FIELDS.keys()


@pytest.mark.parametrize(
    ("name", "type_name"),
    [("tags", "words"), ("assignee", "people"), ("depends_on", "dependencies"), ("owner", "person"),
     ("archived", "yes/no"), ("due", "date or instant"), ("objectives", "list of maps"), ("spent", "time entries")],
)  # fmt: skip
def test_types_are_named_as_in_the_manual(name: str, type_name: str) -> None:
    assert FIELDS[name].type_name == type_name


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("title", " as it is ", " as it is "),
        ("archived", "yes", True),
        ("archived", "False", False),
        ("due", "2026-12-01", date(2026, 12, 1)),
        ("due", "2026-12-01T14:30", datetime(2026, 12, 1, 14, 30)),  # noqa: DTZ001 (local time)
        ("progress", "40%", Decimal(40)),
        ("owner", "@ana", "ana"),
        ("parent", "[[Some title]]", "Some title"),
        ("depends_on", "k7f3qx", Dependency("k7f3qx")),
        ("budget", "1200 EUR", Money(Decimal(1200), "EUR")),
        ("impact", "3", 3),
    ],
)
def test_a_scalar_is_typed_by_its_row(name: str, text: str, value: object) -> None:
    assert read_scalar(FIELDS[name], text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("due", "2026-02-30"), ("archived", "maybe"), ("impact", "6"), ("impact", "x"), ("lifecycle", "asleep"),
     ("units", "much"), ("estimate", "long"), ("recurrence", "now and then"), ("progress", "")],
)  # fmt: skip
def test_what_does_not_fit_raises_with_a_sentence(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"\w{2}"):
        read_scalar(FIELDS[name], text)


@pytest.mark.parametrize(
    ("text", "level"),
    [("high", "high"), (" HIGH ", "high"), ("H", "high"), ("u", "urgent"), ("critical", "urgent"), ("P0", "urgent"),
     ("p3", "low"), ("1", "urgent"), ("4", "low"), ("normal", "medium"), ("0", None), ("5", None), ("P4", None),
     ("²", None), ("٣", None), ("", None), ("p", None), ("none", None), ("gigantic", None)],
)  # fmt: skip
def test_levels_in_all_their_spellings(text: str, level: str | None) -> None:
    assert read_level(text, LEVELS) == level


def test_levels_of_a_vault_s_own() -> None:
    assert read_level("now", ("Now", "Later")) == "Now"
    assert read_level("P1", ("Now", "Later")) == "Later"
    assert read_level("high", ("Now", "Later")) is None


def test_custom_fields() -> None:
    row = custom_field("sizes", "words", ("A4", "A3"))
    assert (row.type, row.many, row.merge, row.group) == (FieldType.WORD, True, "set", "custom")
    assert custom_field("who", "person?").type_name == "people"
    with pytest.raises(ValueError, match="unknown field type 'colour'"):
        custom_field("x", "colour")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (date(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, 14, 30), "2026-12-01T14:30"),  # noqa: DTZ001 (local time)
        (datetime(2026, 12, 1, 14, 30, 5), "2026-12-01T14:30:05"),  # noqa: DTZ001 (local time)
        (Decimal("1.5"), "1.5"),
        ("word", "word"),
    ],
)
def test_values_are_written_as_they_are_read(value: object, text: str) -> None:
    assert to_raw(value) == text


def test_durations_are_written_as_they_are_read() -> None:
    read = read_scalar(FIELDS["duration"], "1d4h")
    assert isinstance(read, Duration)
    assert read_scalar(FIELDS["duration"], to_raw(read)) == read
