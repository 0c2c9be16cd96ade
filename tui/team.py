"""Working with others from the screen: sync in a thread of its own, and the questions of a merge, asked one by one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from planner.errors import PlannerError
from planner.session import Session
from tui.pickers.choose import Choice, Choose, choice
from tui.shell import Shell

if TYPE_CHECKING:
    from planner.questions import Question
    from planner.resolving import Matter, Resolved
    from planner.syncing import Synced

SHOWN = 40  # characters of a value in a row


class Team(Shell):
    """Actions that meet other people's work; the person can go on all the while."""

    _syncing: threading.Event | None = None  # set: it is to stop
    _quiet = False

    def on_mount(self) -> None:
        """Sync by itself from time to time, where the vault says so."""
        config = self.session.vault.config.sync
        if self._watch_files and config.auto != "off" and self.session.repo is not None:
            self.set_interval(max(5, config.interval), self._sync_by_itself)
            self.call_later(self._sync_by_itself)

    def on_unmount(self) -> None:
        """Nobody waits for the network any more."""
        if self._syncing is not None:
            self._syncing.set()

    # Sync.

    def action_sync(self) -> None:
        """Take what others pushed and send what is new; the same key stops it."""
        if self._syncing is not None:
            self._syncing.set()
            self.say("stopping the sync …")
            return
        self._begin(quiet=False)

    def _begin(self, *, quiet: bool) -> None:
        stop = self._syncing = threading.Event()
        self._quiet = quiet
        self._heard("syncing")

        def say(words: str) -> None:
            self.bridge.post(self._heard, words)

        self.bridge.meet(lambda session: session.sync(say=say, stop=stop.is_set), self._synced, self._refused)

    def _sync_by_itself(self) -> None:
        if self._syncing is not None:
            return
        if self.session.vault.config.sync.auto == "full":
            self._begin(quiet=True)
            return
        stop = self._syncing = threading.Event()
        self._quiet = True
        from planner.syncing import fetch_only

        self.bridge.meet(lambda session: fetch_only(session, stop=stop.is_set), self._fetched, self._refused)

    def _heard(self, words: str) -> None:
        if not self._quiet:
            self.say(f"{words} … (ctrl+g stops)")

    def _synced(self, done: Synced) -> None:
        quiet, self._syncing = self._quiet, None
        news = bool(done.questions or done.received or done.notices)
        if quiet and not news:
            return
        if done.questions:
            self.say(f"{done.sentence}; g ! asks, and you can go on meanwhile", "bold $ink-warn")
        else:
            self.say("; ".join((done.sentence, *done.notices)))

    def _fetched(self, count: int) -> None:
        self._syncing = None
        if count:
            self.say(f"{count} new {'commit' if count == 1 else 'commits'} of others; ctrl+g takes them")

    def _refused(self, error: PlannerError) -> None:
        quiet, self._syncing = self._quiet, None
        if quiet:
            self.say(f"sync: {error.message}")
        else:
            self.wish_failed(error)

    # What a merge asks.

    def action_questions(self) -> None:
        """What both sides changed, to be settled one by one."""
        self.say("looking for what is open …")
        self.bridge.ask(_open, self._ask_which)

    def _ask_which(self, found: list[tuple[Matter, tuple[str, str]]]) -> None:
        self.say("" if found else "nothing waits to be settled")
        if not found:
            return
        rows: list[Choice] = []
        asked: dict[str, tuple[Matter, Question | None, tuple[str, str]]] = {}
        for matter, who in found:
            for question in matter.questions or (None,):
                key = question.key if question else matter.name
                asked[key] = (matter, question, who)
                said = f"{self._title(matter)}: {question.field if question else 'can be merged'}"
                rows.append(choice(key, said, _values(question) if question else f"with {matter.name}"))

        def answered(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                matter, question, who = asked[chosen[0]]
                if question is None:
                    self._settle(matter, {})
                else:
                    self._ask_what(matter, question, who)

        self.push_screen(Choose(f"{len(rows)} open: changed on both sides", rows), answered)

    def _ask_what(self, matter: Matter, question: Question, who: tuple[str, str]) -> None:
        names = [f" by {name}" if name else "" for name in who]
        rows = [
            choice("ours", f"ours: {_said(question, question.ours)}", f"here{names[0]}"),
            choice("theirs", f"theirs: {_said(question, question.theirs)}", f"there{names[1]}"),
        ]

        def own(text: str) -> Choice | None:
            return choice(text, f"{question.field}: {text}", "another value")

        def answered(chosen: tuple[str, ...] | None) -> None:
            if chosen:
                self._settle(matter, {question.field: chosen[0]})

        title = f"{self._title(matter)}: {question.field} was {_said(question, question.base)}"
        self.push_screen(Choose(title, rows, free=own), answered)

    def _settle(self, matter: Matter, answers: dict[str, str]) -> None:
        def settled(resolved: Resolved) -> None:
            left = sum(len(one.questions) or 1 for one in resolved.left)
            said = "; ".join(resolved.notices) or ("settled" if resolved.done else "answered")
            self.say(f"{said}; {left} open" if left else said)
            if left:
                self.action_questions()

        from planner.resolving import resolve

        self.bridge.ask(lambda session: resolve(session, matter.name, answers), settled)

    def _title(self, matter: Matter) -> str:
        file = self.bridge.vault.files.get(matter.path)
        return file.title if file is not None and file.title else matter.path


def _open(session: Session) -> list[tuple[Matter, tuple[str, str]]]:
    """On the session's thread: what waits, and who changed it last on either side."""
    from planner.resolving import authors, matters

    return [
        (matter, authors(session, matter.path) if matter.source == "sync" else ("", "")) for matter in matters(session)
    ]


def _values(question: Question) -> str:
    return f"{_said(question, question.ours)} | {_said(question, question.theirs)}"


def _said(question: Question, value: str | None) -> str:
    if question.field == "file":
        return "deleted" if value is None else "kept"
    words = "nothing" if value is None else " ⏎ ".join(value.strip().split("\n"))
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"
