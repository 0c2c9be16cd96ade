"""Three clones, edited and synced in any order: in the end all are equal, and nothing anybody typed is lost.

Every piece of text is a token that occurs once. One that an edit took out, or an answer to a question left out, may be
gone; every other must be in the end's tree, each tick with its step.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from planner import resolving
from planner.questions import FILE, PATH
from planner.session import Session
from tests.conftest import Claims
from tests.proof import times
from tests.team import Clone, clone, git, make_origin

pytestmark = pytest.mark.proof

RUNS = times(2, 500)
STEPS = times(12, 24)
WHO = st.integers(0, 2)
WHICH = st.integers(0, 99)
_TOKEN = re.compile(r"tok\d+")
_TICKED = re.compile(r"- \[x\] (tok\d+)")
FRESH = """\
---
id: {0}
title: {1}
status: todo
owner: {2}
tags: [{3}]
---
{4}

- [ ] {5}
- [ ] {6}

## Log
- 2026-11-20 09:00 ana: {7}
"""


class Replicas(RuleBasedStateMachine):
    """What may happen to three clones of a vault; `template` has them as they begin."""

    template: Path

    def judged(self) -> None:
        """Hear that a run has ended well."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="replicas-"))
        shutil.copytree(self.template, self.folder, symlinks=True, dirs_exist_ok=True)
        self.clones = [Clone(self.folder / name) for name in ("ana", "bo", "cy")]
        for one in self.clones:
            git(one.root, "remote", "set-url", "origin", str(self.folder / "origin.git"))
        self.sessions = [one.session() for one in self.clones]
        self.made = 0
        self.tokens: set[str] = set()
        self.gone: set[str] = set()
        self.ticked: set[str] = set()

    # ---- what people do --------------------------------------------------------------------------------------------

    def token(self) -> str:
        self.made += 1
        return f"tok{self.made:04}"

    def pick(self, who: int, which: int) -> tuple[Clone, str, str] | None:
        one = self.clones[who]
        names = sorted(path.name for path in (one.root / "tasks").glob("*.md"))
        if not names:
            return None
        name = f"tasks/{names[which % len(names)]}"
        return one, name, one.read(name)

    def take_out(self, tokens: set[str]) -> None:
        """Somebody has removed these on purpose, and with a step its tick: another's step may stay, as it is there."""
        self.gone |= tokens
        self.ticked -= tokens

    def save(self, one: Clone, name: str, before: str, after: str) -> None:
        self.take_out({*_TOKEN.findall(before)} - {*_TOKEN.findall(after)})
        self.tokens |= {*_TOKEN.findall(after)}
        one.write(after, name)

    @rule(who=WHO)
    def create(self, who: int) -> None:
        tokens = [self.token() for _ in range(8)]
        self.save(self.clones[who], f"tasks/{tokens[0]}.md", "", FRESH.format(*tokens))

    @rule(who=WHO, which=WHICH, field=st.sampled_from(["status", "owner", "title"]))
    def edit(self, who: int, which: int, field: str) -> None:
        if found := self.pick(who, which):
            one, name, text = found
            self.save(one, name, text, re.sub(rf"^{field}: .*$", f"{field}: {self.token()}", text, flags=re.MULTILINE))

    @rule(who=WHO, which=WHICH)
    def tag(self, who: int, which: int) -> None:
        if found := self.pick(who, which):
            one, name, text = found
            self.save(one, name, text, text.replace("tags: [", f"tags: [{self.token()}, ", 1))

    @rule(who=WHO, which=WHICH, step=st.integers(0, 9))
    def tick(self, who: int, which: int, step: int) -> None:
        if found := self.pick(who, which):
            one, name, text = found
            open_ = re.findall(r"- \[ \] (tok\d+)", text)
            if open_:
                words = open_[step % len(open_)]
                self.ticked.add(words)
                self.save(one, name, text, text.replace(f"- [ ] {words}", f"- [x] {words}"))

    @rule(who=WHO, which=WHICH)
    def step(self, who: int, which: int) -> None:
        if found := self.pick(who, which):
            one, name, text = found
            self.save(one, name, text, text.replace("\n\n## Log", f"\n- [ ] {self.token()}\n\n## Log", 1))

    @rule(who=WHO, which=WHICH, minute=st.integers(10, 59))
    def log(self, who: int, which: int, minute: int) -> None:
        if found := self.pick(who, which):
            one, name, text = found
            self.save(one, name, text, f"{text}- 2026-11-2{who} 10:{minute} p{who}: {self.token()}\n")

    @rule(who=WHO, which=WHICH)
    def remove_step(self, who: int, which: int) -> None:
        if found := self.pick(who, which):
            one, name, text = found
            self.save(one, name, text, re.sub(r"- \[.\] tok\d+\n", "", text, count=1))

    @rule(who=WHO, which=WHICH)
    def rename(self, who: int, which: int) -> None:
        if found := self.pick(who, which):
            one, name, _ = found
            (one.root / name).rename(one.root / f"tasks/{self.token()}-moved.md")

    @precondition(lambda self: len(self.tokens) > 8)
    @rule(who=WHO, which=WHICH)
    def delete(self, who: int, which: int) -> None:
        if found := self.pick(who, which):
            one, name, text = found
            self.take_out({*_TOKEN.findall(text)})
            (one.root / name).unlink()

    @rule(who=WHO, answer=st.sampled_from(["ours", "theirs"]))
    def sync(self, who: int, answer: str) -> None:
        self.meet(who, answer)

    def meet(self, who: int, answer: str) -> None:
        session = self.sessions[who]
        session.refresh()
        while session.sync().questions:
            self.answer(session, answer)

    def answer(self, session: Session, answer: str) -> None:
        matter = next(matter for matter in resolving.matters(session) if matter.source == "sync")
        for question in matter.questions:
            left = question.theirs if answer == "ours" else question.ours
            if question.field != PATH:
                self.gone |= {*_TOKEN.findall(left or "")}
            if question.field == FILE:
                self.gone |= {*_TOKEN.findall(f"{question.ours}{question.theirs}")}
            self.ticked -= {*_TICKED.findall(left or "")}
        resolving.resolve(session, matter.path, {question.field: answer for question in matter.questions})

    # ---- what must be true in the end --------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            for who in (0, 1, 2, 0, 1):
                self.meet(who, "ours")
            heads = {one.head for one in self.clones}
            assert len(heads) == 1
            assert all(one.is_clean() for one in self.clones)
            texts = [path.read_text() for path in sorted((self.clones[0].root / "tasks").glob("*.md"))]
            everything = "\n".join(texts)
            lost = self.tokens - self.gone - {*_TOKEN.findall(everything)}
            assert not lost, f"{sorted(lost)} are lost from\n{everything}"
            assert "<<<<<<<" not in everything
            unticked = {*re.findall(r"- \[ \] (tok\d+)", everything)} & self.ticked
            assert not unticked, f"{sorted(unticked)} were ticked"
            assert git(self.folder / "origin.git", "rev-parse", "main").strip() in heads
            self.judged()
        finally:
            shutil.rmtree(self.folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replicas")
    origin = make_origin(folder)
    for name in ("ana", "bo", "cy"):
        clone(origin, folder, name)
    return folder


@pytest.mark.parametrize("part", range(times(1, 20)))  # so that processes can share them
def test_three_clones_end_equal_with_nothing_lost(template: Path, claims: Claims, part: int) -> None:
    count = RUNS // times(1, 20)
    with claims("replicas: three clones end equal, nothing lost", expect=count) as claim:

        class Machine(Replicas):
            """The same, counted by this claim."""

            def judged(self) -> None:
                claim.check(True)

        Machine.template = template
        tries = settings(
            max_examples=count,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(seed(part)(Machine), settings=tries)
