"""A believable past for a vault, derived backwards from its files.

Every step of a file's life is known by what it left in the text: an assignee, a tick, a log line. Taking the steps
back, latest first, gives all earlier versions, so that the last commit always is the file as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from pathlib import PurePosixPath
from random import Random

from planner.core.record import dataclass, replace

PAST = timedelta(days=150)
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_HEADER = re.compile(r"\ufeff?---\r?(\n.*?)\n---", re.DOTALL)
_KEY = re.compile(r"\n(?P<key>[a-z_]+): +(?P<value>[^\r\n]+)\r?(?!\n[ \t]|\n- )(?=\n|\Z)")
_LOG = re.compile(r"(?:\n\r?\n## Log\r?)?\n- (?P<when>\d{4}-\d\d-\d\d \d\d:\d\d) (?P<who>[\w.-]+): [^\r\n]*\r?")
_BOX = re.compile(r"\n- \[[ x]\] (?P<step>[^\r\n]+)")
_AFTERTHOUGHT = re.compile(r"(?<=[.!?]) [A-Z][^.!?\r\n]*[.!?](?=\r?\n|\Z)")
_RESULT = re.compile(r"(?P<head>metric: [^\n]*?start: (?P<start>\d+),[^\n]*?current: )(?P<current>\d+)")
_VIEW = re.compile(r"\n\[views\.(?P<name>[^\]\n]+)\]\n(?:[^\[\n][^\n]*\n)*")

# How often a key was set by a commit of its own, rather than written when the file was made.
_PLANNED = {
    "assignee": 0.5, "priority": 0.2, "due": 0.45, "estimate": 0.35, "depends_on": 0.25, "milestone": 0.15, "tags": 0.06,
    "deadline": 0.5, "scheduled": 0.8, "goal": 0.2, "rank": 0.05, "watchers": 0.4, "response": 0.5, "trigger": 0.3,
}  # fmt: skip
_WORKED = {"remaining": 0.3, "progress": 0.4, "blocked_reason": 1.0, "reviewers": 0.4, "spent": 0.5, "residual": 0.5}
_ROADS = {
    "doing": ("todo", "doing"),
    "review": ("todo", "doing", "review"),
    "done": ("todo", "doing", "done"),
    "dropped": ("todo", "dropped"),
}
_LIFECYCLE = ("proposed", "planning", "active")
_REPEATS = (("every 2w", 14, 5), ("every 3w", 21, 3), ("every fri", 7, 9), ("FREQ=WEEKLY", 7, 9))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who commits, in their own time zone."""

    slug: str
    name: str
    email: str
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: whole new contents by path; author and committer are the same person at the same time."""

    when: datetime
    who: Person
    message: str
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one file; `edits` pairs a piece of the text after it with what stood there before."""

    subject: str
    edits: tuple[tuple[str, str], ...]
    body: tuple[str, ...] = ()
    when: datetime | None = None
    who: str = ""

    def undone(self, text: str) -> str:
        """Return the text as it was before this step."""
        for after, before in self.edits:
            text = text.replace(after, before, 1)
        return text


@dataclass(frozen=True, slots=True)
class Item:
    """What the history needs to know about one file: its name in commits, its header and its text."""

    path: str
    text: str
    id: str
    title: str
    keys: Mapping[str, str]

    @property
    def at_home(self) -> bool:
        return "/household/" in self.path

    @property
    def hands(self) -> list[str]:
        """Slugs of the people who work on it, the first one first."""
        named = (self.keys.get(key, "") for key in ("assignee", "requester", "owner", "lead"))
        return next((re.findall(r"[\w.-]+", value) for value in named if value), [])


def history(texts: Mapping[str, bytes], today: date, seed: int) -> list[Commit]:
    """Return the commits, oldest first and all before `today`, after which the files are exactly `texts`."""
    people = _people(texts)
    zone = _zone(_first(r'^timezone *= *"([^"]+)"', _decoded(texts.get("planner.toml", b""))))
    drafts: list[Commit] = []
    for path in sorted(texts):
        rng = Random(f"{seed}/{path}")  # noqa: S311  a story, not a secret
        drafts += _life(_item(path, _decoded(texts[path])), today, rng, people, zone)
    return list(_in_order(drafts))


# --- one file's life ---------------------------------------------------------------------------------------------


def _life(item: Item, today: date, rng: Random, people: Mapping[str, Person], zone: tzinfo) -> Iterator[Commit]:
    """Yield the commits of one file, oldest first: its birth, then one for each step."""
    pinned = _logged(item) + _repeated(item)
    birth, end = _span(item, pinned, today, rng)
    limit = datetime.combine(today - timedelta(days=1), time(22, 0))
    text, life = item.text, list[tuple[Step, str]]()
    steps = sorted([*_timed(item, birth, end, pinned, rng), *pinned], key=lambda step: step.when or birth)
    for step in reversed(steps):
        if (before := step.undone(text)) != text:
            life.append((step, text))
            text = before
    for step, after in [(_born(item, birth), text), *reversed(life)]:
        who = _author(step, item, people, rng)
        when = min(max(step.when or birth, birth), limit).replace(tzinfo=zone).astimezone(who.zone)
        yield Commit(when, who, _message(step, rng), {item.path: after.encode("utf-8", "surrogateescape")})


