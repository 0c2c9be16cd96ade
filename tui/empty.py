"""What an empty page says: why there is nothing, and the keys that change that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.page import Asked

NOTHING: Mapping[str, str] = {
    "today": "Nothing asks for you today.",
    "agenda": "Nothing falls on the coming days.",
    "board": "There is no work on the board.",
    "timeline": "Nothing has a place in time yet.",
    "calendar": "Nothing falls into this time.",
    "list": "There is nothing to do.",
    "workload": "Nobody has work in this time.",
    "dashboard": "There is no work to look at yet.",
    "roadmap": "There is no project yet.",
    "risks": "No risk is written down.",
    "compare": "There is nothing to compare: `planner plan baseline NAME` keeps the plan as it is.",
    "problems": "No problems: every file can be read, and everything that is named is there.",
}


def empty_lines(asked: Asked, total: int) -> Sequence[tuple[str, str]]:
    """Lines as (key, what it does), the first with no key: nothing at all, nothing that fits, or nothing here."""
    if asked.past and not (total and str(asked.query)):
        return (
            ("", f"There was nothing here on {asked.today.isoformat()}."),
            ("→", "a commit on"),
            ("end", "now"),
        )
    if not asked.vault.items:
        return (
            ("", "This plan is empty. It grows by one line at a time:"),
            ("a", "write something down, such as: pay rent fri #home !high"),
            ("?", "every key, to search and to press"),
            ("f1", "what this view shows"),
            ("q", "leave; `planner demo` opens a plan that is full"),
        )
    if total and str(asked.query):
        return (
            ("", f"None of {total} fits  / {asked.query}"),
            ("esc", "show everything again"),
            ("/", "change the filter; tab completes its words"),
            ("V", "a saved view"),
        )
    if asked.view == "inbox":
        return (
            ("", f"Nothing waits for {asked.me}. What comes here:"),
            ("+ -", "requests to triage: accept, or decline with a reason"),
            ("= z", "or say that it is a duplicate, or snooze it to a day"),
            ("+ -", "approvals that ask you, work handed to your team"),
            ("enter", "mentions of you, news of what you follow"),
            ("a", "a thought of your own: it waits here for a decision"),
        )
    return (
        ("", NOTHING.get(asked.view, "Nothing is here.")),
        ("a", "add something"),
        ("6", "the list of everything to do"),
        ("ctrl+p", "find anything by its name"),
    )
