"""The one place between threads and the screen: wishes show at once, the session follows in its own thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import ClassVar, Protocol, TypeAlias, TypeVar

from planner.commands.base import Command, Context
from planner.commands.stale import refuse_if_stale
from planner.core.change import Change, Delta
from planner.core.record import dataclass
from planner.core.vault import Vault
from planner.errors import NotTrusted, PlannerError
from planner.session import Outcome, Session
from tui.memory import Memory

T = TypeVar("T")
Post: TypeAlias = Callable[..., object]
"""Calls a function, with arguments, on the screen's thread, soon; may be called from any thread."""


@dataclass(frozen=True, slots=True)
class Git:
    """What the status line says about the repository."""

    branch: str = ""
    uncommitted: int = 0
    watching: str = ""
    notice: str = ""  # why changes of others show up late, where they do
    ahead: int = 0  # commits to be sent
    behind: int = 0  # commits that were fetched, to be taken


class Listener(Protocol):
    """What the screen hears, on its own thread."""

    def vault_changed(self) -> None:
        """Another vault is to be shown."""

    def wish_done(self, outcome: Outcome, shown: Change | None = None) -> None:
        """A wish was carried out; `shown` is the change that was shown for it before, if any was."""

    def wish_failed(self, error: PlannerError) -> None:
        """A wish was not carried out, and the vault shown has turned back."""

    def git_changed(self, git: Git) -> None:
        """The repository stands elsewhere."""


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """A wish with the change that was shown for it: carried out as shown if the texts are still those.

    Where they are others, it is planned again; but never over another value of what the person has changed.
    """

    verb: ClassVar[str] = "foreseen"
    command: Command
    change: Change

    def plan(self, vault: Vault, ctx: Context) -> Change:
        """The change as foreseen, or planned again; raises Stale where that would overwrite what was never shown."""
        if _fits(self.change, vault):
            return self.change
        refuse_if_stale(self.change, vault)
        return self.command.plan(vault, ctx)


