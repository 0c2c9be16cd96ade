from __future__ import annotations

import pytest

from planner.commands import CheckItem, Comment, Context
from planner.errors import Invalid, NotFound
from tests.conftest import build

STEPS = "---\nid: a\n---\nIntro\n- [ ] one\n  * [X] two\n```\n- [ ] no step\n```\n1. [ ] three\n"


def after(command: CheckItem | Comment, text: str, ctx: Context) -> str:
    vault = build({"tasks/a.md": text})
    return vault.apply(command.plan(vault, ctx).edits).text("tasks/a.md")


def test_a_tick_changes_one_character(ctx: Context) -> None:
    assert after(CheckItem("a", 1), STEPS, ctx) == STEPS.replace("[ ] one", "[x] one")
    assert after(CheckItem("a", 3), STEPS, ctx) == STEPS.replace("[ ] three", "[x] three")
    assert after(CheckItem("a", 2, off=True), STEPS, ctx) == STEPS.replace("[X] two", "[ ] two")


def test_a_tick_says_how_far_it_is(ctx: Context) -> None:
    change = CheckItem("a", 1).plan(build({"tasks/a.md": STEPS}), ctx)
    assert change.subject == "check a: 2 of 3"
    assert change.details == ("step 1: [ ] → [x] one",)


def test_a_tick_where_one_is_changes_nothing(ctx: Context) -> None:
    assert CheckItem("a", 2).plan(build({"tasks/a.md": STEPS}), ctx).is_noop


@pytest.mark.parametrize("number", [0, 4, -1])
def test_there_is_no_such_step(number: int, ctx: Context) -> None:
    with pytest.raises(NotFound, match="its checklist has 3 lines"):
        CheckItem("a", number).plan(build({"tasks/a.md": STEPS}), ctx)
    with pytest.raises(NotFound, match="it has no checklist"):
        CheckItem("a", 1).plan(build({"tasks/a.md": "A\n"}), ctx)


ENTRY = "- 2026-11-25 14:05 ana: well done\n"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("Text\n", f"Text\n\n## Log\n{ENTRY}"),
        ("Text", f"Text\n\n## Log\n{ENTRY}"),
        ("Text\n\n", f"Text\n\n## Log\n{ENTRY}"),
        ("## Log\n", f"## Log\n{ENTRY}"),
        ("## Log", f"## Log\n{ENTRY}"),
        ("## Log\n- 2026-11-01 ana: old\n", f"## Log\n- 2026-11-01 ana: old\n{ENTRY}"),
        (
            "## Log\n\n- 2026-11-01 ana: old\n\n## More\ntext\n",
            f"## Log\n\n- 2026-11-01 ana: old\n{ENTRY}\n## More\ntext\n",
        ),
        ("```\n## Log\n```\n", f"```\n## Log\n```\n\n## Log\n{ENTRY}"),
        ("---\nid: a\n---\n", f"---\nid: a\n---\n\n## Log\n{ENTRY}"),
        ("Text\r\n", f"Text\r\n\r\n## Log\r\n{ENTRY}".replace("done\n", "done\r\n")),
        ("## Log\r\n- 2026-11-01 ana: old\r\n", "## Log\r\n- 2026-11-01 ana: old\r\n" + ENTRY.replace("\n", "\r\n")),
    ],
)
def test_a_comment_is_a_line_at_the_end_of_the_log(before: str, expected: str, ctx: Context) -> None:
    assert after(Comment("a", " well done "), before, ctx) == expected


@pytest.mark.parametrize("before", ["Text\n", "## Log\n", "## Log\r\n- 2026-11-01 ana: old\r\n\r\n# Next\r\n"])
def test_what_was_said_is_read_back_as_it_was_said(before: str, ctx: Context) -> None:
    said = "first\nsecond: with a colon"
    vault = build({"tasks/a.md": before})
    entry = vault.apply(Comment("a", said).plan(vault, ctx).edits).find("a").body.log[-1]
    assert (entry.when, entry.who, entry.text) == ("2026-11-25 14:05", "ana", said)


def test_nothing_to_say(ctx: Context) -> None:
    with pytest.raises(Invalid):
        Comment("a", "  \n").plan(build({"tasks/a.md": "A\n"}), ctx)
