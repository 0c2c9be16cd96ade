"""Who has to agree before work goes on, who has, and whether that still holds: steps, decisions and what follows.

A decision is one line of the field `decisions`: `2026-11-25T14:05 ana approved design 3f9a2c1d looks good`. Its
fingerprint stands for what was decided on: once the item says something else, the decision is stale. That the person
named made it is proved by the commit that brought the line (planner/proving.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from planner.core.pattern import later
from planner.core.people import members, named
from planner.core.record import dataclass

if TYPE_CHECKING:
    from planner.core.model import Item
    from planner.core.vault import Vault

Verdict: TypeAlias = Literal["approved", "declined", "changes_requested", "abstained"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Result: TypeAlias = Literal["pending", "approved", "declined", "expired"]

_LINE = later(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?) (\S+) (\w+) (\S+) ([0-9a-f]{8})(?: for (\S+))?(?:: (.*))?",
)
_RULE = later(r"any|all|sequential|quorum:([1-9]\d?)")
_MOVING = frozenset(
    {
        "id", "status", "rank", "decisions", "assignee", "owner", "watchers", "reviewers", "delegated_by", "spent", "remaining",
        "progress", "leveling_delay", "created", "started", "completed", "scheduled", "wait", "remind", "archived", "triage",
        "blocked_reason", "queue", "iteration", "priority", "class_of_service",
    }
)  # fmt: skip
"""Fields that say where the work stands and who has it, not what it is: they change without a word to the approvers."""


@dataclass(frozen=True, slots=True)
class Step:
    """One approval that is wanted: of whom (people and teams), by which rule, until when."""

    name: str
    approvers: tuple[str, ...]
    rule: str = "all"
    expires: date | None = None

    @property
    def quorum(self) -> int:
        """How many have to approve by a rule `quorum:N`."""
        match = _RULE.fullmatch(self.rule)
        return int(match[1] or 1) if match else 1


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person decided on a step, and on which content; `instead_of` whom, where it was delegated."""

    when: str
    by: str
    verdict: Verdict
    step: str
    fingerprint: str
    instead_of: str = ""
    comment: str = ""

    def __str__(self) -> str:
        whom = f" for {self.instead_of}" if self.instead_of else ""
        said = f": {self.comment}" if self.comment else ""
        return f"{self.when} {self.by} {self.verdict} {self.step} {self.fingerprint}{whom}{said}"

    @property
    def voice(self) -> str:
        """Whose decision it is."""
        return self.instead_of or self.by


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands: its result, what each approver said that still holds, and who may say something now."""

    step: Step
    result: Result
    said: Mapping[str, Decision]
    awaited: tuple[str, ...]
    stale: tuple[Decision, ...] = ()


def read_decision(text: str) -> Decision | None:
    """A decision as it is written; None for what is none."""
    match = _LINE.fullmatch(" ".join(text.split()))
    if match is None or match[3] not in VERDICTS:
        return None
    verdict = VERDICTS[VERDICTS.index(match[3])]
    return Decision(match[1], match[2], verdict, match[4], match[5], match[6] or "", match[7] or "")


def read_step(value: object, number: int = 1) -> Step:
    """A step from a map with `approvers`, `rule`, `step` and `expires`; raises ValueError with what was expected."""
    if not isinstance(value, Mapping):
        raise ValueError("an approval is a map such as {approvers: [ana], rule: any}")
    if odd := [str(key) for key in value if key not in {"step", "approvers", "rule", "expires"}]:
        raise ValueError(f"an approval has no '{odd[0]}'; it has step, approvers, rule and expires")
    people = value.get("approvers")
    names = [people] if isinstance(people, str) else list(people) if isinstance(people, list | tuple) else []
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError("an approval needs approvers: people or teams")
    rule = str(value.get("rule") or "all").strip()
    if _RULE.fullmatch(rule) is None:
        raise ValueError(f"rule '{rule}' must be any, all, sequential or quorum:N")
    try:
        expires = date.fromisoformat(str(value["expires"])) if value.get("expires") else None
    except ValueError:
        raise ValueError(f"expires '{value['expires']}' must be a day such as 2026-12-01") from None
    name = "-".join(str(value.get("step") or number).split())
    return Step(name, tuple(name_.strip().removeprefix("@") for name_ in names), rule, expires)


def own_steps(item: Item) -> tuple[Step, ...]:
    """The steps an item itself asks for; faulty ones are left out, `check` names them."""
    found = (_try(row, number) for row, number in own_rows(item))
    return tuple(step for step in found if step is not None)


def own_rows(item: Item) -> tuple[tuple[object, int], ...]:
    """The rows of an item's `approvals`, counted from 1."""
    rows = item.fields.get("approvals")
    return tuple((row, number) for number, row in enumerate(rows, 1)) if isinstance(rows, tuple) else ()


