"""Proves from a run's evidence that no acknowledged write was lost: one claim a rule, counted.

A token may leave the files only by an op that took it away on purpose, by an editor that saved what it had read before
the token was there, by the user's own git, or into a copy that planner names. Everything else is a loss.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from planner.core.vault import Vault
from tests.soak.evidence import Commit, Evidence, Foreign
from tests.soak.history import TOKEN, Op, blob_id, tokens
from tests.soak.wishes import PLANNERS

AUTHOR = "Soak <soak@example.org>"
SLACK = 1.5  # seconds; git's times are whole seconds
LASTING = 1.0  # seconds a save must have been seen for, to be owed a place in history
GLANCE = 0.5  # seconds by which a change may be observed late
LOCKS = ("*.lock", "refs/**/*.lock")


@dataclass(slots=True)
class Claim:
    """One sentence, how often it held, what its cases were, and those that did not hold."""

    name: str
    held: int = 0
    total: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def check(self, holds: object, case: str, kind: str = "") -> None:
        """Count one case."""
        self.total += 1
        self.held += bool(holds)
        if not holds:
            self.failures.append(case)
        elif kind:
            self.kinds[kind] += 1

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common())
        return f"soak: {self.name}: {self.held} of {self.total}" + (f" ({kinds})" if kinds else "")


def check(evidence: Evidence) -> list[Claim]:
    """Every claim about a run that ended quietly."""
    return [
        *_in_history(evidence),
        *_kept(evidence),
        _lasting_saves(evidence),
        *_at_most_once(evidence),
        _models(evidence),
        *_sound_repository(evidence),
        *_own_commits(evidence),
        _no_crash(evidence),
    ]


# ---- 1: in history ---------------------------------------------------------------------------------------------------


def _in_history(evidence: Evidence) -> Iterator[Claim]:
    history = Claim("acknowledged writes of planner in history")
    own = Claim("acknowledged writes of planner in a commit of their own")
    visits = list(_visits(evidence))
    for op in evidence.writes:
        if op.outcome == "ack":
            steps = [commit for commit, _ in evidence.added.get(op.token, []) if not commit.stashed]
            where = next((place for commit in steps if (place := _branch(evidence, commit, visits))), "")
            history.check(
                where, f"{op.name} at {op.path}: {len(steps)} commits, said to be in {op.text('commit')[:8]}", where
            )
            alone = any(commit.op == op.text("op") for commit in steps)
            taken = any(commit.subject.startswith("user: ") for commit in steps)
            kind = "alone" if alone else "taken along by the user's own commit"
            first = f"{steps[-1].sha[:8]} {steps[-1].subject!r}" if steps else "no commit"
            own.check(alone or taken, f"{op.name} at {op.path}: first in {first}", kind)
    yield from (history, own)


def _branch(evidence: Evidence, commit: Commit, visits: list[tuple[float, float]]) -> str:
    """Where a commit is: on main, or on the user's branch if it was made while the user was there."""
    if commit.sha in evidence.on_main:
        return "on main"
    there = any(begun - SLACK <= commit.when <= ended + SLACK for begun, ended in visits)
    return "on the user's branch" if there and commit.sha in evidence.on_branches else ""


def _visits(evidence: Evidence) -> Iterator[tuple[float, float]]:
    """From when to when the user stood on another branch."""
    since = 0.0
    for step in evidence.ops:
        if step.what == "git" and step.text("now") not in ("", "main"):
            since = since or step.begun
        elif step.what == "git" and step.text("now") == "main" and since:
            yield since, step.ended
            since = 0.0


# ---- 2: kept ---------------------------------------------------------------------------------------------------------


def _kept(evidence: Evidence) -> Iterator[Claim]:
    """Every token that left a file has a reason, and every acknowledged token is somewhere a user can find it."""
    removals = Claim("removals of acknowledged tokens explained")
    for token, steps in evidence.removed.items():
        op = evidence.by_token.get(token)
        if op is not None and op.outcome == "ack":
            for commit, path in steps:
                why = _why_removed(evidence, op, commit, path)
                removals.check(why, f"{op.name} by {commit.sha[:8]} {commit.subject!r} at {path}", why)
    places = Claim("acknowledged tokens kept, or taken away by somebody")
    for op in (*evidence.writes, *evidence.saves):
        if op.outcome == "ack":
            where = _where(evidence, op)
            places.check(where, f"{op.name} at {op.path}: gone", where)
    yield removals
    yield places
    displaced = Claim("displaced texts that nothing else holds named in a notice")
    for name, text in evidence.displaced.items():
        if _is_unexpected(evidence, text):
            displaced.check(name in evidence.ending.named, name)
    yield displaced


def _is_unexpected(evidence: Evidence, text: str) -> bool:
    return blob_id(text.encode("utf-8", "surrogateescape")) not in evidence.blobs and not tokens(text) <= evidence.final


