"""The rows of the table: what is measured, the goal it has to reach, and what a figure is worth beside another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

Unit = Literal["s", "MiB"]
Verdict = Literal["met", "missed", "ahead", "tie", "behind", ""]
TIE = 1.5
"""Differences below this ratio are ties: absolute figures drift on shared machines."""
GROWTH = 12.0
"""At most so much slower, or bigger, at ten times the tasks."""
GROWTH_BETWEEN = (10_000, 100_000)
SIZES = (1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is measured. Ours have goals, by number of tasks; others are compared with the row `against`."""

    id: str
    title: str
    goals: Mapping[int, float] = field(default_factory=dict)
    against: str = ""
    over: str = ""
    """The row whose median is added to the goals, `times` over."""
    times: float = 1.0
    unit: Unit = "s"
    spread: bool = False
    """Whether p50, p95 and max are shown, not least and median."""

    @property
    def is_ours(self) -> bool:
        """Whether it is a figure of this program."""
        return not self.against


def _goals(*values: float) -> dict[int, float]:
    return dict(zip(SIZES[-len(values) :], values, strict=True))


KEY = _goals(0.016, 0.016, 0.016)
OURS = (
    Row("version", "`planner --version`, over the bare interpreter", _goals(0.06, 0.06, 0.06), over="python"),
    Row("list", "`planner list tag:bench`", _goals(0.08, 0.15, 0.6)),
    Row("cold", "the same without a cache", _goals(0.15, 1.0, 12.0)),
    Row("add", "`planner add`, HEAD has moved", _goals(0.12, 0.18, 0.45)),
    Row("done", "`planner done`, HEAD has moved", _goals(0.12, 0.18, 0.45)),
    Row("list-memory", "peak memory of `planner list`", _goals(30, 50, 200), unit="MiB"),
    Row("start", "screen: start to real cards", _goals(0.4, 0.5, 0.9)),
    Row("board-key", "board: key to paint", KEY, spread=True),
    Row("board-whole", "board: key to the last byte, preview beside", spread=True),
    Row("list-key", "list: key to paint", KEY, spread=True),
    Row("list-whole", "list: key to the last byte, preview beside", spread=True),
    Row("agenda-key", "agenda: key to paint", KEY, spread=True),
    Row("agenda-whole", "agenda: key to the last byte, preview beside", spread=True),
    Row("calendar-key", "calendar: key to paint", KEY, spread=True),
    Row("calendar-whole", "calendar: key to the last byte, preview beside", spread=True),
    Row("timeline-key", "timeline: key to paint", KEY, spread=True),
    Row("timeline-whole", "timeline: key to the last byte", spread=True),
    Row("filter", "board: letter of a filter to the filtered cards", _goals(0.017, 0.021, 0.036), spread=True),
    Row("commit", "board: key that moves a card to commit", _goals(0.06, 0.08, 0.25)),
    Row("save", "save in another program to screen", _goals(0.05, 0.05, 0.1)),
    Row("switch", "branch switch to the right board", _goals(2.0, 5.0)),
    Row("switch-key", "longest wait of a key meanwhile", _goals(0.1, 0.1)),
    Row("history", "`planner log ID`, two commits a task, at most 20,000; nothing kept", {10_000: 10.0}),
    Row("history-warm", "the same again", {10_000: 0.3}),
    Row(
        "at",
        "`planner list --at REV`, half of the files as they are; goal: twice without a cache",
        _goals(0, 0, 0),
        over="cold",
        times=2,
    ),
    Row("plan", "plan: critical path over two links a task", {10_000: 0.15}),
    Row("plan-edit", "plan: an edit half way to the new dates", {10_000: 0.03}),
    Row("plan-level", "plan: levelling, fifty tasks a person", {1_000: 1.0}),
    Row("plan-risk", "plan: 1,000 simulated runs of 300 tasks", _goals(2.0, 2.0, 2.0)),
    Row("merge-driver", "`planner merge-driver` of one file", _goals(0.06, 0.06, 0.06)),
    Row("sync-both", "`planner sync`, 500 files changed on both sides", {1_000: 5.0, 10_000: 5.0}),
    Row("sync-remote", "`planner sync`, 2,000 commits of others", {1_000: 5.0, 10_000: 5.0}),
    Row("screen-memory", "peak memory of the screen", _goals(60, 90, 260), unit="MiB"),
)
YARDSTICKS = (
    Row("python", "`python -c pass`", against="version"),
    Row("git-status", "`git status`", against="list"),
    Row("grep", "`grep -rl` for the tag", against="list"),
    Row("cat", "`cat` of every file", against="cold"),
    Row("git-commit", "edit, `git add`, `git commit` of one file", against="done"),
    Row("git-log", "`git log --raw` of that history", against="history"),
    Row("git-switch", "`git switch` alone", against="switch"),
    Row("git-merge-file", "`git merge-file` of that file", against="merge-driver"),
)

TJ3 = Row("tj3", "TaskJuggler (`tj3`) levels the same plan", against="plan-level")
"""Where it is installed."""


