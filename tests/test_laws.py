"""Laws at full count: a field set and set back leaves a file as it was, and no bytes crash or delay the reading."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random

import pytest

from planner.commands.base import key_in
from planner.core.config import Config
from planner.core.document import Document, Entry, RawValue, parse_document
from planner.core.fields import FIELDS, ORDER, Field, FieldType, read_level, read_scalar
from planner.core.model import Item, Unread
from planner.core.parse import parse_file
from tests.bad_inputs import ROWS
from tests.conftest import SAMPLE, Claims
from tests.hard_strings import hard_strings
from tests.proof import times

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[1]
OTHERS = ROOT.parent / "shared" / "data"
SEED = 20261125

# -- Set and set back ------------------------------------------------------------------------------------------------

HEADERS = (
    "id: k7f3qx\ntitle: Merge driver\nstatus: todo\ndue: 2026-12-01\ntags: [git, core]\n",
    "# about it\nid: k7f3qx   # never change\n\ntitle: T\nstatus: todo   # for now\n# the end\n",
    "id:    k7f3qx\ntitle   : \"quoted\"\nstatus: 'todo'\npriority:   high    \n",
    "\"id\": k7f3qx\n'title': 'it''s'\nstatus: todo\n",
    "title: T\ntags:\n  - a\n  - b\nassignee:\n- ana\n- bo\nstatus: todo\n",
    "title: T\ntags:\n  - a # why\n\n  # not c\n  - 'b'\nstatus: todo\n",
    "tags: [ a,b , \"c\" ]   # three\nassignee: [ana]\ntitle: T\n",
    "tags: [\n  a,\n  b,\n]\ntitle: T\ndepends_on: []\n",
    "title: |\n  two\n  lines\nstatus: todo\nblocked_reason: >-\n  folded\n  text\n",
    "title: two\n  lines\nstatus: todo\n",
    "mystery: {a: [1, 2], b: {c: d}}\nstatus: todo\nother:\n  - x: 1\n    y: 2\n  - z\n",
    "labels: [x]\nassigned_to: ana\ndue_date: 2026-12-01\nblockedBy: [m2d9hz]\ntimeEstimate: 3h\n",
    "title: a: b\nstatus: todo\n",
    "title: fix #12\nassignee: @bob\nstatus: todo\n",
    "title: no\narchived: no\nestimate: 1d/3d/6d\nbudget: 1200 EUR\nprogress: 40%\n",
    "title:\nstatus: ~\ndue: null\ntags: []\n",
    "title: T\nspent:\n  - 2026-11-23 1h30m ana parser\n  - 2026-11-24 2h\nleave: 2026-12-24..2027-01-02\n",
    "title: T\nkey_results:\n  - metric: users\n    start: 0\n    target: 10\nskills: {git: 3}\n",
    "title: مهمة\ntags: [日本, \"🎉\"]\nassignee: josé\n",
    "aliases: [\"a, b\", 'c''d', \"e\\tf\"]\nlinks:\n  - https://example.org/a#b\n  - ../x.md\n",
    "kind: risk\nprobability: 3\nimpact: 4\nresponse: mitigate\ncost_impact: EUR 1,200.50\n",
    "kind: goal\nperiod: 2026-Q4\nowner: ana\nhealth: on_track\nreview_by: 2026-12-31\n",
    "recurrence: every 2w mon\nexdates: [2026-12-28]\nremind: [1d, 2h]\nconstraint: SNET 2026-12-01\n",
    "title: \"say \\\"hi\\\"\"\nstatus: todo\nrank: a0\nsummary2: x\n",
    "",
)  # fmt: skip
"""Headers as people, programs and this one write them; each is tried with LF and CRLF, a BOM, no last line break."""


@cache
def texts() -> tuple[str, ...]:
    """What is edited: the headers in every dress, the sample vault, and other people's files where they are at hand."""
    plain = [f"---\n{header}---\nBody\n\n- [ ] a\n---\n" for header in HEADERS]
    dressed = [
        dress
        for text in plain
        for dress in (
            text,
            text.replace("\n", "\r\n"),
            f"\ufeff{text}",
            text.rstrip("\n"),
            text.replace("\n---\nB", "\n---\n\nB"),
        )
    ]
    headless = ["Only text\n", "# Heading\n\nText", ""]
    files = [path for folder in (SAMPLE, OTHERS) if folder.is_dir() for path in sorted(folder.rglob("*.md"))]
    read = [path.read_bytes().decode("utf-8", "surrogateescape") for path in files]
    rows = [
        content.decode("utf-8", "surrogateescape")
        for row in ROWS
        for content in row.files.values()
        if not isinstance(content, Unread)
    ]
    given = (*dressed, *headless, *read, *(row for row in rows if len(row) < 5_000))
    return tuple(text for text in given if is_editable(text))