def _born(item: Item, birth: datetime) -> Step:
    top = item.path.split("/")[0]
    by_hand = {
        "planner.toml": "Start the plan",
        ".gitattributes": "Start the plan",
        "README.md": "Explain how this folder works",
        "people": "Write down who we are",
        "teams": "Write down who we are",
    }
    if subject := by_hand.get(top):
        return Step(subject, (), when=birth)
    if top in {"notes", "reports", "templates"} or not item.path.endswith(".md"):
        return Step(f"Write “{item.title}”", (), when=birth)
    return Step(f"add {item.id}: {item.title}", (), (f"path: none → {item.path}",), birth)


def _timed(item: Item, birth: datetime, end: datetime, pinned: Iterable[Step], rng: Random) -> Iterator[Step]:
    """Give the steps that are not pinned to a time one, in their order: planning and the start before any log entry."""
    moves = _moved(item)
    planning, working = [*_planning(item, rng), *moves[:1]], [*_working(item, rng), *moves[1:]]
    eve = min(step.when or end for step in (*pinned, Step("", (), when=end))) - timedelta(days=1)
    middle = datetime.combine(min(birth + (end - birth) * 0.4, eve), time(12, 0))
    times = [_moment(birth, middle, item.at_home, rng) for _ in planning]
    times += [_moment(middle, end, item.at_home, rng) for _ in working]
    for step, when in zip([*planning, *working], sorted(times), strict=True):
        yield replace(step, when=when)
    if item.keys.get("status") == "done" and (completed := item.keys.get("completed")):
        edits = (("\nstatus: done", "\nstatus: doing"), (f"\ncompleted: {completed}", ""))
        body = ("status: doing → done", f"completed: none → {completed}")
        yield Step(f"move {item.id}: doing → done", edits, body, end)


def _planning(item: Item, rng: Random) -> list[Step]:
    """Return the steps that shaped the item: rewritten words, then assigned, prioritised, estimated, dated."""
    steps = [*_rewritten(item, rng), *_configured(item)]
    for key, share in _PLANNED.items():
        if key in item.keys and rng.random() < share:
            steps += _set(item, key, _slipped(item, rng) if key == "due" else [item.keys[key]])
    if item.keys.get("lifecycle") in _LIFECYCLE:
        stages = _LIFECYCLE[: _LIFECYCLE.index(item.keys["lifecycle"]) + 1]
        steps += _set(item, "lifecycle", list(stages))[1:]
    return steps


def _moved(item: Item) -> list[Step]:
    """Return the moves through the workflow that have no time of their own, as the one to done has."""
    road = _ROADS.get(item.keys.get("status", ""), ())
    return [
        Step(f"move {item.id}: {old} → {new}", ((f"\nstatus: {new}", f"\nstatus: {old}"),), (f"status: {old} → {new}",))
        for old, new in pairwise(road[:-1] if item.keys.get("completed") else road)
    ]


def _working(item: Item, rng: Random) -> list[Step]:
    """Return the steps of the work itself: ticks, readings and measured progress."""
    steps = [*_ticked(item), *_scored(item)]
    for key, share in _WORKED.items():
        if key in item.keys and rng.random() < share:
            steps += _set(item, key, _grown(item.keys[key]) if key == "progress" else [item.keys[key]])
    return steps


def _set(item: Item, key: str, values: Sequence[str]) -> list[Step]:
    """Return the steps that set a key to one value after the other, beginning without the key."""
    steps = []
    for old, new in pairwise(("", *values)):
        edit = (f"\n{key}: {new}", f"\n{key}: {old}" if old else "")
        if not old and f"\n{key}: {new}\r" in item.text:
            edit = (f"\n{key}: {new}\r", "")
        shown = new.strip("[]").replace('"', "")
        subject = f"assign {item.id}: {shown}" if key == "assignee" else f"set {item.id} {key}: {shown}"
        steps.append(Step(subject, (edit,), (f"{key}: {old.strip('[]') or 'none'} → {shown}",)))
    return steps


def _slipped(item: Item, rng: Random) -> list[str]:
    """Return the due dates that the item has had, the present one last: milestones slip, tasks sometimes do."""
    due = item.keys["due"]
    slips = rng.choice((1, 2)) if item.keys.get("kind") == "milestone" else int(rng.random() < 0.25)
    if not slips or "recurrence" in item.keys or not _is_day(due):
        return [due] if "recurrence" not in item.keys and _is_day(due) else []
    return [(date.fromisoformat(due) - timedelta(weeks=back)).isoformat() for back in range(slips, -1, -1)]