@dataclass(slots=True)
class Sample:
    """The figures of one row at one size, in the row's unit; `fault` says why there are no more."""

    values: list[float] = field(default_factory=list)
    fault: str = ""

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def quantile(self, part: float) -> float:
        """The least figure that at least this part of them does not exceed."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, max(0, -int(-part * len(ordered) // 1) - 1))]


@dataclass(slots=True)
class Results:
    """All figures of a run, by row and number of tasks."""

    rows: list[Row] = field(default_factory=lambda: [*OURS, *YARDSTICKS])
    samples: dict[tuple[str, int], Sample] = field(default_factory=dict)

    def sample(self, row: str, count: int) -> Sample:
        """The figures of a row, to read or to add to."""
        return self.samples.setdefault((row, count), Sample())

    def median(self, row: str, count: int) -> float | None:
        """The median of a row, None where nothing was measured."""
        found = self.sample(row, count)
        return found.median if found.values else None

    def add_rows(self, rows: Iterable[Row]) -> None:
        """Have these rows too, each once."""
        known = {row.id for row in self.rows}
        self.rows += [row for row in rows if row.id not in known]

    def goal(self, row: Row, count: int) -> float | None:
        """What the median must not exceed, None where there is no goal."""
        base = self.median(row.over, count) if row.over else 0.0
        return None if count not in row.goals or base is None else row.goals[count] + base * row.times

    def verdict(self, row: Row, count: int) -> tuple[Verdict, float]:
        """How a row stands, and the ratio that says so: to its goal, or of another's figure to ours."""
        mine = self.median(row.id, count)
        if mine is None:
            return "", 0.0
        if row.is_ours:
            goal = self.goal(row, count)
            return ("" if goal is None else "met" if mine <= goal else "missed"), mine / goal if goal else 0.0
        ours = self.median(row.against, count)
        if not ours:
            return "", 0.0
        ratio = mine / ours
        return ("ahead" if ratio >= TIE else "behind" if ratio <= 1 / TIE else "tie"), ratio

    def growth(self, row: Row) -> float | None:
        """How much more it takes at ten times the tasks, None where one of the two was not measured."""
        small, large = (self.median(row.id, count) for count in GROWTH_BETWEEN)
        return large / small if small and large else None


def figure(value: float, unit: Unit) -> str:
    """A figure as people read it, of two or three digits."""
    if unit == "MiB":
        return f"{value:.0f} MiB"
    if value >= 0.9995:
        return f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s"
    return f"{value * 1000:.0f} ms" if value >= 0.00995 else f"{value * 1000:.1f} ms"


def shown(row: Row, sample: Sample) -> str:
    """The cell of a row: least and median, or p50, p95 and max; `–` and the reason where there is none."""
    if not sample.values:
        return f"– {sample.fault}".rstrip()
    values = (
        [sample.median, sample.quantile(0.95), max(sample.values)]
        if row.spread
        else [min(sample.values), sample.median]
    )
    parts = [figure(value, row.unit) for value in values]
    same = len({part.split()[1] for part in parts}) == 1
    text = " / ".join([*(part.split()[0] for part in parts[:-1]), parts[-1]] if same else parts)
    return f"{text} ({sample.fault})" if sample.fault else text


def judged(row: Row, count: int, results: Results) -> str:
    """The cell beside it: the goal and whether it is met, or how we stand beside another."""
    verdict, ratio = results.verdict(row, count)
    goal = results.goal(row, count)
    if verdict in {"met", "missed"} and goal is not None:
        return f"{figure(goal, row.unit)} {'✓' if verdict == 'met' else f'✗ {_times(ratio)}'}"
    if verdict == "ahead":
        return f"ours {_times(ratio)} less"
    return f"ours {_times(1 / ratio)} more" if verdict == "behind" else verdict


def _times(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio < 9.95 else f"{ratio:.0f}×"


def grown(row: Row, results: Results) -> str:
    """The cell of the growth from 10,000 to 100,000 tasks."""
    growth = results.growth(row)
    if growth is None:
        return ""
    return f"{growth:.1f}×" + (f" ✗ over {GROWTH:.0f}" if row.is_ours and growth > GROWTH else "")


def table(results: Results, counts: Sequence[int]) -> str:
    """The table in Markdown: ours, then the yardsticks, then the peers."""
    grows = set(GROWTH_BETWEEN) <= set(counts)
    heads = ["least / median; keys: p50 / p95 / max"]
    for count in counts:
        heads += [f"{count:,}", "goal" if count in SIZES else "beside ours"]
    lines = [heads + ["growth"] * grows]
    for row in results.rows:
        cells = [row.title]
        for count in counts:
            cells += [shown(row, results.sample(row.id, count)), judged(row, count, results)]
        lines.append([cell.replace("|", "\\|") for cell in cells] + [grown(row, results)] * grows)
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def record(results: Results, counts: Sequence[int]) -> list[dict[str, object]]:
    """The same as data: every figure, in seconds or MiB."""
    return [
        {
            "row": row.id,
            "title": row.title,
            "tasks": count,
            "unit": row.unit,
            "values": sample.values,
            "least": min(sample.values, default=None),
            "median": results.median(row.id, count),
            "p95": sample.quantile(0.95) if sample.values else None,
            "most": max(sample.values, default=None),
            "goal": results.goal(row, count),
            "against": row.against or None,
            "verdict": results.verdict(row, count)[0] or None,
            "ratio": results.verdict(row, count)[1] or None,
            "fault": sample.fault or None,
        }
        for row in results.rows
        for count in counts
        for sample in [results.sample(row.id, count)]
    ]