def _try(row: object, number: int) -> Step | None:
    try:
        return read_step(row, number)
    except ValueError:
        return None


def decisions(item: Item) -> tuple[Decision, ...]:
    """Everything decided on an item, in the order of time."""
    found = (read_decision(text) for text in item.texts("decisions"))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.when))


def fingerprint(item: Item, text: str) -> str:
    """Eight digits that change with what an item is about, not with where it stands: fields, and text without its log.

    Ticks of the checklist do not count, its words do.
    """
    from hashlib import sha256

    from planner.core.body import log_span

    begin, end = log_span(text, item.body) or (len(text), len(text))
    kept = text[item.body.start : begin] + text[end:]
    boxes = [step.offset - item.body.start for step in item.body.checklist if step.offset < begin]
    marks = list(kept)
    for offset in boxes:
        marks[offset] = " "
    words = "\n".join(line.rstrip() for line in "".join(marks).strip().split("\n"))
    fields = sorted((name, str(value)) for name, value in item.fields.items() if name not in _MOVING)
    return sha256(f"{item.title}\n{fields}\n{words}".encode("utf-8", "surrogateescape")).hexdigest()[:8]


def standing(
    step: Step, said: Iterable[Decision], now: str, today: date, groups: Mapping[str, frozenset[str]]
) -> Standing:
    """How a step stands on a day, from decisions in the order of time; `now` is the fingerprint of the content.

    `groups` gives the members of each approver that is a team: any of them speaks for it. The last word of each
    counts; who abstains is not counted; what was said on another content is stale and counts for nothing.
    """
    mine = [one for one in said if one.step == step.name]
    stale = tuple(one for one in mine if one.fingerprint != now)
    last: dict[str, Decision] = {}
    for approver in step.approvers:
        voices = groups.get(approver, frozenset({approver}))
        for one in mine:
            if one.fingerprint == now and one.voice in voices:
                last[approver] = one
    result = _result(step, {name: one.verdict for name, one in last.items()})
    open_ = [name for name in step.approvers if name not in last or last[name].verdict == "changes_requested"]
    if result == "pending" and step.expires is not None and today > step.expires:
        result = "expired"
    awaited = tuple(open_[:1] if step.rule == "sequential" else open_) if result == "pending" else ()
    return Standing(step, result, last, awaited, stale)


def _result(step: Step, said: Mapping[str, Verdict]) -> Result:
    voters = [name for name in step.approvers if said.get(name) != "abstained"]
    yes = sum(said.get(name) == "approved" for name in voters)
    no = sum(said.get(name) == "declined" for name in voters)
    needed = len(voters) if step.rule in {"all", "sequential"} else step.quorum
    if yes and yes >= needed:
        return "approved"
    if len(voters) - no < max(needed, 1):
        return "declined"
    return "pending"


def stand(vault: Vault, item: Item, steps: Sequence[Step], today: date) -> tuple[Standing, ...]:
    """How steps stand on an item of a vault."""
    if not steps:
        return ()
    said, now = decisions(item), fingerprint(item, vault.text(item.path))
    groups = {name: members(vault, name) for step in steps for name in step.approvers}
    return tuple(standing(step, said, now, today, groups) for step in steps)


def may_decide(vault: Vault, person: str, approver: str) -> str | None:
    """In whose stead a person may speak for an approver: empty for themselves, None where they may not."""
    people = members(vault, approver)
    if person in people:
        return ""
    return next((one for one in sorted(people) if person in delegates(vault, one)), None)


def delegates(vault: Vault, person: str) -> frozenset[str]:
    """Who may decide in a person's place, as the person's file says."""
    found = vault.people.get(person)
    words = found.texts("delegates") if found is not None else ()
    return frozenset(known[0].id if (known := named(vault, word)) else word for word in words)


def left(vault: Vault, approver: str) -> bool:
    """Whether an approver is no longer there: archived, or in a vault that knows its people, unknown."""
    people = vault.people
    if not people:
        return False
    return not any(one in people and not people[one].archived for one in members(vault, approver))


def is_own(item: Item, person: str) -> bool:
    """Whether a person would approve their own work: they ask for it or do it."""
    return person in {*item.texts("requester"), *item.assignees, *item.texts("owner")}


def wanting(standings: Iterable[Standing]) -> Iterator[Standing]:
    """Those that are not approved yet."""
    return (one for one in standings if one.result != "approved")