class Bridge:
    """Holds the vault to show. All methods are for the screen's thread, and none of them waits for disk or git."""

    def __init__(self, session: Session, listener: Listener, post: Post) -> None:
        self.vault = session.vault
        self._session = session
        self._listener = listener
        self._me = session.me()
        self._pending: list[Change] = []
        self._news = False  # the screen was already asked to look at the session's vault
        self._git_asked = False
        self._stopped = False
        self._git = Git()
        self._jobs = 0  # handed over and not landed yet
        self._work = ThreadPoolExecutor(1, "planner-session")
        self._views = ThreadPoolExecutor(1, "planner-views")
        self._past = ThreadPoolExecutor(1, "planner-past")
        self._network = ThreadPoolExecutor(1, "planner-sync")
        self.post = post
        self.memory = Memory()
        self._unsubscribe = session.subscribe(self._heard)

    def start(self, *, watch: bool) -> None:
        """Begin to follow the files, if asked to, and to tell about git."""
        if watch:
            self._submit(lambda: self._session.watch(self._ask_git), lambda _: None)
        self._ask_git()

    def stop(self) -> None:
        """Finish what was begun and hear no more; waits for the commit under way."""
        self._stopped = True
        self._unsubscribe()
        self._views.shutdown(cancel_futures=True)
        self._past.shutdown(cancel_futures=True)
        self._network.shutdown(cancel_futures=True)
        self._work.shutdown()

    @property
    def busy(self) -> bool:
        """Whether wishes are under way."""
        return bool(self._pending)

    @property
    def idle(self) -> bool:
        """Whether nothing at all is under way: no wish, no look at git, no page."""
        return not self._jobs

    def context(self) -> Context:
        """What a wish may know, without a look at git."""
        session = self._session
        stamp = self.vault.config.stamp or session.repo is None
        return Context(session.today(), session.now(), self._me, session.random, stamp)

    def run(self, command: Command, refused: Callable[[PlannerError], None] | None = None) -> Change:
        """Show a wish as done and carry it out behind; raises what its plan raises.

        `refused` hears, instead of the listener, why it could not be carried out after all.
        """
        change = command.plan(self.vault, self.context())
        if change.is_noop:
            return change
        self._pending.append(change)
        self.vault = self.vault.apply(change.edits)
        self._listener.vault_changed()

        def settled() -> None:
            self._pending.remove(change)
            self._catch_up()

        def done(outcome: Outcome) -> None:
            self._listener.wish_done(outcome, change)

        self._submit(lambda: self._session.run(_Foreseen(command, change)), done, settled, refused)
        return change

    def run_behind(self, command: Command, refused: Callable[[PlannerError], None]) -> None:
        """Carry out a wish that takes long to plan: it shows when it is done."""
        self._submit(lambda: self._session.run(command), self._listener.wish_done, refused=refused)

    def undo(self, target: str | None = None) -> None:
        """Take back the newest operation, or the named one."""
        self._submit(lambda: self._session.undo(target), self._listener.wish_done)

    def redo(self) -> None:
        """Take back the newest undo."""
        self._submit(self._session.redo, self._listener.wish_done)

    def look(self) -> None:
        """Compare the files soon, where they are followed: the person was elsewhere."""
        self._session.look_again()

    def reload(self, then: Callable[[Delta], None], *paths: str) -> None:
        """Read these files again, or all of them."""
        self._submit(lambda: self._session.refresh(paths or None), then)

    def commit_by_hand(self, path: str | None = None, nothing: Callable[[], None] = lambda: None) -> None:
        """Commit what was changed by hand, in this file or in all; `nothing` is called where nothing was."""

        def job() -> Outcome | None:
            if path is not None:
                self._session.refresh([path])
            waiting = () if self._session.repo is None else self._session.uncommitted()
            paths = tuple(one for one in waiting if path in {None, one})
            return self._session.commit_by_hand(paths=paths) if paths else None

        self._submit(job, lambda outcome: self._listener.wish_done(outcome) if outcome else nothing())

    def ask(self, job: Callable[[Session], T], then: Callable[[T], None]) -> None:
        """Ask the session something that needs disk or git."""
        self._submit(lambda: job(self._session), then)

    def meet(
        self, job: Callable[[Session], T], then: Callable[[T], None], refused: Callable[[PlannerError], None]
    ) -> None:
        """Do what needs the network, in a thread of its own: wishes do not wait for it."""
        self._hand_over(self._network.submit(job, self._session), then, self._ask_git, refused)

    def build(self, page: Callable[[], T], then: Callable[[T], None], settled: Callable[[], None]) -> None:
        """Compute something for the screen beside it; `settled` is called first, also where it cannot be computed."""
        held = self.memory.hold(len(self.vault.files))

        def made() -> None:
            if held:
                self.memory.keep()
            settled()

        self._hand_over(self._views.submit(page), then, made)

    def stream(self, source: Callable[[], Iterator[T]], size: int, then: Callable[[list[T]], bool]) -> None:
        """Read something long in pieces, in a thread of its own, to the end (an empty piece) or until `then` has enough."""
        opened: list[Iterator[T]] = []

        def read() -> list[T]:
            if not opened:
                opened.append(source())
            return list(islice(opened[0], size))

        def heard(piece: list[T]) -> None:
            if then(piece) and piece:
                go_on()
            else:
                opened.clear()  # with all that a reading holds that has not come to its end

        def go_on() -> None:
            if not self._stopped:
                held = self.memory.hold(len(self.vault.files))
                self._hand_over(self._past.submit(read), heard, self.memory.keep if held else lambda: None)

        go_on()

    # From other threads to the screen's.

    def _submit(
        self,
        job: Callable[[], T],
        then: Callable[[T], None],
        settled: Callable[[], None] = lambda: None,
        refused: Callable[[PlannerError], None] | None = None,
    ) -> None:
        self._hand_over(self._work.submit(job), then, settled, refused)

    def _hand_over(
        self,
        future: Future[T],
        then: Callable[[T], None],
        settled: Callable[[], None] = lambda: None,
        refused: Callable[[PlannerError], None] | None = None,
    ) -> None:
        self._jobs += 1

        def landed(
            done: Future[T],
        ) -> None:  # the future's own callback holds no name of it: what it brought would live on
            self._jobs -= 1
            settled()
            try:
                result = done.result()
            except PlannerError as error:
                (refused or self._listener.wish_failed)(error)
            else:
                then(result)

        future.add_done_callback(lambda done: None if done.cancelled() else self.post(landed, done))

    def _heard(self, _: Delta) -> None:
        """The session's vault changed, on whatever thread: many changes in a row make one look."""
        if not self._news:
            self._news = True
            self.post(self._catch_up)
        self._ask_git()

    def _catch_up(self) -> None:
        """Show the session's vault with the wishes that are still under way on top."""
        self._news = False
        vault = self._session.vault
        for change in self._pending:
            if _fits(change, vault):
                vault = vault.apply(change.edits)
        if vault is not self.vault:
            self.vault = vault
            self._listener.vault_changed()

    def _ask_git(self) -> None:
        if not self._git_asked:
            self._git_asked = True
            self.post(lambda: self._submit(self._look_at_git, self._tell_git))

    def _look_at_git(self) -> tuple[Git, str]:
        """On the session's thread: branch, number of uncommitted files, and who I am."""
        self._git_asked = False
        session = self._session
        watching, notice = session.watching, session.watching_notice
        if session.repo is None:
            return Git("no git", 0, watching, notice), session.me()
        from planner.syncing import apart

        head = session.repo.head()
        name = head.branch or (head.commit or "")[:7]
        with contextlib.suppress(NotTrusted):  # the notice at the start has said so
            return Git(name, len(session.uncommitted()), watching, notice, *apart(session)), session.me()
        return Git(name, 0, watching, notice), session.me()

    def _tell_git(self, found: tuple[Git, str]) -> None:
        git, self._me = found
        if git != self._git:
            self._git = git
            self._listener.git_changed(git)


def _fits(change: Change, vault: Vault) -> bool:
    """Whether every text the change begins from is the vault's."""
    texts = {path: file.text for path in change.paths if (file := vault.files.get(path)) is not None}
    return all(texts.get(edit.path) == edit.before for edit in change.edits)