def _grown(progress: str) -> list[str]:
    number = int(_first(r"(\d+)", progress) or 0)
    return [f"{share}%" for share in range(20, number, 30)] + [progress]


def _ticked(item: Item) -> Iterator[Step]:
    boxes = list(_BOX.finditer(item.text))
    done = [box for box in boxes if box[0].startswith("\n- [x]")]
    for number, box in enumerate(done, 1):
        text = box["step"]
        edit = (box[0], f"\n- [ ] {text}")
        yield Step(f"check {item.id}: {number} of {len(boxes)}", (edit,), (f"[ ] {text} → [x] {text}",))


def _scored(item: Item) -> Iterator[Step]:
    """Yield how key results came from their start to where they stand, in two readings at most."""
    for number, result in enumerate(_RESULT.finditer(item.text)):
        start, current = int(result["start"]), int(result["current"])
        values = list(dict.fromkeys(start + round((current - start) * share / 2) for share in range(3)))
        for old, new in pairwise(values):
            name = f"key_results[{number}].current"
            edit = (f"{result['head']}{new}", f"{result['head']}{old}")
            yield Step(f"set {item.id} {name}: {new}", (edit,), (f"{name}: {old} → {new}",))


def _rewritten(item: Item, rng: Random) -> Iterator[Step]:
    """Yield rewrites by hand, before anything was ticked: the second half of a checklist, an afterthought."""
    boxes = list(_BOX.finditer(item.text))
    if len(boxes) >= 4 and rng.random() < 0.7:
        later = "".join(f"\n- [ ] {box['step']}" for box in boxes[len(boxes) // 2 :])
        place = "fair " if "fair" in item.path else ""
        yield Step(f"Rewrite the {place}checklist of “{item.title}”", ((later, ""),))
    afterthought = _AFTERTHOUGHT.search(item.text.split("## Log")[0])
    if afterthought and rng.random() < 0.2:
        words = rng.choice(("Say more about", "Write down what we agreed:", "A better sentence for"))
        yield Step(f"{words} “{item.title}”", ((afterthought[0], ""),))


def _configured(item: Item) -> Iterator[Step]:
    """Yield the edits by hand that planner.toml has seen: a limit on work in progress, then each saved view."""
    if item.path != "planner.toml":
        return
    limits = re.findall(r", wip = \d+", item.text)
    yield Step("Limit the work in progress", tuple((limit, "") for limit in limits))
    for view in _VIEW.finditer(item.text):
        yield Step(f"Save the view “{view['name']}”", ((view[0], ""),))


def _logged(item: Item) -> list[Step]:
    """Return the log entries, each at its own time and by its own author; the first brings the heading."""
    return [
        Step(f"comment {item.id}", ((entry[0], ""),), (), when, entry["who"])
        for entry in _LOG.finditer(item.text)
        if (when := _instant(entry["when"]))
    ]


def _repeated(item: Item) -> list[Step]:
    """Return the past rounds of a recurring item: on each due day the next one was set."""
    due = item.keys.get("due", "")
    rounds = ((days, count) for rule, days, count in _REPEATS if item.keys.get("recurrence", "").startswith(rule))
    days, count = next(rounds, (0, 0)) if _is_day(due) else (0, 0)
    steps = []
    for back in range(count, 0, -1):
        new = date.fromisoformat(due) - timedelta(days=days * (back - 1))
        old = new - timedelta(days=days)
        noon = datetime.combine(old, time(12, 10 + back))
        edit = (f"\ndue: {new}", f"\ndue: {old}")
        steps.append(Step(f"set {item.id} due: {new}", (edit,), (f"due: {old} → {new}",), noon))
    return steps


# --- times and people --------------------------------------------------------------------------------------------


def _span(item: Item, pinned: Iterable[Step], today: date, rng: Random) -> tuple[datetime, datetime]:
    """Return when the file was made and when its last drawn step may have happened, as local times of the vault."""
    begin = _workday(today - PAST)
    yesterday = datetime.combine(today - timedelta(days=1), time(17, 40))
    completed = _instant(item.keys.get("completed", ""))
    end = completed or yesterday
    first = min([end, *(step.when for step in pinned if step.when)])
    top = item.path.split("/")[0]
    early = {"planner.toml": 0, ".gitattributes": 0, "README.md": 1, "people": 2, "teams": 2}
    if top in early:
        return datetime.combine(_workday(begin + timedelta(days=early[top])), time(9, 40)), yesterday
    if top in {"notes", "reports"} and (day := _DATE.search(item.path + item.text)) and _is_day(day[0]):
        return datetime.combine(date.fromisoformat(day[0]), time(16, 45)), yesterday
    if submitted := _instant(item.keys.get("submitted", "")):
        return submitted, yesterday
    opening = datetime.combine(begin, time(9, 0)) + timedelta(days=4)
    if item.path.endswith(("/area.md", "/project.md")) or top in {"goals", "templates"}:
        latest = min(first, opening + timedelta(days=50))
        return _moment(opening, latest, item.at_home, rng), end
    oldest, youngest = (7, 1) if top == "inbox" else (35, 6) if completed else (100, 4)
    earliest = max(opening, first - timedelta(days=oldest))
    return _moment(earliest, max(earliest, first - timedelta(days=youngest)), item.at_home, rng), end


def _moment(first: datetime, last: datetime, at_home: bool, rng: Random) -> datetime:
    """Draw a time between two others: in working hours, or of an evening for the household."""
    days = [first.date() + timedelta(days=n) for n in range((last.date() - first.date()).days + 1)]
    day = rng.choice([day for day in days if at_home or day.weekday() < 5] or days[:1] or [last.date()])
    minute = rng.randrange(18 * 60 + 30, 21 * 60 + 30) if at_home else rng.randrange(9 * 60, 17 * 60 + 30)
    drawn = datetime.combine(day, time(minute // 60, minute % 60, rng.randrange(60)))
    margin = timedelta(minutes=rng.randrange(3, 60))
    return max(min(drawn, last - margin), first + margin)


def _in_order(drafts: Iterable[Commit]) -> Iterator[Commit]:
    """Yield commits by time, strictly increasing; what was done by one hand in one moment is one commit."""
    waiting: Commit | None = None
    for draft in sorted(drafts, key=lambda commit: commit.when):
        if waiting and (draft.when, draft.message) == (waiting.when, waiting.message):
            waiting = replace(waiting, files={**waiting.files, **draft.files})
            continue
        if waiting:
            yield waiting
        late = waiting is not None and draft.when <= waiting.when
        after = waiting.when + timedelta(seconds=20) if waiting and late else draft.when
        waiting = replace(draft, when=after.astimezone(draft.when.tzinfo))
    if waiting:
        yield waiting


def _author(step: Step, item: Item, people: Mapping[str, Person], rng: Random) -> Person:
    """Return the named person, else mostly one who works on the item, sometimes whoever was at hand."""
    founder = next(iter(people.values()))
    hands = [people[hand] for hand in item.hands if hand in people]
    verb = step.subject.split(" ")[0]
    if step.who in people:
        return people[step.who]
    if "/" not in item.path or item.path.startswith(("people/", "teams/")):
        return founder
    if hands and (item.at_home or verb in {"move", "check"} or rng.random() < 0.8):
        return hands[0]
    return founder if item.at_home or rng.random() < 0.6 else rng.choice(list(people.values()))


def _people(texts: Mapping[str, bytes]) -> dict[str, Person]:
    people = {}
    for path in sorted(texts):
        if path.startswith("people/") and path.endswith(".md"):
            keys, slug = _item(path, _decoded(texts[path])).keys, PurePosixPath(path).stem
            email = _first(r"([^\s,\[\]]+@[^\s,\[\]]+)", keys.get("email", "")) or f"{slug}@localhost"
            people[slug] = Person(slug, keys.get("name", slug), email, _zone(keys.get("timezone", "")))
    return people or {"demo": Person("demo", "Demo", "demo@localhost", UTC)}


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


# --- text --------------------------------------------------------------------------------------------------------


def _item(path: str, text: str) -> Item:
    stem = PurePosixPath(path).parent.name if path.endswith(("/project.md", "/area.md")) else PurePosixPath(path).stem
    header = _HEADER.match(text)
    keys = {match["key"]: match["value"] for match in _KEY.finditer(header[1] if header else "")}
    title = keys.get("title") or keys.get("name") or _first(r"(?m)^# ([^\r\n]+)", text) or stem
    slug = re.sub(r"\W+", "-", stem.lower()).strip("-")
    return Item(path, text, keys.get("id", slug).strip("\"'"), title.strip("\"'").replace("''", "'"), keys)


def _message(step: Step, rng: Random) -> str:
    """Return the commit message; what a person wrote by hand has a capital, no fields and no trailer."""
    op = "".join(rng.choices(ALPHABET, k=12))
    if step.subject[0].isupper():
        return f"{step.subject}\n"
    return "\n\n".join(part for part in (step.subject, "\n".join(step.body), f"Planner-Op: {op}") if part) + "\n"


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    return match[1] if match else ""


def _instant(text: str) -> datetime | None:
    """Read a date or an instant as local time of the vault; an offset is not worth following for a story."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _is_day(text: str) -> bool:
    return len(text) == 10 and _instant(text) is not None


def _workday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)
