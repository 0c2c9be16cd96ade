from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.config import Config, parse_config
from planner.core.entries import Entry, read_entries
from planner.core.fields import FieldType
from planner.core.meaning import Meaning, names_people, read_entry

CONFIG = Config()


def entry(lines: str) -> Entry:
    entries, _ = read_entries(f"{lines}\n", 0, len(lines) + 1)
    return entries[0]


def read(lines: str, config: Config = CONFIG) -> Meaning:
    return read_entry(entry(lines), config)


def codes(meaning: Meaning) -> list[str]:
    return [fault.code for fault in meaning.faults]


@pytest.mark.parametrize(
    ("lines", "name", "value", "found"),
    [
        ("summary: A", "title", "A", []),
        ("labels: [a, b]", "tags", ("a", "b"), []),
        ("tags: a, b", "tags", ("a", "b"), ["comma-text"]),
        ("tags: [a, a]", "tags", ("a",), ["repeated-value"]),
        ("status: [todo]", "status", "todo", []),
        ("status: {a: b}", "status", None, ["bad-value"]),
        ("title:", "title", None, ["bad-value"]),
        ("parent:", "parent", None, []),
        ("priority: P0", "priority", "urgent", []),
        ("priority: odd", "priority", "odd", ["unknown-priority"]),
        ("due: soon", "due", None, ["bad-value"]),
        ("colour: red", "colour", "red", []),
        ("colour: no", "colour", "no", ["looks-like-type"]),
        ("Status: todo", "Status", "todo", ["key-case"]),
        ("skills: git", "skills", "git", ["bad-value"]),
        ("assignee: [@ana, bo]", "assignee", ("ana", "bo"), []),
    ],
)
def test_what_an_entry_means(lines: str, name: str, value: object, found: list[str]) -> None:
    meaning = read(lines)
    assert (meaning.name, meaning.value, codes(meaning)) == (name, value, found)


def test_a_fault_stands_at_its_value() -> None:
    assert [fault.offset for fault in read("due:   soon").faults] == [7]


def test_a_vault_s_own_field_has_its_type() -> None:
    config = parse_config('[fields]\nseverity = "level"\n')
    assert config.field("severity") is not None
    assert read("severity: h", config).value == "high"


def test_only_who_may_be_a_person_is_read_as_one() -> None:
    assert names_people(entry("owner: @ana"), CONFIG)
    assert not names_people(entry("title: @ana"), CONFIG)
    assert not names_people(entry("owner: ana"), CONFIG)


@settings(max_examples=100)
@given(
    st.from_regex(
        r"([-+]?0[0-7_]+|(?i:0x[0-9a-f_]+|yes|no|on|off|y|n)|[-+]?\d+(:[0-5]?\d)+|[-+]?\.(inf|nan)|\d+e\d+)",
        fullmatch=True,
    )
)
def test_what_other_readers_take_for_another_type_is_told(value: str) -> None:
    assert codes(read(f"title: {value}")) == ["looks-like-type"]


def test_types_are_told_apart_as_keys() -> None:
    assert len({*FieldType}) == len(FieldType)
    assert {FieldType.TEXT: 1}[FieldType("text")] == 1
