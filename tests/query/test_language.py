"""The query language: text in, tree out; every fault has a place."""

from __future__ import annotations

import os

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.query.language import MAX_DEPTH, MAX_LENGTH, QueryError, parse_query
from planner.query.nodes import And, Has, Is, Match, Node, Not, Or, Query, Sort, Value, Words

LAWS = settings(max_examples=60 * int(os.environ.get("PLANNER_LAWS", "1")), deadline=None)


def tree(text: str) -> Node:
    return parse_query(text).filter


def match(field: str, *values: str) -> Match:
    return Match(field, ":", tuple(Value(value) for value in values))


def fault(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    return caught.value


def outcome(text: str) -> Query | QueryError:
    try:
        return parse_query(text)
    except QueryError as error:
        return error


DOING = match("status", "doing")
ANA = match("assignee", "ana")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_asks_for_everything(text: str) -> None:
    assert parse_query(text) == Query()
    assert str(Query()) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status:doing", DOING),
        ("Status:doing", DOING),
        ("state:doing", DOING),
        ("status:todo,doing", match("status", "todo", "doing")),
        ("tag:git", match("tags", "git")),
        ("labels:git", match("tags", "git")),
        ("#git", match("tags", "git")),
        ("#git,core", match("tags", "git", "core")),
        ("@ana", ANA),
        ("@me", match("assignee", "me")),
        ("!high", match("priority", "high")),
        ("p:web", match("project", "web")),
        ('project:"Field level"', match("project", "Field level")),
        (r'title:"say \"hi\" \\ there"', match("title", 'say "hi" \\ there')),
        ("due:2026-12-01..2026-12-31", match("due", "2026-12-01..2026-12-31")),
        ("blockedBy:k7f3qx", match("depends_on", "k7f3qx")),
        ("my_own.field-2:x", match("my_own.field-2", "x")),
        ("größe:xl", match("größe", "xl")),
        ("due<+7d", Match("due", "<", (Value("+7d"),))),
        ("due:<+7d", Match("due", "<", (Value("+7d"),))),
        ("due<=fri", Match("due", "<=", (Value("fri"),))),
        ("progress>40%", Match("progress", ">", (Value("40%"),))),
        ("priority>=high", Match("priority", ">=", (Value("high"),))),
        ("value=3", Match("value", "=", (Value("3"),))),
        ("value!=3", Not(Match("value", "=", (Value("3"),)))),
        ("has:due", Has("due")),
        ("has:due,tag", Or((Has("due"), Has("tags")))),
        ("is:blocked", Is("blocked")),
        ("is:blocked,Overdue", Or((Is("blocked"), Is("overdue")))),
        ("merge", Words("merge")),
        ('"exact words"', Words("exact words")),
        ("12:30", Words("12:30")),
        ("https://example.org/a", Words("https://example.org/a")),
        ("blocked", Words("blocked")),
        ("-blocked", Not(Is("blocked"))),
        ('-"blocked"', Not(Words("blocked"))),
        ("-merge", Not(Words("merge"))),
        ("not merge", Not(Words("merge"))),
        ("--merge", Words("merge")),
        ("a b", And((Words("a"), Words("b")))),
        ("a and b AND c", And((Words("a"), Words("b"), Words("c")))),
        ("a or b", Or((Words("a"), Words("b")))),
        ("a b or c", Or((And((Words("a"), Words("b"))), Words("c")))),
        ("a (b or c)", And((Words("a"), Or((Words("b"), Words("c")))))),
        ("a (b (c))", And((Words("a"), Words("b"), Words("c")))),
        ("-(a b)", Not(And((Words("a"), Words("b"))))),
        ("not (a or b) c", And((Not(Or((Words("a"), Words("b")))), Words("c")))),
        ("(a)(b)", And((Words("a"), Words("b")))),
        ("status:doing@ana", match("status", "doing@ana")),
        ("android", Words("android")),
        ('"and"', Words("and")),
    ],
)
def test_text_becomes_a_tree(text: str, expected: Node) -> None:
    assert tree(text) == expected


def test_the_example_of_the_manual() -> None:
    query = parse_query('status:doing assignee:ana due<+7d project:web tag:git -blocked "exact words"')
    assert str(query) == 'status:doing assignee:ana due<+7d project:web tags:git -is:blocked "exact words"'


def test_sort_keys_stand_beside_the_filter() -> None:
    query = parse_query("sort:-due status:doing sort:prio,title or @ana")
    assert query.filter == Or((DOING, ANA))
    assert query.sort == (Sort("due", descending=True), Sort("priority"), Sort("title"))
    assert str(query) == "(status:doing or assignee:ana) sort:-due sort:priority sort:title"
    assert parse_query("sort:due") == Query(sort=(Sort("due"),))


