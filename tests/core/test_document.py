"""A file's text in, its document or its edited text out; then the laws that hold for any text."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from typing import cast

import frontmatter
import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from planner.core.document import Document, RawValue, line_column, parse_document, quote
from planner.core.yamltext import NULLS

LAWS = settings(
    max_examples=60 * int(os.environ.get("PLANNER_LAWS", "1")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def doc(header: str) -> Document:
    return parse_document(f"---\n{header}---\nBody\n")


def codes(document: Document) -> list[str]:
    """The codes of all faults, the header's own first."""
    return [fault.code for fault in (*document.faults, *(f for entry in document.entries for f in entry.faults))]


@pytest.fixture(params=["libyaml", "pure Python"], autouse=True)
def yaml_library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything here holds with the C library and without it."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


# -- Reading: values are text, never something else -------------------------------------------------------------

READ: list[tuple[str, RawValue]] = [
    ("k: no\n", "no"),
    ("k: 12:30\n", "12:30"),
    ("k: 1e5\n", "1e5"),
    ("k: 0123\n", "0123"),
    ("k: 2026-12-01\n", "2026-12-01"),
    ("k: 1d/3d/6d\n", "1d/3d/6d"),
    ("k: true\n", "true"),
    ("k: http://example.org/a#b\n", "http://example.org/a#b"),
    ("k: -rf\n", "-rf"),
    ("k: ---\n", "---"),
    ("k:\n", None),
    ("k:   \n", None),
    ("k: ~\n", None),
    ("k: null\n", None),
    ("k: # nothing yet\n", None),
    ('k: "null"\n', "null"),
    ('k: ""\n', ""),
    ("k: 'it''s'\n", "it's"),
    ('k: "a\\tb \\u00e9"\n', "a\tb é"),
    ("k: a # note\n", "a"),
    ("k: a#b\n", "a#b"),
    ("k: two\n  lines\n", "two lines"),
    ("k: |\n  two\n  # lines\n\n", "two\n# lines\n"),
    ("k: >-\n  two\n  lines\n", "two lines"),
    ("k: []\n", ()),
    ("k: [a, 'b, c', \"d\", 1, ~]\n", ("a", "b, c", "d", "1", None)),
    ("k: [\na,\nb,\n]\n", ("a", "b")),
    ("k:\n  [\n    a,\n  ]\n", ("a",)),
    ("k:\n- a\n- 'b'\n", ("a", "b")),
    ("k:\n  - a # why\n\n  # not c\n  - b: 1\n    c: [2]\n", ("a", {"b": "1", "c": ("2",)})),
    ("k:\n  a: 1\n  b:\n    c: no\n", {"a": "1", "b": {"c": "no"}}),
    ("k: {a: 1, b}\n", {"a": "1", "b": None}),
    ("k: !!str 12\n", "12"),
    ("k : v\n", "v"),
    ('"k": v\n', "v"),
    ("k: v\r\n", "v"),
    ("k: مهمة שלום\n", "مهمة שלום"),
    ("k: 👨\u200d👩\u200d👧\n", "👨\u200d👩\u200d👧"),
]


@pytest.mark.parametrize(("header", "value"), READ)
def test_reads(header: str, value: RawValue) -> None:
    document = doc(f"{header}z: 1\n")
    assert (document.get("k"), document.get("z"), codes(document)) == (value, "1", [])
    assert document.kind == "yaml"


def test_fence_in_a_block_scalar_and_rules_in_the_body_close_nothing() -> None:
    document = parse_document("---\nk: |\n  ---\n  a\n---\nText\n\n---\n=======\n")
    assert document.get("k") == "---\na\n"
    assert document.body == "Text\n\n---\n=======\n"


# -- Recovery: a bad key keeps its raw text and hides no other --------------------------------------------------

