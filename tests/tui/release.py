"""The plan of a small release, for pictures of the timeline: every sign of it occurs, and nothing else changes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from planner.core.frozen import path_of, to_text
from planner.core.vault import Vault
from planner.plan.baseline import freeze
from planner.plan.planned import planned

TODAY = date(2026, 11, 25)
CONFIG = """[vault]
format = 1
name = "Kite"
[calendars.default]
working = "Mon-Fri 09:00-12:00 13:00-18:00"
holidays = ["2026-12-08", "2026-12-24", "2026-12-25", "2027-01-01", "2027-01-06"]
"""
PROJECTS = {"sync": ("Sync", "2026-12-04"), "release": ("Release v0.3", "2026-12-18"), "ops": ("Ops", "2027-01-22")}


def _item(project: str, id_: str, title: str, *lines: str) -> tuple[str, str]:
    header = "\n".join(line for line in lines if line)
    return f"projects/{project}/{id_.lower()}.md", f"---\nid: {id_}\ntitle: {title}\n{header}\n---\n"


def texts() -> Mapping[str, str]:
    """The plan as it is today."""
    items = (
        _item("sync", "T-118", "Watch debounce", "status: done", "started: 2026-11-16T09:00", "completed: 2026-11-19T18:00",
              "assignee: kim", "estimate: 3d"),
        _item("sync", "T-120", "Undo log", "status: doing", "started: 2026-11-19T09:00", "assignee: bo", "estimate: 6d",
              "progress: 70%", "priority: high"),
        _item("sync", "T-149", "Merge driver", "assignee: ana", "estimate: 4d", "depends_on: [T-120]", "priority: high"),
        _item("sync", "T-142", "ICS export", "status: doing", "started: 2026-11-23T09:00", "assignee: ana",
              "estimate: 3d", "progress: 40%", "due: 2026-12-02"),
        _item("sync", "T-148", "Keyring for tokens", "assignee: bo", "estimate: 2d", "scheduled: 2026-12-01"),
        _item("release", "T-131", "Holiday calendars", "status: doing", "started: 2026-11-24T09:00", "assignee: kim",
              "estimate: 4d", "progress: 25%"),
        _item("release", "T-153", "Ship v0.3", "assignee: ana", "estimate: 5d", "depends_on: [T-149, T-148]",
              "deadline: 2026-12-11"),
        _item("release", "T-157", "Write the notes", "parent: T-153", "assignee: kim", "estimate: 2d", "depends_on: [T-131]"),
        _item("release", "T-158", "Package and sign", "parent: T-153", "assignee: [ana, bo]", "estimate: 5d"),
        _item("release", "T-154", "v0.3 tagged", "kind: milestone", "depends_on: [T-153]", "due: 2026-12-14"),
        _item("release", "T-155", "Talk about it", "assignee: kim", "estimate: 3d", "depends_on: [T-154 FS+1d]"),
        _item("ops", "T-160", "Book the venue", "assignee: bo", "estimate: 4h", "due: 2026-12-01"),
        _item("ops", "T-162", "Move the mail", "assignee: bo", "estimate: 6d", "scheduled: 2026-12-14"),
        _item("ops", "T-163", "Rota for January", "assignee: kim", "estimate: 1d", "scheduled: 2026-12-17"),
        _item("ops", "T-164", "Quarter closed", "kind: milestone", "constraint: SNET 2027-01-15"),
    )  # fmt: skip
    heads = {
        f"projects/{slug}/project.md": f"---\nkind: project\ntitle: {title}\ntarget_end: {end}\n---\n"
        for slug, (title, end) in PROJECTS.items()
    }
    people = {f"people/{name}.md": f"---\nname: {name.title()}\n---\n" for name in ("ana", "bo", "kim")}
    people["people/ana.md"] = "---\nname: Ana\nleave: [2026-12-24..2027-01-02]\n---\n"
    return {"planner.toml": CONFIG, **heads, **people, **dict(items)}


def with_baseline() -> Mapping[str, str]:
    """The same, and how it was agreed: two things have grown since, and one has slipped."""
    now = texts()
    agreed = {
        path: text.replace("estimate: 6d\nprogress: 70%", "estimate: 4d\nprogress: 70%")
        .replace("estimate: 4d\ndepends_on: [T-120]", "estimate: 3d\ndepends_on: [T-120]")
        .replace("scheduled: 2026-12-01", "scheduled: 2026-11-27")
        for path, text in now.items()
    }
    vault = Vault.parse(agreed)
    baseline = freeze(vault, planned(vault, TODAY), "agreed", date(2026, 11, 20))
    return {**now, path_of("agreed"): to_text(baseline)}