def test_quotes_take_the_meaning_from_special_words() -> None:
    assert parse_query("tag:none") != parse_query('tag:"none"')
    assert tree('tag:"none"') == Match("tags", ":", (Value("none", literal=True),))
    assert tree('tag:"git"') == tree("tag:git")
    assert str(parse_query('title:"a..b"')) == 'title:"a..b"'
    assert Value("a..b").bounds == ("a", "b")
    assert Value("..b").bounds == ("", "b")
    assert Value("a..b", literal=True).bounds is None


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("status:", 7, "expected a value right after 'status:'"),
        ("status: doing", 7, "expected a value right after 'status:'"),
        ("status:todo,", 12, "expected a value right after ','"),
        ("status:todo,,doing", 12, "expected a value right after ','"),
        ("due<", 4, "expected a value right after 'due<'"),
        ("due<<fri", 4, "expected a value, not '<'"),
        ("due<fri,mon", 8, "compares with one value"),
        ("due<mon..fri", 4, "takes no range"),
        ("due:..", 4, "at least one side"),
        ("is:blockd", 3, "'is:blockd' is not known"),
        ("is:open,blockd", 8, "'is:blockd' is not known"),
        ("is=open", 2, "'is' takes a ':'"),
        ("has:4", 4, "expected the name of a field"),
        ("sort:-", 5, "expected the name of a field"),
        ("(a sort:due)", 3, "outside of brackets"),
        ("-sort:due", 1, "outside of brackets"),
        ("a or", 4, "expected a condition here"),
        ("or a", 0, "expected a condition before 'or'"),
        ("a or or b", 5, "expected a condition before 'or'"),
        ("a or sort:due", 13, "not only a sort"),
        ("a and", 5, "expected a condition after 'and'"),
        ("and a", 0, "expected a condition before 'and'"),
        ("not", 3, "expected a condition after 'not'"),
        ("- a", 1, "right after '-'"),
        ("()", 1, "expected a condition before ')'"),
        ("a (b", 2, "never closed"),
        ("a) b", 1, "closes no '('"),
        ('a "b', 2, "this quote is never closed"),
        ('""', 0, "expected words between the quotes"),
        ('"a"b', 3, "expected a space here"),
        ('tag:git"x"', 7, "expected a space here"),
        ("@", 1, "expected a value right after '@'"),
        ("<5", 0, "expected the name of a field"),
        (":x", 0, "expected the name of a field"),
        ("é ünï:", 6, "expected a value"),
    ],
)
def test_a_fault_has_its_place(text: str, position: int, says: str) -> None:
    error = fault(text)
    assert says in error.message
    assert (error.text, error.position) == (text, position)
    assert error.hint
    assert error.exit_code == 2


def test_the_caret_stands_under_the_fault() -> None:
    assert fault("status:doing is:blockd").caret == "status:doing is:blockd\n                ^"
    assert fault("is:blockd").hint == "did you mean blocked?"
    assert fault("is:zzz").hint.startswith("use one of open, done")
    wide = fault("標題 is:x").caret.split("\n")
    assert wide[1] == " " * 8 + "^"
    assert "\x1b" not in fault('"\x1b[2J" is:x').caret


def test_the_caret_of_a_long_query_shows_the_part_around_it() -> None:
    excerpt, caret = fault("word " * 100 + "is:x" + " word" * 100).caret.split("\n")
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert len(excerpt) < 130
    assert excerpt[caret.index("^") :].startswith("x word")


def test_limits() -> None:
    assert parse_query("a" * MAX_LENGTH)
    assert "at most 2,000" in fault("a" * (MAX_LENGTH + 1)).message
    assert parse_query("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH).filter == Words("a")
    assert "deep" in fault("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1)).message
    assert "deep" in fault("-" * 1999 + "a").message
    assert "deep" in fault("not " * 400 + "a").message


def test_what_a_query_asks_for_leaves_out_what_it_excludes() -> None:
    leaves = list(parse_query("status:done -is:archived (a or -(b -c))").wanted())
    assert leaves == [match("status", "done"), Words("a"), Words("c")]


def test_a_query_narrows_another() -> None:
    view, live = parse_query("@ana or @bo sort:due"), parse_query("merge")
    assert str(view.narrowed(live)) == "(assignee:ana or assignee:bo) merge sort:due"
    assert view.narrowed(parse_query("sort:title")).sort == (Sort("title"),)
    assert Query().narrowed(live) == live


names = st.sampled_from(["status", "tag", "due", "p", "assignee", "value", "own", "größe", "id"])
contents = st.text(st.characters(exclude_categories=()), min_size=1, max_size=8)
quoted = contents.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
bare = st.sampled_from(
    ["none", "any", "me", "a..b", "..fri", "+7d", "-2w", "40%", "//x", "x-y", "@ana", "and", "2026-12-01"]
)
values = st.one_of(bare, quoted)
operators = st.sampled_from([":", "=", "!=", "<", "<=", ">", ">=", ":<"])
leaves = st.one_of(
    st.sampled_from(
        ["is:blocked", "-blocked", "has:due,tag", "@ana,bo", "#git", "!high", "is:open,done", "merge", "x's"]
    ),
    st.builds("{}:{},{}".format, names, values, values),
    st.builds("{}{}{}".format, names, operators, values.filter(lambda value: ".." not in value and value != "//x")),
    quoted,
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("-({})".format, inner),
        st.builds("not {}".format, inner),
    ),
    max_leaves=8,
)


@LAWS
@given(queries, st.sampled_from(["", " sort:due", " sort:-prio,title"]))
def test_canonical_text_reads_back_as_the_same_query(text: str, sort: str) -> None:
    query = outcome(text + sort)
    assume(isinstance(query, Query))
    assert parse_query(str(query)) == query
    assert str(parse_query(str(query))) == str(query)


tokens = st.sampled_from(
    ["and", "or", "not", "(", ")", "-", '"', ":", "<", "<=", "!=", "..", ",", " ", "a", "due", "sort", "is", "open", "//", "\\", "@", "#", "\ud800", "\n", "none"]
)  # fmt: skip


@LAWS
@given(st.one_of(st.text(max_size=30), st.lists(tokens, max_size=14).map("".join)))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    read = outcome(text)
    if isinstance(read, Query):
        assert parse_query(str(read)) == read
    else:
        assert 0 <= read.position <= len(text)
        assert read.message
        assert read.hint
        assert read.caret.count("\n") == 1