BAD: list[tuple[str, RawValue, str, str, bool]] = [  # header, value of k, code, text at the fault, editable
    ("k: a: b\n", "a: b", "bad-yaml", ": b", True),
    ("k: a:\n", "a:", "bad-yaml", ":\n", True),
    ("k: @bob\n", "@bob", "bad-yaml", "@bob", True),
    ("k: `x`\n", "`x`", "bad-yaml", "`x`", True),
    ("k: %x\n", "%x", "bad-yaml", "%x", True),
    ("k: [x] done\n", "[x] done", "bad-yaml", "", True),
    ('k: "open\n', '"open', "bad-yaml", '"open', True),
    ("k: - a\n", "- a", "bad-yaml", "", True),
    ("k: fix #12\n", "fix", "comment-swallowed", "#12", True),
    ("k: #bob\n", None, "comment-swallowed", "#bob", True),
    ("k:\n  - fix #12\n", ("fix",), "comment-swallowed", "#12", True),
    ("k:\tb\n", "b", "tab-indent", "\tb", True),
    ("k:\n\ta: 1\n", "\n\ta: 1", "tab-indent", "\ta", False),
    ("k: *x\n", "*x", "alias", "*x", False),
    ("k: &x y\n", "&x y", "anchor", "&x", False),
    ("k: [&a b, *a]\n", "[&a b, *a]", "anchor", "&a", False),
    ("k: &a [*a]\n", "&a [*a]", "anchor", "&a", False),
    ("<<: {a: 1}\nk: 1\n", "1", "merge-key", "<<", True),
    ("k: {<<: {a: 1}}\n", "{<<: {a: 1}}", "merge-key", "<<", False),
    ("k: !x\n", "!x", "tagged-value", "!x", False),
    ("k: !later on\n", "!later on", "tagged-value", "!later", False),
    ("k: !!int foo\n", "foo", "tagged-value", "!!int", False),
    ('k: !!binary "@@"\n', "@@", "tagged-value", "!!binary", False),
    ("k: !!python/object/apply:os.system [x]\n", ("x",), "tagged-value", "!!python", False),
    ("k: {a: 1, a: 2}\n", {"a": "2"}, "duplicate-key", "a: 2", False),
    ("k: 1\nk: 2\n", "2", "duplicate-key", "k: 2", False),
    ("k: {? a: b}\n", "{? a: b}", "complex-key", "a: b", False),
    ("k: {[a]: b}\n", "{[a]: b}", "complex-key", "[a]", False),
    ("k: " + "[" * 50_000 + "\n", "[" * 50_000, "too-deep", "[[", False),
    ("k: [" + "a, " * 5_000 + "b]\n", "[" + "a, " * 5_000 + "b]", "too-many-entries", "[a", False),
    ('k: "\\e]0;x\\a"\n', "\x1b]0;x\x07", "hidden-character", '"\\e', True),
    ("k: a\u202eb\n", "a\u202eb", "hidden-character", "\u202e", True),
    ("k: a\u200bb\n", "a\u200bb", "hidden-character", "\u200b", True),
    ("k: a\u2028b\n", "a\u2028b", "hidden-character", "\u2028", True),
    ("k: a\x85b\n", "a\x85b", "hidden-character", "\x85", True),
    ("k: 1\nwhat is this\n", "1", "bad-yaml", "what", True),
    ("k: 1\ntitle:x\n", "1", "bad-yaml", "title:x", True),
    ("k: 1\n  b: 2\n", "1", "bad-yaml", "  b", True),
    ("k: 1\n\tb: 2\n", "1", "tab-indent", "\tb", True),
    ("k: 1\n--- b\n", "1", "two-documents", "--- b", True),
]


@pytest.mark.parametrize(("header", "value", "code", "at", "editable"), BAD)
def test_recovers_key_by_key(header: str, value: RawValue, code: str, at: str, editable: bool) -> None:
    document = doc(f"a0: good\n{header}z: good\n")
    assert (document.get("k"), document.get("a0"), document.get("z")) == (value, "good", "good")
    faults = (*document.faults, *(fault for entry in document.entries for fault in entry.faults))
    assert [fault.code for fault in faults] == [code]
    assert document.text[faults[0].offset :].startswith(at)
    entry = document.entry("k")
    assert entry is not None
    assert entry.editable is editable
    assert document.kind == "yaml"


def test_an_indented_key_after_a_finished_value_is_read_as_a_key() -> None:
    assert doc("a: 1\n\tb: 2\n  c: 3\nd: 4\n").keys() == ("a", "b", "c", "d")


# -- Fences: where the header is ---------------------------------------------------------------------------------