def _where(evidence: Evidence, op: Op) -> str:
    """Where an acknowledged token is at the end, or who took it away; empty where it is lost."""
    token = op.token
    if token in evidence.final:
        return "in the files"
    named = any(token in text and name in evidence.ending.named for name, text in evidence.displaced.items())
    steps = evidence.added.get(token, [])
    on_main = [step for step in evidence.removed.get(token, []) if step[0].sha in evidence.on_main]
    if on_main:
        return _why_removed(evidence, op, *on_main[0])
    if any(commit.sha in evidence.on_branches for commit, _ in steps):
        return "on the user's branch"
    if steps:
        return "in the user's stash" if any(commit.stashed for commit, _ in steps) else "in the reflog"
    if named:
        return "in a displaced copy, named"
    return "overwritten by an editor or git before any commit" if _overwriters(evidence, op, op.path) else ""


def _why_removed(evidence: Evidence, op: Op, commit: Commit, path: str) -> str:
    """Why a commit took a token out of a file; empty where nothing that is known explains it."""
    if commit.undoes:
        undone = {name for step, _ in evidence.added.get(op.token, []) for name in step.names}
        if undone & set(commit.undoes):
            return "undone"
    by = next((other for other in evidence.ops if commit.op and other.text("op") == commit.op), None)
    if by is not None and (op.token in by.texts("removes") or (by.what == op.what == "title" and by.path == path)):
        return "taken away by a later op"
    if commit.op and by is None and _killed_remover(evidence, op, path):
        return "taken away by a later op"
    present = evidence.git.tokens_of(commit.files[path][1])
    if commit.subject.startswith("user: ") and _taken_along(evidence, op, path, commit, present):
        return "taken away by a later op that the user's own commit took along"
    return next((why for text in _overwriters(evidence, op, path) if (why := _explains(evidence, text, present))), "")


def _taken_along(evidence: Evidence, op: Op, path: str, commit: Commit, present: frozenset[str]) -> bool:
    """Whether the user's commit has an accepted op in it that took this token away: its title, a tag fewer, an undo.

    What an undo of the command line took back is not told where it has no commit of its own.
    """
    until = commit.when + SLACK
    accepted = (other for other in evidence.ops if other.path == path and other.outcome != "fail")
    return any(
        op.token in other.texts("removes")
        or (other.what == op.what == "title" and other.token in present)
        or (other.what == "undo" and other.actor == "cli" and not other.text("commit"))
        for other in accepted
        if op.ended <= other.begun <= until
    )


def _killed_remover(evidence: Evidence, op: Op, path: str) -> bool:
    """Whether an op of unknown outcome was to take this token away."""
    unknown = (other for other in evidence.ops if other.outcome == "unknown" and other.path == path)
    return any(op.token in other.texts("removes") or (other.what == op.what == "title") for other in unknown)


def _overwriters(evidence: Evidence, op: Op, path: str) -> list[Foreign]:
    """Foreign texts without this token, written since it was, by somebody who had not seen it or took it away."""
    shown = _appearances(evidence, op, path)
    found = [
        text
        for text in evidence.foreign
        if text.path == path
        and op.token not in text.tokens
        and text.ended >= op.begun
        and (text.torn or op.token in text.removes or any(text.read < when for when in shown))
    ]
    for turn in evidence.turns:
        texts = evidence.turned_to(turn, path)
        if turn.ended >= op.begun and any(op.token not in text for text in texts):
            either = frozenset().union(*texts)
            found.append(Foreign(turn.name, path, "", turn.begun, turn.begun, turn.ended, either))
    return found


def _appearances(evidence: Evidence, op: Op, path: str) -> list[float]:
    """When a token came into a file: as it was written, and with everything that brought it back."""
    saves = (save.ended for save in evidence.saves if save.path == path and op.token in save.texts("tokens"))
    turns = (turn.ended for turn in evidence.turns if turn.ended >= op.begun)
    backs = (other.ended for other in evidence.ops if other.what == "undo" and other.ended >= op.begun)
    return [op.ended, *saves, *turns, *backs]


def _explains(evidence: Evidence, text: Foreign, present: frozenset[str]) -> str:
    """Whether a commit's text came of a foreign one: it has that save's own token, or nothing older than it beside it."""
    if text.token:
        return "overwritten by an editor, kept in history" if text.token in present else ""
    newer = {token for token in present - text.tokens if _born(evidence, token) < text.begun}
    if newer:
        return ""
    return "torn by an editor, kept in history" if text.torn else "taken back by the user's git, kept in history"


def _born(evidence: Evidence, token: str) -> float:
    op = evidence.by_token.get(token)
    return op.ended if op is not None else 0.0


# ---- 3: saves --------------------------------------------------------------------------------------------------------


