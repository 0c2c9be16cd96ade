from __future__ import annotations

import pytest

from planner.views.markdown import Block, Span, Style, blocks


def styled(*styles: Style) -> frozenset[Style]:
    return frozenset(styles)


def only(body: str) -> Block:
    (block,) = blocks(body)
    return block


def test_headings_and_paragraphs_know_their_line() -> None:
    heading, paragraph = blocks("## Why\n\nTwo people\nedit one task.\n", first_line=12)
    assert (heading.kind, heading.level, heading.text, heading.line) == ("heading", 2, "Why", 12)
    assert (paragraph.kind, paragraph.text, paragraph.line) == ("paragraph", "Two people\nedit one task.", 14)


def test_styles_become_spans() -> None:
    strong, code, link = styled("strong"), styled("code"), styled("link")
    assert only("a **b** `c` [d](http://e.org)").spans == (
        Span("a "),
        Span("b", strong),
        Span(" "),
        Span("c", code),
        Span(" "),
        Span("d", link, "http://e.org"),
    )


@pytest.mark.parametrize(
    ("body", "shown", "href"),
    [
        ("[[k7f3qx]]", "k7f3qx", "[[k7f3qx]]"),
        ("[[k7f3qx|the driver]]", "the driver", "[[k7f3qx]]"),
        ("![plan](a.png)", "plan", "a.png"),
    ],
)
def test_wiki_links_and_images_are_links(body: str, shown: str, href: str) -> None:
    assert only(body).spans == (Span(shown, frozenset({"link"}), href),)


def test_a_checklist_keeps_its_ticks_and_depth() -> None:
    found = blocks("- [x] one\n- [ ] two\n  - sub\n")
    assert [(b.text, b.done, b.depth, b.marker, b.line) for b in found] == [
        ("one", True, 1, "-", 1),
        ("two", False, 1, "-", 2),
        ("sub", None, 2, "-", 3),
    ]


def test_numbers_count_on_and_second_paragraphs_have_no_marker() -> None:
    found = blocks("3. three\n\n   more\n4. four\n-\n")
    assert [(b.text, b.marker) for b in found] == [("three", "3."), ("more", ""), ("four", "4."), ("", "-")]


def test_code_quotes_rules_and_tables() -> None:
    code, quote, rule, head, row = blocks("```py\nx = 1\n```\n> said\n\n***\n\n| a | b |\n|---|---|\n| 1 | **2** |\n")
    assert (code.kind, code.text, code.language) == ("code", "x = 1", "py")
    assert (quote.text, quote.quote) == ("said", 1)
    assert rule.kind == "rule"
    assert (head.kind, head.text, row.text) == ("row", "a\tb", "1\t2")


def test_markup_of_other_kinds_stays_text() -> None:
    assert only("<b>x</b> [@click=app.quit]y[/]").text == "<b>x</b> [@click=app.quit]y[/]"