FENCES: list[tuple[str, str, str, str, list[str]]] = [  # text, kind, header's content, body, codes
    ("", "none", "", "", ["empty-file"]),
    ("\n", "none", "", "\n", ["empty-file"]),
    ("\ufeff", "none", "", "", ["empty-file"]),
    ("Buy milk\n", "none", "", "Buy milk\n", []),
    ("---\na: 1\n---\nB", "yaml", "a: 1\n", "B", []),
    ("\ufeff---\na: 1\n---\nB", "yaml", "a: 1\n", "B", []),
    ("---\r\na: 1\r\n---\r\nB\r\n", "yaml", "a: 1\r\n", "B\r\n", []),
    ("---\r\na: 1\r\n---\r\nB\nC", "yaml", "a: 1\r\n", "B\nC", []),
    ("---   \na: 1\n---\t\nB", "yaml", "a: 1\n", "B", []),
    ("---\na: 1\n---", "yaml", "a: 1\n", "", []),
    ("---\na: 1\n...\nB", "yaml", "a: 1\n", "B", ["dots-close"]),
    ("---\n---\nB", "yaml", "", "B", ["empty-header"]),
    ("---\n~\n---\nB", "yaml", "~\n", "B", ["empty-header"]),
    ("---\n# a\n---\nB", "yaml", "# a\n", "B", ["empty-header"]),
    ("---\n- a\n---\nB", "broken", "- a\n", "B", ["list-header"]),
    ("---\nhello\n---\nB", "broken", "hello\n", "B", ["scalar-header"]),
    ("---\n{a: 1}\n---\nB", "broken", "{a: 1}\n", "B", ["flow-header"]),
    ("---\n? [a]\n---\nB", "broken", "? [a]\n", "B", ["complex-key"]),
    ("---\na: 1\n---\nb: 2\n---\nB", "yaml", "a: 1\n", "b: 2\n---\nB", ["two-documents"]),
    ("---\na: 1\n---\nText\n---\nB", "yaml", "a: 1\n", "Text\n---\nB", []),
    ("---\na: 1", "unclosed", "", "---\na: 1", ["unclosed-header"]),
    ("---", "unclosed", "", "---", ["unclosed-header"]),
    ("---\ra: 1\r---\r", "broken", "", "---\ra: 1\r---\r", ["cr-only"]),
    ("\n \n---\na: 1\n---\nB", "yaml", "a: 1\n", "B", ["header-not-first"]),
    ("  ---\na: 1\n---\nB", "yaml", "a: 1\n", "B", ["indented-fence"]),
    ("-----\na: 1\n-----\nB", "yaml", "a: 1\n", "B", ["long-fence"]),
    ("---\na: 1\n-----\nB", "yaml", "a: 1\n", "B", ["long-fence"]),
    ("-----\nA thematic break\n-----\n", "none", "", "-----\nA thematic break\n-----\n", []),
    ("+++\na = 1\n+++\nB", "toml", "a = 1\n", "B", ["toml-header"]),
    ('{"a": {"b": 1}}\nB', "json", '{"a": {"b": 1}}', "B", ["json-header"]),
    ("{{< shortcode >}}\n", "none", "", "{{< shortcode >}}\n", []),
    ("---\na: \x00\n---\nB", "broken", "a: \x00\n", "B", ["control-character"]),
    ("---\na: \x1b[2J\n---\nB", "broken", "a: \x1b[2J\n", "B", ["control-character"]),
    ("---\na: \x9b\n---\nB", "broken", "a: \x9b\n", "B", ["control-character"]),
    ("---\na: 1\rb: 2\n---\nB", "broken", "a: 1\rb: 2\n", "B", ["control-character"]),
    ("---\na: caf\udce9\n---\nB", "broken", "a: caf\udce9\n", "B", ["not-utf8"]),
]


@pytest.mark.parametrize(("text", "kind", "header", "body", "found"), FENCES)
def test_finds_the_header(text: str, kind: str, header: str, body: str, found: list[str]) -> None:
    document = parse_document(text)
    assert (document.kind, document.text[document.header_start : document.header_end]) == (kind, header)
    assert (document.body, codes(document)) == (body, found)


@pytest.mark.parametrize("size", [7, 9])
def test_a_merge_conflict_shows_both_values_and_is_not_edited(size: int) -> None:
    document = doc(f"a: 1\n{'<' * size} ours\nk: 1\n{'=' * size}\nk: 2\n{'>' * size} theirs\nz: 2\n")
    assert document.kind == "broken"
    assert [(entry.key, entry.value) for entry in document.entries] == [("a", "1"), ("k", "1"), ("k", "2"), ("z", "2")]
    assert document.faults[0].code == "conflict-markers"
    with pytest.raises(ValueError, match="cannot be read"):
        document.set("a", "2")


def test_a_conflict_may_reach_into_the_body_or_begin_before_the_header() -> None:
    inside = parse_document("---\na: 1\n<<<<<<< o\nb: 1\n---\nx\n=======\nb: 2\n---\ny\n>>>>>>> t\n")
    before = parse_document("<<<<<<< o\n---\na: 1\n---\n=======\n---\na: 2\n---\n>>>>>>> t\n")
    assert [(d.kind, d.faults[0].code) for d in (inside, before)] == [("broken", "conflict-markers")] * 2


def test_sizes_are_bounded() -> None:
    keys = "".join(f"k{number}: v\n" for number in range(1_500))
    for text, code in (
        ("x" * 2_000_001, "too-large"),
        (f"---\nk: {'x' * 64_000}\n---\n", "too-large"),
        (f"---\n{keys}---\n", "too-many-entries"),
    ):
        document = parse_document(text)
        assert (document.kind, codes(document)) == ("broken", [code])


BOMBS = [
    "k: " + "[" * 60_000 + "\n",
    "k: " + "{a: " * 15_000 + "\n",
    "k: " + "- " * 30_000 + "\n",
    "k:\n  " + "- " * 30_000 + "a\n",
    "k:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 300)),
    "a: &a [x]\n" + "".join(f"k{n}: &k{n} [{'*a, ' * 9}]\n" for n in range(9)),
    "k: [\n" * 10_000,
    'k: "\n' * 12_000,
    "k: '\n" * 12_000,
    "k" + " " * 60_000 + "\n",
    "k: " + ": " * 30_000 + "\n",
    "k: a" + " #" * 30_000 + "\n",
    "k:\n" + "# c\n" * 15_000,
    "k: 'a" + "''" * 30_000 + "\n",
    "-" * 60_000 + "x\n",
    "\t" * 60_000 + "\n",
    "k: {" + "a, " * 15_000 + "}\n",
    "k:\n" + "- a\n" * 15_000,
    "k:\n" + "- a # b\n" * 7_000,
    "? " * 30_000 + "\n",
]


