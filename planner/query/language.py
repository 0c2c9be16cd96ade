r"""Text to query: `status:doing assignee:ana due<+7d -blocked "exact words"`, with a place for every mistake.

    query   = every part side by side, `or` between alternatives, `and` where one likes, brackets, `-` or `not`
    part    = field:value  field:a,b  field:low..high  field:none  field:any  field<value (<= > >= = !=)
            | has:field  is:word  kind:word  sort:field  sort:-field
            | @person  #tag  !priority  p:project  word  "exact words"  -blocked (short for -is:blocked)

Values keep their text: what `fri` or `2d` means depends on the field, and is decided when the query meets a vault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import ClassVar, NoReturn, cast

from planner.core.display import cell_width, display_text
from planner.core.fields import CANONICAL, FIELDS
from planner.core.pattern import later
from planner.errors import Invalid
from planner.query.nodes import (
    IS_WORDS,
    KEYWORDS,
    RANGE,
    And,
    At,
    Has,
    Is,
    Match,
    Node,
    Operator,
    Query,
    Sort,
    Value,
    Words,
    all_of,
    any_of,
    negated,
)

MAX_LENGTH = 2_000
MAX_DEPTH = 50
_EXCERPT = 60  # characters of a long query shown on either side of a fault

_SHORT = {"p": "project"}
_SUGAR = {"@": "assignee", "#": "tags", "!": "priority"}
_EXAMPLES = {"@": "@ana", "#": "#git", "!": "!high"}

_SPACE = later(r"\s*")
_BARE = later(r"[^\s()\"]+")
_VALUE = later(r"[^\s(),\"]+")
_QUOTED = later(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = later(r"\\([\"\\])")
# A name, an operator glued to it; `https://…` is a word to search for.
_FIELD = later(r"([^\W\d][\w.\-]*)(!=|:?[<>]=?|:|=)(?!//)")


class QueryError(Invalid):
    """A query that cannot be read; `position` counts the characters of `text` before the fault."""

    code: ClassVar[str] = "bad-query"

    def __init__(self, message: str, at: At, hint: str = "") -> None:
        super().__init__(message, hint)
        self.text = at.text
        self.position = at.position

    @property
    def caret(self) -> str:
        """Two lines: the query (the part around the fault if it is long), and `^` under the fault."""
        start = max(0, self.position - _EXCERPT)
        end = self.position + _EXCERPT
        before = ("…" if start else "") + self.text[start : self.position]
        after = self.text[self.position : end] + ("…" if end < len(self.text) else "")
        indent = cell_width(display_text(before))
        return f"{display_text(before)}{display_text(after)}\n{' ' * indent}^"


def parse_query(text: str) -> Query:
    """The query that a text says; raises QueryError with the position of the first fault."""
    if len(text) > MAX_LENGTH:
        raise QueryError(
            f"the query is {len(text):,} characters long; at most {MAX_LENGTH:,} are read",
            At(text, MAX_LENGTH),
            "split it, or save parts of it as views",
        )
    return _Parser(text).query()


def canonical(name: str) -> str:
    """The name of a field in the field table for any of its aliases; other names as they are."""
    for spelling in (name, name.lower()):
        if spelling in FIELDS:
            return spelling
        if found := CANONICAL.get(spelling) or _SHORT.get(spelling):
            return found
    return name


class _Parser:
    """Recursive descent over the text itself; `position` is the next character to read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0
        self.sort: list[Sort] = []

    def query(self) -> Query:
        self.space()
        if self.done():
            return Query()
        node = self.alternatives()
        if not self.done():
            self.fail("this ')' closes no '('", "leave it out, or put it in quotes")
        return Query(node, tuple(self.sort))

    def alternatives(self) -> Node:
        parts = [self.conjunction()]
        while self.keyword("or"):
            parts.append(self.conjunction())
        if len(parts) > 1 and any(part == And() for part in parts):
            self.fail("expected a condition on either side of 'or', not only a sort", "due<fri or !high sort:due")
        return any_of(parts)

    def conjunction(self) -> Node:
        """Parts side by side, up to `or`, `)` or the end."""
        parts: list[Node] = []
        some = False
        while not self.ends_conjunction():
            if self.sort_key():
                some = True
            else:
                parts.append(self.unary())
                some = True
            self.space()
            if self.keyword("and") and self.ends_conjunction():
                self.fail("expected a condition after 'and'", "status:doing and @ana")
        if not some:
            self.fail(f"expected a condition {self.before()}", "write one such as status:doing, @ana or due<+7d")
        return all_of(parts)

    def ends_conjunction(self) -> bool:
        self.space()
        return self.done() or self.peek() == ")" or self.at_keyword("or")

    def unary(self) -> Node:
        if self.at_keyword("and"):
            self.fail("expected a condition before 'and'", "status:doing and @ana")
        if self.keyword("not"):
            return self.nested(lambda: negated(self.operand("not")))
        if self.peek() == "-":
            self.position += 1
            return self.nested(self.dashed)
        if self.peek() == "(":
            return self.nested(self.group)
        return self.term()

    def nested(self, read: Callable[[], Node]) -> Node:
        if self.depth >= MAX_DEPTH:
            self.fail(f"brackets and negations stand more than {MAX_DEPTH} deep", "say it with fewer of them")
        self.depth += 1
        node = read()
        self.depth -= 1
        return node

    def operand(self, word: str) -> Node:
        self.space()
        if self.ends_conjunction():
            self.fail(
                f"expected a condition after '{word}'", f"{word} status:done" if word == "not" else "-status:done"
            )
        return self.unary()

    def dashed(self) -> Node:
        if self.done() or self.peek().isspace():
            self.fail("expected a condition right after '-'", "-status:done")
        match = _BARE.match(self.text, self.position)
        if match and match[0].casefold() in IS_WORDS:
            at = self.here()
            self.position = match.end()
            self.separated()
            return negated(Is(match[0].casefold(), at))
        return negated(self.operand("-"))

    def group(self) -> Node:
        opened = self.here()
        self.position += 1
        node = self.alternatives()
        if self.peek() != ")":
            raise QueryError("this '(' is never closed", opened, "add a ')', or put it in quotes")
        self.position += 1
        return node

    def term(self) -> Node:
        at = self.here()
        if self.peek() == '"':
            return Words(self.quoted(), at)
        if self.peek() in _SUGAR:
            return self.sugar()
        if match := _FIELD.match(self.text, self.position):
            return self.condition(match)
        match = cast("re.Match[str]", _BARE.match(self.text, self.position))  # no space, bracket or quote is here
        if match[0][0] in ":<>=,":
            self.fail(f"expected the name of a field before '{match[0][0]}'", "due<fri; or put the words in quotes")
        self.position = match.end()
        self.separated()
        return Words(match[0], at)

    def sugar(self) -> Node:
        at = self.here()
        sign = self.peek()
        self.position += 1
        values = self.values(f"'{sign}'", _EXAMPLES[sign])
        return Match(_SUGAR[sign], ":", values, at)

    def condition(self, match: re.Match[str]) -> Node:
        at = self.here()
        name, operator = canonical(match[1]), match[2]
        self.position = match.end()
        word = name.lower()
        if word in {"is", "has", "sort"} and operator != ":":
            self.fail_at(At(self.text, match.start(2)), f"'{word}' takes a ':'", _example(word))
        if word == "sort":
            self.fail_at(at, "a sort stands outside of brackets and is not negated", "status:doing sort:-due")
        values = self.values(f"'{match[0]}'", _example(name))
        if word == "is":
            return any_of(Is(_is_word(value), value.at) for value in values)
        if word == "has":
            return any_of(Has(canonical(_plain(value)), value.at) for value in values)
        if operator == "!=":
            return negated(Match(name, "=", values, at))
        return Match(name, self.comparison(name, operator.removeprefix(":") or ":", values), values, at)

    def comparison(self, name: str, operator: str, values: tuple[Value, ...]) -> Operator:
        if operator not in {":", "="}:
            if len(values) > 1:
                self.fail_at(values[1].at, f"'{operator}' compares with one value", f"{name}:a,b is any of several")
            if values[0].bounds is not None:
                self.fail_at(values[0].at, f"'{operator}' takes no range", f"{name}:{values[0].text}")
        return cast("Operator", operator)

    def sort_key(self) -> bool:
        """Reads `sort:field,-field` where it may stand; elsewhere `condition` refuses it."""
        match = _FIELD.match(self.text, self.position)
        if self.depth or not match or match[1].lower() != "sort" or match[2] != ":":
            return False
        self.position = match.end()
        for value in self.values("'sort:'", _example("sort")):
            name = _plain(value)
            field = name.removeprefix("-")
            if not field:
                raise QueryError("expected the name of a field after 'sort:-'", value.at, "sort:-due")
            self.sort.append(Sort(canonical(field), name.startswith("-"), value.at))
        return True

    def values(self, after: str, example: str) -> tuple[Value, ...]:
        """One value or several with commas between, glued to what stands before."""
        values = [self.value(after, example)]
        while self.peek() == ",":
            self.position += 1
            values.append(self.value("','", example))
        self.separated()
        return tuple(values)

    def value(self, after: str, example: str) -> Value:
        at = self.here()
        if self.peek() == '"':
            return Value.quoted(self.quoted(), at)
        match = _VALUE.match(self.text, self.position)
        if match is None:
            self.fail(f"expected a value right after {after}", example)
        if match[0][0] in ":<>=":
            self.fail(f"expected a value, not '{match[0][0]}'", f"{example}; or put the value in quotes")
        if match[0] == RANGE:
            self.fail("expected a value on at least one side of '..'", "due:today..fri or due:..fri")
        self.position = match.end()
        return Value.quoted(match[0], at) if match[0].startswith("//") else Value(match[0], at=at)

    def quoted(self) -> str:
        match = _QUOTED.match(self.text, self.position)
        if match is None:
            self.fail("this quote is never closed", 'add a second "')
        if not match[1]:
            self.fail("expected words between the quotes", '"exact words"')
        self.position = match.end()
        self.separated(",")
        return _ESCAPE.sub(r"\1", match[1])

    def separated(self, also: str = "") -> None:
        """What ends here ends: a space, a bracket or the end follows."""
        if not self.done() and not self.peek().isspace() and self.peek() not in f"(){also}":
            self.fail("expected a space here", 'status:doing "exact words"')

    def at_keyword(self, word: str) -> bool:
        match = _BARE.match(self.text, self.position)
        return match is not None and match[0].casefold() == word

    def keyword(self, word: str) -> bool:
        """Steps over the keyword if it comes next."""
        self.space()
        found = self.at_keyword(word)
        self.position += len(word) if found else 0
        return found

    def before(self) -> str:
        """Where something is missing, in words."""
        if self.done():
            return "here"
        return "before 'or'" if self.at_keyword("or") else "before ')'"

    def space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def done(self) -> bool:
        return self.position >= len(self.text)

    def here(self) -> At:
        return At(self.text, self.position)

    def fail(self, message: str, hint: str) -> NoReturn:
        raise QueryError(message, self.here(), hint)

    def fail_at(self, at: At, message: str, hint: str) -> NoReturn:
        raise QueryError(message, at, hint)