def is_editable(text: str) -> bool:
    """Whether planner edits such a file at all; a header that says nothing gives way to a key, and is no case."""
    document = parse_document(text)
    item = parse_file("tasks/x.md", text, Config()).item
    header = document.kind == "none" or bool(document.entries)
    return document.kind in {"yaml", "none"} and header and item is not None and not item.broken


DAYS = ("2026-12-01", "2000-02-29", "9999-12-31", "2026-01-01")
EXAMPLES: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.YES_NO: ("true", "false"),
    FieldType.STATE: ("todo", "doing", "done"),
    FieldType.LEVEL: ("urgent", "high", "medium", "low"),
    FieldType.RANK: ("a0", "a0V", "Zz", "b1"),
    FieldType.PERSON: ("ana", "bo", "josé", "ana.berg"),
    FieldType.REFERENCE: ("k7f3qx", "WEB-7", "[[A title]]", "notes/x.md"),
    FieldType.DEPENDENCY: ("m2d9hz", "p4w8tn SS+2d", "[[A title]] FF", "WEB-7 FS-1d"),
    FieldType.WHEN: (*DAYS, "2026-12-01T14:30", "2026-12-01T14:30:05+01:00", "2026-12-01T00:00Z"),
    FieldType.DATE: DAYS,
    FieldType.INSTANT: ("2026-12-01T14:30", "2026-12-01T00:00Z"),
    FieldType.DURATION: ("30m", "1d4h", "1.5h", "2ed 12eh", "PT1H30M"),
    FieldType.ESTIMATE: ("3d", "1d/3d/6d"),
    FieldType.PERCENT: ("40%", "0", "99.5"),
    FieldType.NUMBER: ("1", "-2.50", "0.001"),
    FieldType.INTEGER: ("1", "5"),
    FieldType.CONSTRAINT: ("ASAP", "SNET 2026-12-01", "MFO 2026-12-01T10:00"),
    FieldType.RECURRENCE: ("every 2w mon", "FREQ=WEEKLY;BYDAY=MO", "daily"),
    FieldType.MONEY: ("1200 EUR", "EUR 1,200.50", "€1200"),
    FieldType.SPENT: ("2026-11-23 1h30m ana parser", "2026-11-23 2h"),
    FieldType.RANGE: ("2026-12-24..2027-01-02", "2026-12-24"),
}
SETTABLE = tuple(row for row in FIELDS.values() if row.type is not FieldType.MAP)


def random_value(row: Field, random: Random) -> RawValue:
    """A value that fits the field: one scalar, or a list of one to three different ones."""
    if row.options:
        choices: tuple[str, ...] = row.options
    elif row.type in {FieldType.TEXT, FieldType.WORD}:
        lines = row.type is FieldType.TEXT
        choices = tuple(
            text for text in writable() if text.strip() and (lines or (text == text.strip() and "," not in text))
        )
    else:
        choices = EXAMPLES[row.type]
    if row.many:  # as commands write them; one value stays a scalar where the file has a scalar
        return tuple(random.sample(choices, min(len(choices), random.randint(1, 3))))
    return random.choice(choices)


@cache
def writable() -> tuple[str, ...]:
    """The hard strings that one line of a field may hold."""
    return tuple(
        text
        for text in hard_strings()
        if len(text) < 1_000 and not any(c in text for c in "\n\r") and not _surrogates(text)
    )


def _surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def entry_of(document: Document, key: str) -> Entry:
    entry = document.entry(key)
    assert entry is not None
    return entry


def others(document: Document, key: str) -> tuple[str, str]:
    """Everything but a field's own lines."""
    entry = entry_of(document, key)
    return document.text[: entry.start], document.text[entry.end :]