@pytest.mark.parametrize("header", BOMBS, ids=range(len(BOMBS)))
def test_bombs_are_defused(header: str) -> None:
    document = doc(header)  # not to crash, and to come back at all, is what is tested
    assert (document.body, document.text[4 : -len("---\nBody\n")]) == ("Body\n", header)


# -- Quoting -------------------------------------------------------------------------------------------------------

PLAIN = "todo|Fix the door|2026-12-01|12:30|1d/3d/6d|40%|1200 EUR|-rf|a#b|a:b|http://x.org/?a=b&c|don't|50 % [x]|é|👨\u200d👩"
QUOTED = "|~|null|NULL|no|Yes|true|OFF|y|a: b|a:|: a|a #b|#a|@bob|&a|*a|!a|% a|>a|[a|]a|{a|}a|,a|'a|\"a|`a|- a|-|? a| a|a |=|<<"


@pytest.mark.parametrize("value", PLAIN.split("|"))
def test_plain_where_it_is_safe(value: str) -> None:
    assert quote(value) == value


@pytest.mark.parametrize("value", [*QUOTED.split("|"), "b\nc"])
def test_double_quotes_where_yaml_would_read_something_else(value: str) -> None:
    assert quote(value)[0] == quote(value)[-1] == '"'
    assert yaml.safe_load(quote(value)) == value


def test_quoting_of_what_cannot_be_seen() -> None:
    assert quote("a\x1b[2J\u202e\n\x85\U000e0041") == '"a\\u001b[2J\\u202e\\n\\u0085\\U000e0041"'
    with pytest.raises(ValueError, match="Unicode"):
        quote("caf\udce9")


def test_quoting_inside_brackets_and_for_yes_no_fields() -> None:
    assert (quote("a, b"), quote("a, b", flow=True), quote("a]", flow=True)) == ("a, b", '"a, b"', '"a]"')
    assert (quote("true"), quote("true", bare=True), quote("null", bare=True)) == ('"true"', "true", '"null"')


# -- Edits: that field and nothing else ----------------------------------------------------------------------------

SET: list[tuple[str, RawValue, str]] = [  # header, new value of k, header
    # Scalars keep their place, their comment and their quotes.
    ("k: a\n", "b", "k: b\n"),
    ("k:   a   # why\n", "b", "k:   b   # why\n"),
    ("k: a\n", "a", "k: a\n"),
    ("k: a\n", "no", 'k: "no"\n'),
    ("k: a\n", "x: y", 'k: "x: y"\n'),
    ("k: a\n", "two\nlines", 'k: "two\\nlines"\n'),
    ('k: "a" # why\n', "b", 'k: "b" # why\n'),
    ('k: "a"\n', 'say "b"', 'k: "say \\"b\\""\n'),
    ('k: "x: y"\n', "z", "k: z\n"),  # quotes that the old value needed go with it
    ("k: 'a'\n", "it's", "k: 'it''s'\n"),
    ("k: 'a'\n", "b\x1b", 'k: "b\\u001b"\n'),
    ("k:\n", "a", "k: a\n"),
    ("k: # why\n", "a", "k: a # why\n"),
    ("k: ~\n", "a", "k: a\n"),
    ("k: a # why\n", None, "k: # why\n"),
    ("k: a\n", "", 'k: ""\n'),
    ("k: a: b\n", "c", "k: c\n"),
    ("k: @bob\n", "@eve", 'k: "@eve"\n'),
    ("k:\ta\n", "b", "k: b\n"),
    ("k: fix #12\n", "fix #13", 'k: "fix #13" #12\n'),
    ("k: !!str 12\n", "13", "k: 13\n"),
    # Values of several lines become one line.
    ("k: |\n  a\n  b\n\n# next\n", "c", "k: c\n\n# next\n"),
    ("k: >-\n  a\n  b\n", "c\nd", 'k: "c\\nd"\n'),
    ("k: a\n  b\n", "c", "k: c\n"),
    ('k: "a\n  b"\n', "c", 'k: "c"\n'),
    # Lists in brackets.
    ("k: [a, b]\n", ("a", "b", "c"), "k: [a, b, c]\n"),
    ("k: [a,b]  # why\n", ("b",), "k: [b]  # why\n"),
    ("k: [a,b]\n", ("a", "c", "b"), "k: [a,c,b]\n"),
    ("k: [ a, 'b' , c ]\n", ("a", "x", "c"), "k: [ a, 'x' , c ]\n"),
    ('k: ["a", b]\n', ("b", "a"), 'k: [b, "a"]\n'),
    ('k: ["a", "b"]\n', ("a", "b", "c"), 'k: ["a", "b", "c"]\n'),
    ("k: [a]\n", ("a", "b, c", "no"), 'k: [a, "b, c", "no"]\n'),
    ("k: [a, b,]\n", ("a",), "k: [a,]\n"),
    ("k: []\n", ("a", "b"), "k: [a, b]\n"),
    ("k: [a]\n", (), "k: []\n"),
    ("k: [a]\n", "a", "k: a\n"),
    ("k: [\n  a, # x\n  b,\n  c\n]\n", ("a", "b"), "k: [\n  a, # x\n  b\n]\n"),
    ("k: [\n  a,\n  b\n]\n", ("a", "b", "c"), "k: [\n  a,\n  b,\n  c\n]\n"),
    # Lists of lines.
    ("k:\n  - a\n  - b\n", ("a", "b", "c"), "k:\n  - a\n  - b\n  - c\n"),
    ("k:\n- a # x\n-   'b'\n", ("a", "c", "b"), "k:\n- a # x\n- c\n-   'b'\n"),
    ("k:\n  - a # x\n  # y\n  - b\n", ("b",), "k:\n  - b\n"),
    ("k:\n  - a # x\n  # y\n  - b\n", ("a",), "k:\n  - a # x\n"),
    ("k:\n  - a # x\n  - b\n", ("c", "b"), "k:\n  - c # x\n  - b\n"),
    ("k:\n  - a\n  - b # x\n", ("b", "a"), "k:\n  - b # x\n  - a\n"),
    ("k: # why\n  - a\n", (), "k: [] # why\n"),
    ("k:\n  - a\n", "b", "k: b\n"),
    ("k:\n  - a\n", ("no", "x: y"), 'k:\n  - "no"\n  - "x: y"\n'),
    # One value stays a scalar, several make a list.
    ("k: a\n", ("b",), "k: b\n"),
    ("k: a\n", ("a", "b"), "k: [a, b]\n"),
    ("k: a\n", (), "k: []\n"),
    ("k:\n", ("a",), "k: [a]\n"),
    # Mappings.
    ("k: {a: 1, b: 2}\n", {"a": "1", "b": "3"}, "k: {a: 1, b: 3}\n"),
    ("k: {a: 1, b: 2}\n", {"b": "2"}, "k: {b: 2}\n"),
    ("k:\n  a: 1 # x\n  b: 2\n", {"a": "3", "c": "4"}, "k:\n  a: 3 # x\n  c: 4\n"),
    ("k: a\n", {"x": "1", "w": {"z": ("1", "2")}}, "k:\n  x: 1\n  w:\n    z: [1, 2]\n"),
    ("k: a\n", ({"x": "1", "w": None}, {"x": "2"}), "k:\n  - x: 1\n    w:\n  - x: 2\n"),
    ("k:\n- x: 1\n  y: 2\n- x: 3\n", ({"x": "3"},), "k:\n- x: 3\n"),
]


