from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.core.body import log_end, scan
from planner.core.model import Link, LogEntry

BODY = """Intro
# Heading with `code` #
- [ ] one
* [x] two
  1. [X] three
> - [ ] quoted
- [] none
- [y] none
```md
- [ ] fenced
## Log
```
## Log
- 2026-11-23 14:05 ana: said: this
  and that
- 2026-11-24: nobody
text between
  not said
- [ ] no step in a log
### Part of the log
- 2026-11-25T10:00 bo: more
## Other
- 2026-11-26 ana: not in the log
- [ ] last
"""


def test_checklist_lines_are_steps_outside_of_fences_and_of_the_log() -> None:
    body = scan(BODY)
    assert [(step.number, step.text, step.done, step.line) for step in body.checklist] == [
        (1, "one", False, 3), (2, "two", True, 4), (3, "three", True, 5), (4, "quoted", False, 6), (5, "last", False, 24),
    ]  # fmt: skip
    assert [BODY[step.offset] for step in body.checklist] == [" ", "x", "X", " ", " "]
    assert body.done == 2


def test_the_log_is_read_with_what_goes_on_below_an_entry() -> None:
    assert scan(BODY).log == (
        LogEntry("2026-11-23 14:05", "ana", "said: this\nand that", 14),
        LogEntry("2026-11-24", "", "nobody", 16),
        LogEntry("2026-11-25T10:00", "bo", "more", 21),
    )


def test_the_first_heading_is_the_title() -> None:
    assert scan(BODY).heading == "Heading with `code`"
    assert scan("```\n# no\n```\n## yes ##\n").heading == "yes"
    assert scan("#no\n#\n").heading is None
    assert scan("# a\r\n").heading == "a"


def test_links() -> None:
    text = (
        "[[One]] and [[two|shown]], [[three#part]]\n[file](notes/a.md) [web](https://example.org) [top](#top)\n"
        "```\n[[no]]\n```\n![pic](<plan b.svg>) [mail](mailto:a@b)\n"
    )
    assert scan(text).links == (
        Link("One", 1, wiki=True),
        Link("two", 1, wiki=True),
        Link("three", 1, wiki=True),
        Link("notes/a.md", 2, wiki=False),
        Link("plan b.svg", 6, wiki=False),
    )


def test_offsets_and_lines_count_over_the_whole_file() -> None:
    text = "---\nid: a\n---\n" + BODY
    body = scan(text, 14)
    assert text[body.checklist[1].offset] == "x"
    assert body.checklist[0].line == 6
    assert body.log[0].line == 17


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("no log\n", None),
        ("## Log\n", 6),
        ("## log ##\n- a\n\n", 13),
        ("## Log\n- a\n\n# Next\n", 10),
        ("```\n## Log\n```\n", None),
    ],
)
def test_where_the_log_ends(text: str, end: int | None) -> None:
    assert log_end(text, scan(text)) == end


MARKDOWN = st.lists(
    st.sampled_from(["# ", "## Log", "\n", "- [ ] ", "- [x] ", "```", "~~~", "- 2026-11-23 ana: ", "[[", "]]", "](", ")", "a", " ", "\r\n", "<", "|", "#"]),
    max_size=30,
).map("".join)  # fmt: skip


@settings(max_examples=100)
@given(st.one_of(st.text(), MARKDOWN), st.integers(0, 5))
def test_any_text_is_scanned_and_every_step_can_be_ticked(text: str, start: int) -> None:
    body = scan(text, min(start, len(text)))
    for step in body.checklist:
        assert text[step.offset] in " xX"
        ticked = scan(text[: step.offset] + "x" + text[step.offset + 1 :], body.start)
        assert [other.done for other in ticked.checklist] == [
            other.done or other.number == step.number for other in body.checklist
        ]