def _plain(value: Value) -> str:
    """The name of a field given as a value."""
    if not re.fullmatch(r"-?[^\W\d][\w.\-]*", value.text):
        raise QueryError(f"expected the name of a field, not '{value.text}'", value.at, "has:due or sort:-due")
    return value.text


def _is_word(value: Value) -> str:
    word = value.text.casefold()
    if word in IS_WORDS:
        return word
    raise QueryError(f"'is:{value.text}' is not known", value.at, suggestion(word, IS_WORDS))


def suggestion(word: str, known: Iterable[str]) -> str:
    """The nearest of the known words, or all of them."""
    known = list(known)
    from difflib import get_close_matches

    near = get_close_matches(word.casefold(), known, n=1)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"


def _example(name: str) -> str:
    """A condition on that field as a hint."""
    examples = {
        "is": "is:blocked", "has": "has:due", "sort": "sort:-due", "due": "due<+7d", "status": "status:doing",
        "assignee": "assignee:ana", "priority": "priority>=high", "project": "project:web", "tags": "tag:git",
        "estimate": "estimate>2d",
    }  # fmt: skip
    return examples.get(name, f"{name}:value")


__all__ = ["IS_WORDS", "KEYWORDS", "Query", "QueryError", "canonical", "parse_query", "suggestion"]