def reads(text: str, row: Field, value: RawValue) -> bool:
    """Whether the whole program reads the field as that value's meaning."""
    item = parse_file("tasks/x.md", text, Config()).item
    assert isinstance(item, Item)
    parts = value if isinstance(value, tuple) else (value,)
    if row.type is FieldType.LEVEL:
        meant: tuple[object, ...] = tuple(read_level(str(part), Config().levels) for part in parts)
    else:
        meant = tuple(dict.fromkeys(read_scalar(row, str(part)) for part in parts))
    said = item.status if row.name == "status" and item.has_workflow else item.fields.get(row.name)
    return said == (meant if row.many else meant[0])


def set_and_set_back(text: str, row: Field, value: RawValue) -> str:
    """What is wrong with a field set, read, and set back to what it was; `kept spelling`, `same text` or `refused` if nothing."""
    document = parse_document(text)
    key = key_in(document, row.name)
    there = key in document
    try:
        after = document.set(key, value, order=ORDER, bare=row.type is FieldType.YES_NO)
    except ValueError:
        return "refused"
    if not reads(after.text, row, value):
        return "is not read back"
    if there and others(after, key) != others(document, key):
        return "other bytes differ"
    if not there and "".join(others(after, key)) != text and document.kind != "none":
        return "other bytes differ"
    old = document.get(key)
    back = after.set(key, old, bare=row.type is FieldType.YES_NO) if there else after.remove(key)
    if back.text == text:
        return "same text"
    spelled_anew = there and _lone(back.get(key)) == _lone(old) and others(back, key) == others(document, key)
    own = there and is_own_spelling(text, entry_of(document, key), row, old)
    return "kept spelling" if spelled_anew and (not own or back.get(key) != old) else "is not set back"


def _lone(value: object) -> object:
    """A list of one, which a field of one value had in somebody's file, is that one."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def is_own_spelling(text: str, entry: Entry, row: Field, value: RawValue) -> bool:
    """Whether a value stands as planner itself would write it, so that it can be written again to the character."""
    if entry.value is None:
        return entry.style == "empty"
    there = text[entry.value_start : entry.value_end]
    try:
        ours = parse_document("---\n---\n").set(row.name, value, order=ORDER, bare=row.type is FieldType.YES_NO)
    except ValueError:
        return False
    written = entry_of(ours, row.name)
    return entry.style == "plain" and not entry.faults and there == ours.text[written.value_start : written.value_end]


def test_a_field_is_set_and_set_back(claims: Claims) -> None:
    """In any header, any field; what is not to be edited is refused, and is no case."""
    count = times(200, 10_000)
    random = Random(SEED)
    came: dict[str, int] = {}
    with claims("field set and read back, all other bytes equal, set back identical", expect=count) as claim:
        while claim.total < count:
            text, row = random.choice(texts()), random.choice(SETTABLE)
            value = random_value(row, random)
            result = set_and_set_back(text, row, value)
            came[result] = came.get(result, 0) + 1
            if result != "refused":
                claim.check(
                    result in {"same text", "kept spelling"}, f"{row.name} = {value!a} in {text[:300]!a}: {result}"
                )
    print(came)
    assert came["same text"] > 0.9 * count, came
    assert came.get("refused", 0) < 0.2 * count, came


def test_other_peoples_files_are_among_them() -> None:
    if not any(OTHERS.rglob("*.md")) if OTHERS.is_dir() else True:
        pytest.skip("no files of other people at hand: the law is tried on our own only")
    assert len(texts()) > len(HEADERS) * 4


# -- Any bytes -------------------------------------------------------------------------------------------------------

BATCH = 5_000


def test_no_bytes_crash_or_delay_the_reading(claims: Claims) -> None:
    """In processes of their own, so that a crash is seen; the seeds are printed."""
    count = times(2_000, 100_000)
    size = min(BATCH, count)
    slowest = 0.0
    with claims("random and mutated bytes parse without exception, crash or delay", expect=count) as claim:
        for seed in range(SEED, SEED + count // size):
            command = [sys.executable, "-m", "tests.fuzzing", "mutants", str(seed), str(size)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                claim.check(False, f"seed {seed}: ended with {done.returncode}: {done.stderr[-300:]}")
                continue
            came = json.loads(done.stdout)
            slowest = max(slowest, came["seconds"])
            for failure in came["failures"]:
                claim.check(False, failure)
            for _ in range(came["count"] - len(came["failures"])):
                claim.check(True)
    print(f"seeds {SEED} to {seed}: the slowest took {slowest * 1000:.0f} ms")