def _lasting_saves(evidence: Evidence) -> Claim:
    """A save that planner wrote over is in history; one that another foreign text replaced was never planner's."""
    claim = Claim("editor saves seen for a second in history")
    strange = {save.text("blob"): save for save in evidence.saves}
    others = {blob for save in evidence.saves for blob in (save.text("blob"), *save.texts("torn"))}
    by_path: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for when, path, blob in evidence.observed:
        by_path[path].append((when, blob))
    for seen in by_path.values():
        for (when, blob), (until, following) in pairwise(seen):
            save = strange.get(blob)
            if save is not None and until - when >= LASTING:
                replaced = following in others or _was_turned(evidence, until)
                kind = "in history" if blob in evidence.blobs else "replaced by an editor or git" if replaced else ""
                kind = kind or _mixed(evidence, save)
                claim.check(kind, f"{save.name} at {save.path}", kind)
    return claim


def _mixed(evidence: Evidence, save: Op) -> str:
    """Whether a commit by hand, or the user's own, took a save as it lay: with what had come on top of it."""
    for commit, path in evidence.added.get(save.token, []):
        lost = set(save.texts("tokens")) - evidence.git.tokens_of(commit.files[path][1])
        if not commit.op and all(_was_taken_since(evidence, save, token) for token in lost):
            return "in one commit with what came on top"
    return ""


def _was_taken_since(evidence: Evidence, save: Op, token: str) -> bool:
    """Whether an op that came on top of a save took this token away on purpose, or another editor did in its save."""
    born = evidence.by_token.get(token)
    later = (op for op in evidence.ops if op.outcome == "ack" and op.path == save.path and op.ended >= save.begun)
    titled = born is not None and born.what == "title"
    saved = (text for text in evidence.foreign if text.path == save.path and text.ended > save.ended)
    return any(token in op.texts("removes") or (titled and op.what == "title") for op in later) or any(
        token not in text.tokens for text in saved
    )


def _was_turned(evidence: Evidence, when: float) -> bool:
    return any(turn.begun <= when <= turn.ended + GLANCE for turn in evidence.turns)


# ---- 4: once ---------------------------------------------------------------------------------------------------------


def _at_most_once(evidence: Evidence) -> Iterator[Claim]:
    lines = Counter(token for text in evidence.files.values() for token in TOKEN.findall(text))
    reached = evidence.on_main | evidence.on_branches  # git's own race takes commits off, and they are made again
    by_planner = Counter(
        token
        for token, steps in evidence.added.items()
        for commit, _ in steps
        if commit.op and not commit.undoes and commit.sha in reached
    )
    once = Claim("writes of unknown outcome made at most once")
    twice = Claim("acknowledged writes made once only")
    never = Claim("refused writes made never")
    for op in evidence.writes:
        count = max(lines[op.token], by_planner[op.token])
        if op.outcome == "ack":
            twice.check(count <= 1, f"{op.name}: {lines[op.token]} times in the files, {by_planner[op.token]} commits")
        elif op.outcome == "unknown":
            once.check(count <= 1, op.name, "made" if op.token in evidence.added else "not made")
        else:
            spread = any(op.token in save.texts("tokens") for save in evidence.saves)  # an editor read it for a moment
            never.check(not by_planner[op.token] and (spread or not lines[op.token]), f"{op.name}: {op.text('said')}")
    yield from (once, never, twice)


# ---- 5, 6: models and repository ---------------------------------------------------------------------------------------


def _models(evidence: Evidence) -> Claim:
    claim = Claim("models of running sessions equal to a fresh scan")
    for op in evidence.ops:
        if op.what == "model":
            claim.check(op.outcome == "ack", f"{op.actor}: {', '.join(op.texts('differs')) or 'never told'}", op.actor)
    return claim


def _sound_repository(evidence: Evidence) -> Iterator[Claim]:
    git = evidence.git
    fsck = Claim("git fsck clean")
    said = git.run("fsck", "--full", "--strict", "--no-dangling", "--no-progress").decode()
    fsck.check(not said.strip(), said[:300])
    yield fsck
    parsed = Claim("files parsed, without markers, under an id of their own")
    vault = Vault.parse(evidence.files)
    ids = Counter(item.id for item in vault.items)
    for path, file in vault.files.items():
        if path.endswith(".md"):
            sound = file.item is not None and not file.item.broken and ids[file.item.id] == 1
            marked = any(line.startswith(("<<<<<<<", ">>>>>>>")) for line in file.text.split("\n"))
            parsed.check(sound and not marked, f"{path}: {'; '.join(fault.message for fault in file.problems[:2])}")
    yield parsed
    left = Claim("no temporary file, lock, waiting operation or change left behind")
    temporary = [path.name for path in evidence.place.vault.rglob(".planner-tmp-*")]
    locks = [path.name for pattern in LOCKS for path in evidence.place.git_dir.glob(pattern)]
    for what in (temporary, locks, evidence.ending.pending, evidence.ending.uncommitted):
        left.check(not what, ", ".join(what))
    yield left


