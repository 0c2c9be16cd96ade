"""A file packed for the cache and unpacked again is the file: every value, of the same type."""

from __future__ import annotations

import json
import marshal
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planner.core.config import Config, parse_config
from planner.core.fields import FIELDS, FieldType
from planner.core.model import Body, ParsedFile, Unread
from planner.core.parse import parse_file
from planner.store.packed import StoredFile, pack, unpack
from tests.bad_inputs import MORE, ROWS
from tests.conftest import SAMPLE, Claims
from tests.core.test_parse_same import variations
from tests.proof import times

PROBLEMS = Path(__file__).parents[1] / "problems"
CLAIM = "a file kept and taken from the cache equals the file as parsed"
PATHS = ("tasks/x.md", "projects/p/project.md", "people/a.md", "goals/g.md", "risks/r.md", "notes/n.md", "archive/a.md")
OWN = parse_config("[fields]\n" + "\n".join(f'own_{n} = "{kind.value}"' for n, kind in enumerate(FieldType)))


def typed(value: object) -> object:
    """A value with the type of each of its parts, and the order of its keys."""
    if is_dataclass(value) and not isinstance(value, type):
        cls = Body if isinstance(value, Body) else type(value)  # a stored one reads itself when it is looked at
        return cls, [(field.name, typed(getattr(value, field.name))) for field in fields(value)]
    if isinstance(value, Mapping):
        return type(value), [(typed(key), typed(part)) for key, part in value.items()]
    if isinstance(value, tuple | list):
        return type(value), [typed(part) for part in value]
    return type(value), repr(value)


def kept(file: ParsedFile) -> StoredFile:
    return unpack(file.path, marshal.loads(marshal.dumps(pack(file))), lambda: file.text)  # noqa: S302 (ours)


def is_kept(file: ParsedFile) -> bool:
    """Whether nothing of a file is lost or changed."""
    found = kept(file)
    names = [field.name for field in fields(ParsedFile)]
    same = all(typed(getattr(file, name)) == typed(getattr(found, name)) for name in names)
    return same and file == found and found == file


_DATES = st.dates().map(str)
_ZONES = st.none() | st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_WHENS = _DATES | st.builds(lambda moment, zone: moment.replace(tzinfo=zone).isoformat(), st.datetimes(), _ZONES)
_NUMBERS = st.builds(str, st.integers(-(10**39), 10**39)) | st.from_regex(
    r"[+-]?[0-9]{1,20}\.[0-9]{1,15}", fullmatch=True
)
_DURATIONS = st.from_regex(
    r"([1-9][0-9]{0,8}(\.[0-9]{1,6})?(w|d|h|m|min|eh|ed)){1,2}|PT?[0-9]{1,3}[HMD]|2ed|-3d", fullmatch=True
)
_WORDS = st.from_regex(r"[\w@#./-]{1,12}", fullmatch=True) | st.text(max_size=30).map(json.dumps)
_RULES = st.sampled_from(("every 2w mon", "daily", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "every year on dec 24", "every odd"))
_LEAVES = st.none() | _WORDS | _NUMBERS | _DATES
_MAPS = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_BY_TYPE: Mapping[FieldType, st.SearchStrategy[str]] = {
    FieldType.YES_NO: st.sampled_from(("yes", "no", "true", "off", "1", "maybe")),
    FieldType.LEVEL: st.sampled_from(("high", "P1", "2", "odd")),
    FieldType.STATE: st.sampled_from(("todo", "done", "odd", "Doing")),
    FieldType.DEPENDENCY: st.builds("{} {}{}{}".format, st.sampled_from(("k7f3qx", "[[A title]]")), st.sampled_from(("", "FS", "SS", "ff")), st.sampled_from(("", "+", "-")), _DURATIONS),
    FieldType.WHEN: _WHENS,
    FieldType.INSTANT: _WHENS,
    FieldType.DATE: _DATES,
    FieldType.DURATION: _DURATIONS,
    FieldType.ESTIMATE: _DURATIONS | st.sampled_from(("1d/3d/6d", "1h/2h/1d", "3d/1d/2d")),
    FieldType.PERCENT: _NUMBERS.map(lambda number: f"{number}%"),
    FieldType.NUMBER: _NUMBERS,
    FieldType.INTEGER: st.builds(str, st.integers(-(10**39), 10**39)),
    FieldType.CONSTRAINT: st.sampled_from(("ASAP", "alap")) | st.builds("{} {}".format, st.sampled_from(("SNET", "must_start_on")), _WHENS),
    FieldType.RECURRENCE: _RULES,
    FieldType.MONEY: st.builds("{} {}".format, _NUMBERS, st.sampled_from(("EUR", "usd", "€"))),
    FieldType.SPENT: st.builds("{} {} {}".format, _DATES, _DURATIONS, st.sampled_from(("", "ana", "ana parser"))),
    FieldType.RANGE: st.builds("{}..{}".format, _DATES, _DATES) | _DATES,
}  # fmt: skip