@pytest.mark.parametrize(("header", "value", "after"), SET)
@pytest.mark.parametrize("frame", ["---\n{}---\nBody", "\ufeff---\na0: 1\n# c\n{}z: [x ,  y]\n\n---   \n\n---\n"])
def test_set_changes_that_value_only(header: str, value: RawValue, after: str, frame: str) -> None:
    assert parse_document(frame.format(header)).set("k", value).text == frame.format(after)


@pytest.mark.parametrize(("header", "value", "after"), SET)
def test_set_keeps_windows_line_ends(header: str, value: RawValue, after: str) -> None:
    before, expected = (f"---\n{text}z: 1\n---\nBody\n".replace("\n", "\r\n") for text in (header, after))
    assert parse_document(before).set("k", value).text == expected


NEW: list[tuple[str, RawValue, str]] = [
    ("Body\n", "v", "---\nk: v\n---\nBody\n"),
    ("", "v", "---\nk: v\n---\n"),
    ("\ufeffBody\r\nmore", "v", "\ufeff---\r\nk: v\r\n---\r\nBody\r\nmore"),
    ("---\n---\nB", "v", "---\nk: v\n---\nB"),
    ("---\n~\n---\nB", "v", "---\nk: v\n---\nB"),
    ("---\n# note\n---\nB", "v", "---\n# note\nk: v\n---\nB"),
    ("---\na: 1\n---\nB", "v", "---\na: 1\nk: v\n---\nB"),
    ("---\r\na: 1\r\n---\nB", "v", "---\r\na: 1\r\nk: v\r\n---\nB"),
    ("---\na: |\n  x\n\n---\nB", "v", "---\na: |\n  x\n\nk: v\n---\nB"),
    ("---\na: 1\n---\nB", ("x", "y, z"), '---\na: 1\nk: [x, "y, z"]\n---\nB'),
    ("---\na: 1\n---\nB", (), "---\na: 1\nk: []\n---\nB"),
    ("---\na: 1\n---\nB", ({"x": "1", "w": ("2",)},), "---\na: 1\nk:\n  - x: 1\n    w: [2]\n---\nB"),
    ("---\na: b: c\na: 2\n---\nB", "v", "---\na: b: c\na: 2\nk: v\n---\nB"),
    ("---\nid: 1 # x\n# status\nstatus: 2\n---\nB", "v", "---\nid: 1 # x\nk: v\n# status\nstatus: 2\n---\nB"),
]


@pytest.mark.parametrize(("before", "value", "after"), NEW)
def test_a_new_key_gets_a_line_of_its_own(before: str, value: RawValue, after: str) -> None:
    assert parse_document(before).set("k", value, order=("id", "title", "k", "status")).text == after


