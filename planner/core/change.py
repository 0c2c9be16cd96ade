"""What a wish does to the files: which texts become which, under which subject."""

from __future__ import annotations

from planner.core.record import dataclass, field


@dataclass(frozen=True, slots=True)
class Edit:
    """One file's text before and after; `before` None creates it, `after` None deletes it."""

    path: str
    before: str | None
    after: str | None

    @property
    def inverse(self) -> Edit:
        """The edit that takes this one back."""
        return Edit(self.path, self.after, self.before)

    @property
    def is_noop(self) -> bool:
        """Whether nothing would change on disk."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class Change:
    """One wish, one commit: its edits, its subject, a line for each changed field."""

    edits: tuple[Edit, ...]
    subject: str
    details: tuple[str, ...] = ()
    items: tuple[str, ...] = ()  # ids of the items it is about, in the order of the wish
    notices: tuple[str, ...] = field(default=(), compare=False)  # what to tell the person, e.g. a WIP limit passed
    undoes: tuple[str, ...] = ()  # operations (or commits) this change takes back

    @property
    def is_noop(self) -> bool:
        """Whether nothing would change on disk."""
        return all(edit.is_noop for edit in self.edits)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path it touches."""
        return tuple(edit.path for edit in self.edits)

    @property
    def body(self) -> str:
        """The commit message's body: one line a changed field."""
        return "\n".join(self.details)


@dataclass(frozen=True, slots=True)
class Delta:
    """What differs between two vaults: paths, and the ids on them before or after."""

    paths: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    config: bool = False  # planner.toml changed

    def __bool__(self) -> bool:
        return bool(self.paths) or self.config

    def __or__(self, other: Delta) -> Delta:
        return Delta(self.paths | other.paths, self.ids | other.ids, self.config or other.config)
