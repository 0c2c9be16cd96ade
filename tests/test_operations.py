from __future__ import annotations

from datetime import date
from pathlib import Path

from planner.commands import Tag
from planner.operations import operations
from planner.session import Session

TODAY = date(2026, 11, 25)


def test_each_step_says_whether_it_stands(git_vault: Path) -> None:
    with Session.open(git_vault, today=TODAY) as session:
        path = session.vault.items[0].path
        one = session.run(Tag((path,), ("+one",)))
        session.run(Tag((path,), ("+two",)))
        assert [step.subject.split(":")[0].split()[0] for step in operations(session)[:2]] == ["tag", "tag"]
        assert one.op is not None
        session.undo(one.op)
        undo, two, first, *_ = operations(session)
        assert (undo.undone_by, two.undone_by, first.undone_by) == (None, None, undo.name)
        assert first.name == one.op
        assert first.who
        session.undo(undo.name)
        redone, undone, _, again, *_ = operations(session)
        assert (redone.undone_by, undone.undone_by, again.undone_by) == (None, redone.name, None)
        assert len(operations(session, 2)) == 2


def test_without_git_the_journal_tells(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "planner.toml").write_text("")
    (tmp_path / "tasks" / "a.md").write_text("---\nid: aaa111\ntitle: A\n---\n")
    with Session.open(tmp_path, today=TODAY) as session:
        session.run(Tag(("aaa111",), ("+one",)))
        session.undo()
        undo, tag = operations(session)
        assert (tag.subject, tag.undone_by) == ("tag aaa111: +one", undo.name)