def test_a_key_is_quoted_where_it_must_be() -> None:
    document = doc("a: 1\n").set("x: #", "1").set("no", "2")
    assert document.text == '---\na: 1\n"x: #": 1\n"no": 2\n---\nBody\n'
    assert (document.get("x: #"), document.get("no")) == ("1", "2")


def test_yes_no_fields_are_written_bare() -> None:
    assert doc("a: 1\n").set("archived", "true", bare=True).text == "---\na: 1\narchived: true\n---\nBody\n"


REMOVE = [
    ("---\nk: 1\nb: 2\n---\nB", "---\nb: 2\n---\nB"),
    ("---\na: 1\n\n# about k\nk:\n  - 1\n  # end\n\n# about b\nb: 2\n---\nB", "---\na: 1\n\n# about k\n\n# about b\nb: 2\n---\nB"),
    ("---\nk: 1\n---\nB", "B"),
    ("\ufeff---\nk: 1\n---\nB", "\ufeffB"),
    ("---\nk: 1\n---\n---\na: 1\n---\n", "---\n---\n---\na: 1\n---\n"),  # the body would become a header
    ("---\n# note\nk: 1\n---\nB", "---\n# note\n---\nB"),
    ("---\na: 1\n---\nB", "---\na: 1\n---\nB"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), REMOVE)
def test_remove(before: str, after: str) -> None:
    assert parse_document(before).remove("k").text == after


PATHS: list[tuple[str, tuple[str | int, ...], RawValue, str]] = [
    ("k:\n  - m: x # one\n    c: 1 # now\n  - m: y\n", ("k", 0, "c"), "5", "k:\n  - m: x # one\n    c: 5 # now\n  - m: y\n"),
    ("k:\n  - m: x\n  - m: y # two\n", ("k", 1, "c"), "5", "k:\n  - m: x\n  - m: y # two\n    c: 5\n"),
    ("k:\n- m: x\n-\n  m: y\n", ("k", 1, "m"), "z", "k:\n- m: x\n-\n  m: z\n"),
    ("k: [{m: x}, {m: 'y'}]\n", ("k", 1, "m"), "a, b", "k: [{m: x}, {m: 'a, b'}]\n"),
    ("k: {a: {b: 1}}\n", ("k", "a", "c"), ("1",), "k: {a: {b: 1, c: [1]}}\n"),
    ("k:\n  a:\n    b: 1\n  c: 2\n", ("k", "a", "d"), ("p", "q"), "k:\n  a:\n    b: 1\n    d: [p, q]\n  c: 2\n"),
    ("k:\n  a:\n", ("k", "a"), {"b": "1"}, "k:\n  a:\n    b: 1\n"),
    ("k:\n  a:\n  - 1\n  - 2\n", ("k", "a", 1), "3", "k:\n  a:\n  - 1\n  - 3\n"),
    ("k: {x}\n", ("k", "x"), "1", "k: {x: 1}\n"),
    ("k:\n  - - a\n    - b # x\n  - - c\n", ("k", 0, 1), "z", "k:\n  - - a\n    - z # x\n  - - c\n"),
    ("k: a\n", ("k",), "b", "k: b\n"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "path", "value", "after"), PATHS)
def test_set_path(header: str, path: tuple[str | int, ...], value: RawValue, after: str) -> None:
    assert doc(f"{header}z: 1\n").set_path(path, value).text == doc(f"{after}z: 1\n").text


@pytest.mark.parametrize(
    "path", [(), (0,), ("k", 2), ("k", -1), ("k", "a"), ("k", 0, "b", "c"), ("k", 1, "b"), ("new", "a")]
)
def test_a_path_that_leads_nowhere(path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValueError, match=r"path|nothing"):
        doc("k:\n  - a: 1\n  - b\n").set_path(path, "x")


@pytest.mark.parametrize(
    "text",
    [
        "---\nk: 1\nk: 2\n---\n",
        "---\nk: &a 1\n---\n",
        "---\nk: !x 1\n---\n",
        "---\nk: {<<: {a: 1}}\n---\n",
        "---\nk:\n\ta: 1\n---\n",
        "---\nk: 1\n",
        "---\n- k\n---\n",
        "+++\nk = 1\n+++\n",
        '{"k": 1}\n',
        "---\nk: 1\nb: \x00\n---\n",
    ],
)
def test_what_is_not_understood_is_never_rewritten(text: str) -> None:
    document = parse_document(text)
    with pytest.raises(ValueError, match=r"header|rewritten"):
        document.set("k", "new")
    if "k" in document:
        with pytest.raises(ValueError, match=r"header|rewritten"):
            document.remove("k")


def test_what_utf8_cannot_hold_is_not_written() -> None:
    with pytest.raises(ValueError, match="Unicode"):
        doc("k: 1\n").set("k", "\udce9")


def test_lines_and_columns() -> None:
    text = "\ufeffab\r\ncé\u2028d\n"
    assert [line_column(text, text.index(char)) for char in "abcéd"] == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 4)]
    assert line_column("", 0) == line_column("\ufeff", 0) == line_column("\ufeff", 1) == (1, 1)


