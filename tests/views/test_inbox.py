from __future__ import annotations

from datetime import UTC, date, datetime

from planner.core.events import FieldChange, Revision
from planner.core.vault import Vault
from planner.query.language import parse_query
from planner.query.match import select
from planner.views.inbox import inbox

TODAY = date(2026, 11, 25)
TEXTS = {
    "planner.toml": '[workflow.default]\nstates = [{name = "inbox", category = "triage"}, "todo", {name = "print", '
    'category = "started", team = "printers"}, {name = "done", category = "completed"}]\n',
    "people/ana.md": "---\nname: Ana Horvat\nemail: ana@example.org\n---\n",
    "people/bo.md": "---\nemail: bo@example.org\n---\nBo\n",
    "teams/printers.md": "---\nmembers: [ana]\n---\nPrinters\n",
    "tasks/a.md": "---\nid: a\napprovals: [{step: look, approvers: [ana, printers]}]\n---\nA\n",
    "tasks/own.md": "---\nid: own\nassignee: ana\napprovals: [{approvers: [ana]}]\n---\nOwn\n",
    "tasks/b.md": "---\nid: b\nstatus: print\ndelegated_by: bo\n---\nB\n",
    "tasks/c.md": "---\nid: c\nstatus: inbox\nrequester: bo\n---\nC\n",
    "tasks/later.md": "---\nid: later\nstatus: inbox\nwait: 2026-12-01\n---\nL\n",
    "tasks/d.md": "---\nid: d\n---\nD\n\n## Log\n- 2026-11-20 10:00 bo: @ana, is this right?\n",
    "tasks/answered.md": "---\nid: answered\n---\nD\n\n## Log\n- 2026-11-20 10:00 bo: @ana?\n- 2026-11-20 11:00 ana: yes\n",
    "tasks/old.md": "---\nid: old\n---\nD\n\n## Log\n- 2026-11-01 10:00 bo: @ana?\n",
    "tasks/e.md": "---\nid: e\ndelegated_by: ana\nassignee: bo\ndue: 2026-11-23\n---\nE\n",
    "tasks/f.md": "---\nid: f\nwatchers: [ana]\n---\nF\n",
    "tasks/g.md": "---\nid: g\nstatus: done\nwatchers: ana\n---\nG\n\n## Log\n- 2026-11-24 10:00 bo: @ana done\n",
}
VAULT = Vault.parse(TEXTS)


def revision(who: str, *changes: tuple[str, str, str | None, str | None]) -> Revision:
    return Revision(
        "c",
        datetime(2026, 11, 25, tzinfo=UTC),
        who,
        f"{who.lower()}@example.org",
        "s",
        changes=tuple(FieldChange(*c) for c in changes),
    )


def test_everything_that_concerns_a_person_each_with_its_reason() -> None:
    news = [
        revision("Bo", ("f", "status", "todo", "print"), ("f", "due", None, "2026-12-01"), ("c", "title", "X", "C")),
        revision("Ana", ("f", "title", "X", "F")),
    ]
    found = inbox(VAULT, TODAY, "ana", news)
    assert {section.key: [(entry.item.id, entry.why) for entry in section.entries] for section in found.sections} == {
        "approve": [("a", "look (all)")],
        "handoff": [("b", "to printers by bo")],
        "triage": [("c", "asked by bo")],
        "mention": [("d", "bo: @ana, is this right?")],
        "delegated": [("e", "bo, overdue 2d")],
        "news": [("f", "Bo: status todo → print; due 2026-12-01")],
    }
    assert found.count == 4


def test_nothing_waits_for_a_stranger_but_triage() -> None:
    assert [section.key for section in inbox(VAULT, TODAY, "zoe").sections] == ["triage"]


def test_the_same_in_queries() -> None:
    def ids(query: str) -> set[str]:
        return {item.id for item in select(VAULT, parse_query(query), today=TODAY, me="ana")}

    assert ids("is:awaiting") == {"a", "b"}
    assert ids("is:delegated") == {"e"}
    assert ids("is:followed") == {"own", "e", "f"}
    assert ids("is:followed is:done") == {"g"}
    assert ids("is:mine") == {"own"}