_SURE: Mapping[FieldType, str] = {
    FieldType.YES_NO: "yes", FieldType.NUMBER: "2.5", FieldType.DATE: "2026-11-25", FieldType.INSTANT: "2026-11-25T10:00:00",
    FieldType.DURATION: "3d", FieldType.ESTIMATE: "1d/3d/6d", FieldType.MONEY: "5 EUR", FieldType.DEPENDENCY: "k7f3qx FS",
    FieldType.CONSTRAINT: "SNET 2026-11-25", FieldType.RANGE: "2026-11-25..2026-11-26", FieldType.SPENT: "2026-11-25 2h ana",
    FieldType.RECURRENCE: "daily", FieldType.MAP: '{"a": 1}', FieldType.TEXT: "words",
}  # fmt: skip
_OWN_LINES = "".join(f"own_{n}: {_SURE[kind]}\n" for n, kind in enumerate(FieldType) if kind in _SURE)
EVERY = f"---\nid: k7f3qx\nimpact: 3\n{_OWN_LINES}---\n"
"""A risk with every type of value, tried whatever else is drawn: what is drawn hangs on which modules are imported."""


@st.composite
def headers(draw: st.DrawFn) -> str:
    """A header of up to eight fields with values of their types, some of them wrong."""
    rows = {row.name: row for row in (*FIELDS.values(), *OWN.fields.values())}
    lines = []
    names = st.sampled_from(sorted(OWN.fields)) | st.sampled_from(sorted(rows))
    for name in draw(st.lists(names, max_size=8, unique=True)):
        row = rows[name]
        if row.type is FieldType.MAP:
            lines.append(f"{name}: {json.dumps(draw(_MAPS))}")
            continue
        values = _BY_TYPE.get(row.type, _WORDS)
        several = row.many and draw(st.booleans())
        lines.append(
            f"{name}: [{', '.join(draw(st.lists(values, max_size=4)))}]" if several else f"{name}: {draw(values)}"
        )
    body = draw(
        st.sampled_from(
            ("", "# Head\n- [ ] a\n- [x] b\n## Log\n- 2026-11-23 ana: said\n[[k7f3qx]] [f](x.md)\n", "caf\udce9\n")
        )
    )
    return "---\n" + "\n".join(lines) + f"\n---\n{body}"


@pytest.mark.proof
def test_headers_with_every_type_of_field(claims: Claims) -> None:
    wanted = times(300, 10_000)
    tried: set[str] = set()
    with claims(CLAIM, expect=wanted) as claim:

        @settings(max_examples=wanted)
        @given(headers(), st.sampled_from(PATHS))
        @example(EVERY, "risks/r.md")
        def holds(text: str, path: str) -> None:
            file = parse_file(path, text, OWN)
            claim.check(is_kept(file), (path, text))
            for value in file.item.fields.values() if file.item is not None else ():
                tried.update(type(part).__name__ for part in (value if isinstance(value, tuple) else (value,)))

        holds()
    assert tried >= {
        "str", "bool", "int", "Decimal", "date", "datetime", "Duration", "Estimate", "Money", "Dependency",
        "Constraint", "DateRange", "SpentEntry", "Recurrence", "dict",
    }  # fmt: skip


@pytest.mark.proof
def test_whatever_people_write(claims: Claims) -> None:
    wanted = times(300, 10_000)
    with claims(CLAIM, expect=wanted) as claim:
        for (path, text, config), _ in zip(variations(), range(wanted), strict=False):
            claim.check(is_kept(parse_file(path, text, config)), (path, text))


@pytest.mark.proof
def test_the_sample_vault_every_problem_and_every_bad_input(claims: Claims) -> None:
    files = [path for folder in (SAMPLE, PROBLEMS) for path in sorted(folder.rglob("*.md"))]
    texts = [(path.relative_to(path.parents[1]).as_posix(), path.read_bytes()) for path in files]
    rows = [pair for row in (*ROWS, *MORE) for pair in row.files.items()]
    codes = (
        "not-readable",
        "too-large",
        "special-file",
        "link-outside",
        "nested-repository",
        "link-broken",
        "no-such-code",
    )
    unread = [("tasks/u.md", Unread("tasks/u.md", code, f"is {code}")) for code in codes]
    with claims(CLAIM, expect=len(texts) + len(rows)) as claim:
        for path, content in (*texts, *rows, *unread):
            text = content if isinstance(content, Unread) else content.decode("utf-8", "surrogateescape")
            claim.check(is_kept(parse_file(path, text, Config())), path)


def test_a_file_with_markers_and_a_link_below_them() -> None:
    sides = "<<<<<<< ours\nstatus: todo\n=======\nstatus: done\n>>>>>>> theirs\n"
    file = parse_file("tasks/x.md", f"---\ntitle: x\n{sides}---\nSome text.\n[file](x.md)\n- [ ] step\n", Config())
    assert file.item is not None
    assert file.item.broken
    assert is_kept(file)
    assert file.item.body == Body()


def test_another_text_is_another_file() -> None:
    file = parse_file("tasks/x.md", "---\ntitle: a\n---\n", Config())
    stored = kept(file)
    assert stored == file
    assert stored != parse_file("tasks/x.md", "---\ntitle: b\n---\n", Config())
    assert stored != "file"
    looks: list[str] = []

    def fetch() -> str:
        looks.append("looked")
        return file.text

    lazy = unpack(file.path, pack(file), fetch)
    assert lazy.item == file.item
    assert looks == []  # the text is fetched by whom wants to see it
    assert lazy.text == file.text
    assert looks == ["looked"]