# ---- 7: commits of planner's own ---------------------------------------------------------------------------------------


def _own_commits(evidence: Evidence) -> Iterator[Claim]:
    touching = Claim("commits of planner touch only the files of their operation")
    signed = Claim("commits of planner have the user's name and the time of the change")
    pure = Claim("commits of planner hold no other writer's token")
    by_op = {op.text("op"): op for op in evidence.ops if op.text("op")}
    first = evidence.ops[0].begun if evidence.ops else 0.0
    last = max((op.begun for op in evidence.ops), default=0.0) + 120
    for commit in evidence.git.commits:
        if not commit.op:
            continue
        op = by_op.get(commit.op) or _by_content(evidence, commit)
        name = f"{commit.sha[:8]} {commit.subject!r}"
        touching.check(_touches(evidence, commit, op), f"{name}: {', '.join(commit.files)}")
        on_time = op is None or not op.text("commit") or commit.when <= op.ended + SLACK
        begun = first if op is None else op.begun
        signed.check(
            commit.author == AUTHOR and begun - SLACK <= commit.when <= last and on_time,
            f"{name}: {commit.author} {commit.when}",
        )
        foreign = _added_by(evidence, commit) - ({op.token} if op is not None else set())
        pure.check(commit.undoes or not foreign, f"{name}: {', '.join(sorted(foreign))}")
    yield from (touching, signed, pure)


def _by_content(evidence: Evidence, commit: Commit) -> Op | None:
    """The op of a commit whose acknowledgement was lost: it is the one whose token the subject or the text holds."""
    said = tokens(commit.subject) | _added_by(evidence, commit)
    found = (evidence.by_token[token] for token in said if token in evidence.by_token)
    return next((op for op in found if op.actor in PLANNERS and op.outcome != "ack"), None)


def _added_by(evidence: Evidence, commit: Commit) -> set[str]:
    git = evidence.git
    return {token for before, after in commit.files.values() for token in git.tokens_of(after) - git.tokens_of(before)}


def _touches(evidence: Evidence, commit: Commit, op: Op | None) -> bool:
    if commit.undoes:
        undone = [other for other in evidence.git.commits if other.names & set(commit.undoes)]
        return commit.files.keys() <= {path for other in undone for path in other.files}
    paths = (*op.texts("paths"), op.path) if op is not None else ()
    known = {path for path in paths if path}
    return commit.files.keys() <= known if known else len(commit.files) == 1


# ---- 8: processes ----------------------------------------------------------------------------------------------------


def _no_crash(evidence: Evidence) -> Claim:
    claim = Claim("calls of the program without a crash")
    for op in evidence.ops:
        if op.actor in PLANNERS:
            claim.check(not op.text("crash"), f"{op.name}: {op.text('crash')[-400:]}")
    return claim


@dataclass(frozen=True, slots=True)
class Sample:
    """A long-lived process at one moment."""

    when: float
    name: str
    pid: int
    kilobytes: int
    files: int
    zombies: tuple[int, ...]


def check_processes(samples: list[Sample], begun: float, ended: float) -> Iterator[Claim]:
    """Memory and open files of those who lived through the last half; judged only where that is half a minute or more."""
    if ended - begun < 60:
        return
    half = (begun + ended) / 2
    memory = Claim("long-lived sessions grew by less than 10 % over the last half")
    files = Claim("long-lived sessions kept their number of open files")
    zombies = Claim("long-lived sessions left no dead child")
    lives: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    for sample in samples:
        lives[sample.name, sample.pid].append(sample)
    for (name, pid), life in lives.items():
        late = [sample for sample in life if sample.when >= half]
        if life[0].when <= half and late and late[-1].when >= ended - 5:
            size = len(late) // 5 or 1
            sizes = [_median([one.kilobytes for one in part]) for part in (late[:size], late[-size:])]
            opened = [min(one.files for one in part) for part in (late[:size], late[-size:])]  # at rest
            growth = 100 * (sizes[1] - sizes[0]) / sizes[0]
            said = f"{name} {sizes[0] // 1024} to {sizes[1] // 1024} MB ({growth:+.1f} %)"
            memory.check(growth < 10, f"{pid}: {said}", said)
            files.check(opened[1] <= opened[0], f"{name} {pid}: {opened}", f"{name} {opened[0]} to {opened[1]}")
        lasting = set.intersection(*(set(one.zombies) for one in life[-3:]))
        zombies.check(len(life) < 3 or not lasting, f"{name} {pid}: {lasting}")
    yield from (memory, files, zombies)


def _median(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]