def test_a_document_answers_like_a_mapping() -> None:
    document = doc("a: 1\nb: 2\na: 3\n")
    assert (document.keys(), document.get("a"), document.get("x")) == (("a", "b"), "3", None)
    assert ("a" in document, "x" in document) == (True, False)
    assert (document.newline, document.bom) == ("\n", False)


# -- Laws ------------------------------------------------------------------------------------------------------------

FRAGMENTS = [
    *"abé1~?\\%@`#|>:,[]{}'\"-&*!", "k: ", "title: ", "- ", ": ", " #", " # ", ", ", "\n", "\n  ", "\n- ", "\n  - ", "\n\n", "\r\n",
    "\t", "|-", "|+\n  x\n\n", ">2", "null", "---", "...", '"a"', "'b'", "[a, b]", "{a: 1}", "\nq:\n", "\nk2: ", "\nk3: ",
    "\n    ", "\n# c\n", "&x ", "*x", "!!str ", "<<: ", "\u200b", "\u2028", "\x85", "\x00", "\udce9", "\ufeff", "=======\n",
    "<<<<<<< a\n", ">>>>>>> b\n", "\n---\n",
]  # fmt: skip
wild = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)
texts = st.one_of(
    st.text(max_size=60),
    wild,
    wild.map(lambda header: f"---\n{header}\n---\nBody\n"),
    wild.map(lambda header: f"\ufeff---\r\na: 1\r\nk: {header}\r\nz: [1, 2]\r\n---\r\nBody"),
)
words = st.text(max_size=12).filter(lambda text: not re.search("[\ud800-\udfff]", text)) | st.sampled_from(
    [*PLAIN.split("|"), *QUOTED.split("|"), "a\nb", "\x1b[0m", "\u202e", "a\\b", "x\u200dy"]
)
scalars = st.none() | words
lists = st.lists(words, max_size=4).map(tuple)
values: st.SearchStrategy[RawValue] = st.recursive(
    cast("st.SearchStrategy[RawValue]", scalars),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def outside(document: Document, key: str) -> tuple[str, str]:
    """The text before and after a key's value, spaces next to it left out: an empty value has none."""
    entry = document.entry(key)
    assert entry is not None
    before, after = document.text[: entry.value_start], document.text[entry.value_end :]
    return before.rstrip(" \t"), after


@LAWS
@given(texts)
@example("---\n---\n---\n")
@example("---\nk: |+\n\n---\n")
def test_parsing_never_raises_and_spans_fit(text: str) -> None:
    document = parse_document(text)
    assert document.text == text
    assert document.header_start <= document.header_end <= document.body_start <= len(text)
    position = document.header_start
    for entry in document.entries:
        assert position <= entry.start <= entry.key_offset <= entry.value_start <= entry.value_end <= entry.end
        position = entry.end
    assert position <= document.header_end
    for fault in (*document.faults, *(fault for entry in document.entries for fault in entry.faults)):
        assert 0 <= fault.offset <= len(text)


@LAWS
@given(texts, words, values)
def test_an_edit_changes_one_value_or_is_refused(text: str, key: str, value: RawValue) -> None:
    before = parse_document(text)
    keys = before.keys()
    key = keys[len(key) % len(keys)] if keys and len(key) % 4 else key
    try:
        after = before.set(key, value)
    except ValueError:
        return
    single = isinstance(value, tuple) and len(value) == 1 and isinstance(before.get(key), str)
    assert after.get(key) == value or (single and (after.get(key),) == value)
    assert after.body == before.body
    assert [(e.key, e.value) for e in after.entries if e.key != key] == [
        (e.key, e.value) for e in before.entries if e.key != key
    ]
    if key in before and before.get(key) != value:
        entry = before.entry(key)
        assert entry is not None
        assert after.text.startswith(before.text[: entry.value_start].rstrip(" \t"))
        assert after.text.endswith(before.text[entry.value_end :])


@LAWS
@given(words | st.none(), words | st.none(), st.sampled_from(["", "  # why"]))
def test_a_scalar_set_and_set_back(old: str | None, new: str | None, tail: str) -> None:
    written = "k:" if old is None else f"k: {quote(old)}"
    before = doc(f"a: [x ,y]\n{written}{tail}\nz: 'b'\n")
    assert before.get("k") == old
    after = before.set("k", new)
    assert (after.get("k"), outside(after, "k")) == (new, outside(before, "k"))
    assert after.set("k", old).text == before.text


@LAWS
@given(
    st.sampled_from(["'a'", '"a"', "a", "'it''s'"]), words.filter(lambda text: text.isalnum() and quote(text) == text)
)
def test_chosen_quotes_stay(written: str, new: str) -> None:
    before = doc(f"k: {written} # c\n")
    after = before.set("k", new)
    if written != "'it''s'":
        assert after.text == before.text.replace("a", new, 1)
    assert after.set("k", before.get("k")).text == before.text or written == "'it''s'"


@LAWS
@given(lists.filter(len), lists.filter(len), st.booleans())
def test_a_list_set_and_set_back(old: tuple[str, ...], new: tuple[str, ...], block: bool) -> None:
    lines = "".join(f"\n  - {quote(item)}" for item in old)
    flow = ", ".join(quote(item, flow=True) for item in old)
    before = doc(f"a: 1\nk:{lines}\nz: 2\n" if block else f"a: 1\nk: [{flow}]\nz: 2\n")
    assert before.get("k") == old
    after = before.set("k", new)
    assert after.get("k") == new
    entry = after.entry("k")
    assert entry is not None
    assert entry.style == ("block" if block else "flow")
    plain = all(quote(item, flow=not block) == item for item in (*old, *new))
    assert after.set("k", old).get("k") == old
    if plain:
        assert after.set("k", old).text == before.text


@LAWS
@given(texts, values)
def test_a_new_key_removed_again(text: str, value: RawValue) -> None:
    before = parse_document(text)
    assume(before.kind in {"yaml", "none"} and "new-key" not in before)
    assume(before.kind == "none" or before.entries)
    try:
        after = before.set("new-key", value)
    except ValueError:
        return
    assert after.get("new-key") == value
    assert after.remove("new-key").text == text


@LAWS
@given(texts)
def test_equal_values_change_nothing(text: str) -> None:
    document = parse_document(text)
    for entry in document.entries:
        if document.kind == "yaml":
            assert document.set(entry.key, document.get(entry.key)).text == text


@LAWS
@given(values)
def test_any_value_is_written_and_read_back(value: RawValue) -> None:
    document = doc("a: 1\n").set("k", value)
    assert document.get("k") == value
    header = document.text[document.header_start : document.header_end]
    assert compose(header) == {"a": "1", "k": value}


def compose(header: str) -> RawValue:
    """The header as a YAML library composes it, scalars as text."""

    def raw(node: yaml.Node | None) -> RawValue:
        if isinstance(node, yaml.SequenceNode):
            return tuple(raw(item) for item in node.value)
        if isinstance(node, yaml.MappingNode):
            return {cast("str", key.value): raw(item) for key, item in node.value}
        assert isinstance(node, yaml.ScalarNode)
        return None if not node.style and node.value in NULLS else cast("str", node.value)

    return raw(yaml.compose(header, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def well_formed(node: yaml.Node | None) -> bool:
    """Block mapping at the top, each key a scalar and there once."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        return (
            len(set(keys)) == len(node.value) and "<<" not in keys and all(well_formed(item) for _, item in node.value)
        )
    return not isinstance(node, yaml.SequenceNode) or all(well_formed(item) for item in node.value)


def agrees_with_yaml(header: str) -> bool:
    """Whether our reading of a header is the library's, or ours has a fault to show, or the library reads none."""
    if re.search(r"[&*!?\u2028\x85\x00\ufeff\udce9]|^(---|\.\.\.)|^[|>]", header, re.MULTILINE):
        return True
    try:
        node = yaml.compose(header, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return True
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not well_formed(node):
        return True
    document = doc(header)
    if any(entry.start != entry.key_offset for entry in document.entries):
        return True  # keys that are all indented: read, with a fault
    values = {entry.key: entry.value for entry in document.entries}
    return values == compose(header) and document.kind == "yaml" and "bad-yaml" not in codes(document)


@settings(LAWS, max_examples=LAWS.max_examples * 4)
@given(wild, wild)
@example("k:\n- a\n", "- b")
def test_reading_agrees_with_a_yaml_library(first: str, second: str) -> None:
    assert agrees_with_yaml(f"k1: {first}\nz1: {second}\nzz: 1\n")


@LAWS
@given(
    st.dictionaries(words.filter(bool), values, min_size=1, max_size=4),
    st.sampled_from([None, True, False]),
    st.sampled_from([20, 1000]),
)
def test_reading_agrees_with_what_a_yaml_library_writes(
    data: Mapping[str, RawValue], flow: bool | None, width: int
) -> None:
    def plain(value: RawValue) -> object:
        if isinstance(value, tuple):
            return [plain(item) for item in value]
        return {key: plain(item) for key, item in value.items()} if isinstance(value, Mapping) else value

    header = "".join(
        yaml.safe_dump(
            {key: plain(value)}, default_flow_style=None if flow else False, width=width, allow_unicode=bool(flow)
        )
        for key, value in data.items()
    )
    assert agrees_with_yaml(header)


@LAWS
@given(st.dictionaries(st.sampled_from(["id", "title", "tags"]), words.filter(str.isalnum), min_size=1), words)
def test_the_split_agrees_with_python_frontmatter(data: dict[str, str], body: str) -> None:
    text = "---\n" + "".join(f'{key}: "{value}"\n' for key, value in data.items()) + "---\n\n" + body
    document = parse_document(text)
    post = frontmatter.loads(text)
    assume("\r" not in body)
    assert {entry.key: entry.value for entry in document.entries} == post.metadata
    assert document.body.strip() == post.content


def test_every_character_is_written_so_that_it_can_be_seen() -> None:
    for code in range(0x3000):
        char = chr(code)
        if unicodedata.category(char) in {"Cc", "Zl", "Zp"}:
            assert quote(f"a{char}b") == quote(f"a{char}b").encode("ascii").decode("ascii")
            assert yaml.safe_load(quote(f"a{char}b")) == f"a{char}b"
