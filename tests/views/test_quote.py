from __future__ import annotations

import pytest

from planner.views.quote import ids, links, markdown, mermaid
from tests.conftest import build

VAULT = build(
    """
== tasks/a.md ==
---
id: aaa111
title: Ship [it] "now" <b>
status: todo
assignee: [ana, bo]
due: 2026-12-01
depends_on: [bbb222, ccc333]
---
== tasks/b.md ==
---
id: bbb222
title: "Test #12"
status: done
---
== tasks/c.md ==
---
id: ccc333
title: Elsewhere
---
"""
)
ITEMS = [VAULT.find("aaa111"), VAULT.find("bbb222")]


def test_ids_and_links() -> None:
    assert ids(ITEMS) == "aaa111 bbb222"
    assert links(ITEMS[1:]) == "[Test \\#12](<tasks/b.md>)"


def test_markdown_is_a_checklist() -> None:
    assert markdown(ITEMS, VAULT).split("\n") == [
        '- [ ] Ship \\[it\\] "now" \\<b\\> @ana @bo due 2026-12-01 (aaa111)',
        "- [x] Test \\#12 (bbb222)",
    ]


def test_mermaid_shows_what_waits_for_what_among_them() -> None:
    assert mermaid(ITEMS, VAULT).split("\n")[:4] == [
        "flowchart LR",
        '  n1["Ship [it] #quot;now#quot; #lt;b#gt;"]',
        '  n2["Test #35;12"]',
        "  n2 --> n1",
    ]


@pytest.mark.parametrize("title", ["\\x1b]52;c;eA==\\x07", "a\\nb", "\\x9b31m", '\\"] --> n9', "\\u202e"])
def test_no_title_leaves_its_line(title: str) -> None:
    vault = build({"tasks/x.md": f'---\nid: xxx111\ntitle: "{title}"\n---\n'})
    for text in (links(vault.items), markdown(vault.items, vault), mermaid(vault.items, vault).removesuffix("\n")):
        assert all(char.isprintable() or char == "\n" for char in text)
        assert text.count("\n") == (1 if text.startswith("flow") else 0)
