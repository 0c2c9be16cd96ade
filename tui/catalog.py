"""The views of the screen, once, as data: the top bar, the keys that lead to them and the manual read this table."""

from __future__ import annotations

from planner.core.record import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """One view: its name in commands and settings, its title, the digit and the letter after `g` that show it, a short title."""

    name: str
    title: str
    digit: str
    letter: str
    brief: str = ""
    about: str = ""
    """What it shows, for somebody who sees it for the first time."""

    @property
    def short(self) -> str:
        """Its title where there is little room."""
        return self.brief or self.title

    @property
    def chords(self) -> tuple[str, ...]:
        """The chords that show it."""
        return (*([self.digit] if self.digit else []), f"g {self.letter}")


CATALOG: tuple[View, ...] = (
    View(
        "today",
        "Today",
        "1",
        "t",
        about="What the day asks of you, the most pressing first: overdue, due, scheduled, in progress, what waits for you and for others.",
    ),
    View(
        "agenda",
        "Agenda",
        "2",
        "a",
        about="The days to come with what falls on them; days without anything are drawn together.",
    ),
    View(
        "board",
        "Board",
        "3",
        "b",
        about="Work as cards, one column for each status. A heavy rule says that a column is full; lanes set projects or people apart.",
    ),
    View(
        "timeline",
        "Timeline",
        "4",
        "p",
        "Time",
        about="Work as bars over time, with what waits for what. H and L move a bar, ( and ) its end; what follows moves along.",
    ),
    View(
        "calendar",
        "Calendar",
        "5",
        "c",
        "Cal",
        about="A month or a week. Each day names what is due, planned or done on it; enter on a day shows its week.",
    ),
    View("list", "List", "6", "l", about="Items as rows, in any order, in groups of any field, with any columns."),
    View(
        "problems",
        "Problems",
        "",
        "f",
        about="Faults in the files, each with its line and the way out; e opens the editor there. A fault hides nothing else.",
    ),
    View(
        "dashboard",
        "Dashboard",
        "7",
        "d",
        "Dash",
        about="How everything stands: states, projects and their health, what presses, milestones, people with too much, risks.",
    ),
    View(
        "inbox",
        "Inbox",
        "8",
        "i",
        about="What waits for you: requests to triage, approvals, work handed to your team, mentions; and the news of what you follow.",
    ),
    View(
        "workload", "Workload", "9", "w", "Load", about="People by weeks: how much of their time is taken, and by what."
    ),
    View("roadmap", "Roadmap", "", "r", about="All projects with their milestones over the quarters."),
    View(
        "risks",
        "Risks",
        "",
        "k",
        about="Open risks by how likely they are and how much they would hurt, over the register.",
    ),
    View(
        "compare",
        "Compare",
        "",
        "s",
        about="The plan against its newest baseline: what is later, what came and what went.",
    ),
)
"""In the order of the top bar. Adding a view is adding a row, and its builder in pages.py."""
