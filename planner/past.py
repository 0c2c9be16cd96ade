"""The past as git keeps it: what changed by whom, field by field, and the vault as it was at a commit or on a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from planner.core.config import PATH as CONFIG_PATH
from planner.core.config import Config, parse_config
from planner.core.events import Event, FieldChange, Revision, field_of, said, told
from planner.core.model import ParsedFile
from planner.core.parse import parse_file
from planner.core.people import author
from planner.core.record import dataclass
from planner.core.shelf import Shelf, row_of
from planner.core.vault import Vault
from planner.errors import Invalid, NotFound
from planner.store import places, seen
from planner.store.files import is_vault_file
from planner.store.git import Repository
from planner.store.history import Ancestry, CommitInfo, between, changed_files, gone, log

if TYPE_CHECKING:
    from planner.core.model import Item
    from planner.session import Session
    from planner.views.travel import Stop

UNSHALLOW = "git fetch --unshallow brings the rest"
SEEN = "seen"
FIRST_LOOK = timedelta(days=7)
"""What counts as new for somebody who has never looked."""
LATELY = timedelta(hours=8)
RECENT_COMMITS = 100


def repository(session: Session) -> Repository:
    """The repository; raises Invalid where the vault has none."""
    if session.repo is None:
        raise Invalid("this vault has no git history", "git init, then planner commit")
    return session.repo


# ---- what changed ----------------------------------------------------------------------------------------------------


def revisions(
    session: Session,
    item: Item | None = None,
    *,
    field: str | None = None,
    ancestry: Ancestry = "all",
    rev: str = "HEAD",
) -> Iterator[Revision]:
    """Commits up to a revision with what each changed, newest first; of one item whatever ids and paths it has had.

    Where a `field` is named, only its changes and those of ids are told. `ancestry` is `all`, or `first-parent`: then a merge tells all that it brought, and nothing else is told of it.
    """
    from planner.store.eventlog import Source
    from planner.store.eventlog import revisions as read

    folder = places.cache_folder(session.root) / "history"
    tip = named(session, rev) if rev != "HEAD" else ""
    source = Source(repository(session), session.prefix, session.vault.config, folder, ancestry, tip)
    return read(source, item.id if item is not None else None, field)


def events(
    session: Session,
    item: Item | None,
    *,
    field: str | None = None,
    limit: int | None = None,
    since: str | None = None,
    ancestry: Ancestry = "all",
) -> Iterator[Event]:
    """Field changes, newest first; `since` as in `after`."""
    found = revisions(session, item, field=field, ancestry=ancestry)
    if since is not None:
        found = after(session, found, since)
    wanted = (
        event
        for revision in found
        for event in revision.events()
        if field is None or field in {event.field, field_of(event.field)}
    )
    return islice(wanted, limit) if limit is not None else wanted


def after(session: Session, found: Iterator[Revision], since: str, *, rev: str = "HEAD") -> Iterator[Revision]:
    """Those of newest-first revisions that came after a revision, since a day, or (`seen`) since the last look.

    Raises NotFound for what is none of these. Days go by the commits' own clocks, of which one may be wrong: reading
    ends only where many in a row are older.
    """
    repo = repository(session)
    moment: datetime | None = None
    if since == SEEN:
        mark = seen.read(places.seen_folder(session.root))
        first = (session.now() - FIRST_LOOK).replace(hour=0, minute=0, second=0, microsecond=0)
        base, moment = (mark.commit, mark.when) if mark is not None else ("", first)
    elif (base := _commit(repo, since)) == "" and (moment := moment_of(session, since, begin=True)) is None:
        raise NotFound(
            f"'{since}' is no commit and no day", "planner log --since yesterday, 2w, 2026-11-01, v1 or seen"
        )
    fresh = gone(repo, named(session, rev), base) if base else None
    if fresh is not None:
        return islice((revision for revision in found if revision.commit in fresh), len(fresh))
    return newer(found, moment or session.now())


def newer(found: Iterator[Revision], moment: datetime) -> Iterator[Revision]:
    """Those of newest-first revisions that are not older than a moment; reading ends where many in a row are."""
    older = 0
    for revision in found:
        older = older + 1 if revision.when < moment else 0
        if older > 100:
            return
        if not older:
            yield revision


def look(session: Session) -> None:
    """Remember that everything up to now has been looked at."""
    head = repository(session).head().commit
    if head is not None:
        seen.write(places.seen_folder(session.root), seen.Mark(head, session.now()))


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who changed the plan lately: when last, and which items, the newest first."""

    who: str
    when: datetime
    items: tuple[str, ...]


def presence(session: Session, within: timedelta = LATELY) -> tuple[Present, ...]:
    """Who changed what lately, as the commits here and those last fetched tell; not oneself, the newest first."""
    repo = session.repo
    if repo is None or repo.head().commit is None:
        return ()
    vault, since, me = session.vault, session.now() - within, session.me()
    tips = ["HEAD", *filter(None, [_commit(repo, "@{upstream}")])]
    found: dict[str, Present] = {}
    for commit, changed in changed_files(repo, tips, session.prefix, limit=RECENT_COMMITS):
        who = author(vault, commit.author_name, commit.author_email)
        if commit.when < since or who == me:
            continue
        files = (vault.files.get(path.removeprefix(session.prefix)) for path, _, _ in changed)
        ids = [file.item.id for file in files if file is not None and file.item is not None]
        before = found.get(who, Present(who, commit.when, ()))
        found[who] = Present(who, max(before.when, commit.when), tuple(dict.fromkeys((*before.items, *ids))))
    return tuple(sorted(found.values(), key=lambda one: one.when, reverse=True))


def starts(session: Session) -> datetime | None:
    """When the history of a shallow clone begins; None where it is whole."""
    edge = sorted(session.repo.shallow()) if session.repo is not None else []
    if session.repo is None or not edge:
        return None
    return max(commit.when for commit, _ in changed_files(session.repo, edge, walk=False))


def birth(session: Session, path: str) -> tuple[datetime | None, str]:
    """When a path was first committed and by which e-mail address; None where it never was."""
    if session.repo is None or session.repo.head().commit is None:
        return None, ""
    first: CommitInfo | None = None
    for commit in log(session.repo, paths=(session.prefix + path,)):
        first = commit
    return (first.when, first.author_email) if first and first.sha not in session.repo.shallow() else (None, "")


def difference(session: Session, old: str, new: str | None = None) -> tuple[FieldChange, ...]:
    """What differs between two revisions (or days), field by field, by the paths; None stands for the files as they are."""
    repo = repository(session)
    config, before = session.vault.config, _listed(session, repo, named(session, old))
    if new is None:
        after = {path: file.text for path, file in session.vault.files.items() if not file.unread}
        blobs = repo.blobs(set(before.values()))
    else:
        listed = _listed(session, repo, named(session, new))
        same = {path for path, oid in before.items() if listed.get(path) == oid}
        before = {path: oid for path, oid in before.items() if path not in same}
        blobs = repo.blobs({*before.values(), *(oid for path, oid in listed.items() if path not in same)})
        after = {path: _decoded(blobs[oid]) for path, oid in listed.items() if path not in same}
    then = {path: _decoded(blobs[oid]) for path, oid in before.items() if path != CONFIG_PATH}
    differ = {path for path in {**then, **after} if then.get(path) != after.get(path) and path != CONFIG_PATH}
    was, now = (
        {path: said(path, texts[path], config) for path in sorted(differ) if path in texts} for texts in (then, after)
    )
    return tuple(told(was, now))


def _listed(session: Session, repo: Repository, sha: str) -> dict[str, str]:
    """The vault's files in a commit, with their object ids."""
    paths = ((path.removeprefix(session.prefix), oid) for path, oid in repo.ls_tree(sha, session.prefix))
    return {path: oid for path, oid in paths if is_vault_file(path)}


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


# ---- the vault as it was ---------------------------------------------------------------------------------------------


def named(session: Session, text: str) -> str:
    """The commit that a revision names, else the last one of a day: `HEAD~3`, `v1`, `2026-11-01`, `yesterday`, `2w`.

    Raises NotFound with both ways of naming one.
    """
    repo = repository(session)
    if sha := _commit(repo, text):
        return sha
    moment = moment_of(session, text)
    if moment is None:
        raise NotFound(
            f"there is no commit '{text}', nor is it a day",
            "git log --oneline lists commits; a day is 2026-11-01, yesterday or 2w",
        )
    found = repo.run("rev-list", "-1", f"--before={moment.isoformat()}", "HEAD", "--").decode("ascii").strip()
    if not found:
        raise NotFound(f"nothing was committed by {moment:%Y-%m-%d %H:%M}", "name a later day")
    return found


def _commit(repo: Repository, text: str) -> str:
    """The commit a revision names, empty where it names none."""
    try:
        return repo.resolve(text)
    except NotFound:
        return ""


def moment_of(session: Session, text: str, *, begin: bool = False) -> datetime | None:
    """The end (or the beginning) of the past day that a word means, or the instant; None where it is no date.

    Where only the past can be meant `fri` is the last one, and `2w` and `2w ago` are two weeks back.
    """
    from planner.core.dates import resolve

    today = session.today()
    words = text.strip().removesuffix(" ago")
    try:
        when = resolve(words, today, session.vault.config.first_day_of_week)
    except ValueError:
        return None
    zone = session.now().tzinfo
    if isinstance(when, datetime):
        return when if when.tzinfo is not None else when.replace(tzinfo=zone)
    if when > today and not words[:4].isdigit():
        when = today - (when - today) if any(map(str.isdigit, words)) else when - timedelta(days=7)
    return datetime.combine(when, time() if begin else time(23, 59, 59), zone)


STEP = 500
"""Files that may differ between two revisions for the one to be made from the other."""


class Travel:
    """The vault at one revision after another: what is the same in both is neither read nor worked out again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: tuple[str, Vault] | None = None
        self._toml: str | None = ""
        self._config = Config()
        self._known: dict[tuple[str, str], ParsedFile] = {}

    def at(self, rev: str) -> Vault:
        """The vault as a commit, or the last one of a day, holds it, under the configuration it holds.

        Raises NotFound for what names no commit, Invalid where a text is not in this clone.
        """
        repo = repository(self._session)
        sha = named(self._session, rev)
        stepped = self._stepped(repo, *self._last, sha) if self._last is not None else None
        self._last = (sha, stepped if stepped is not None else self._whole(repo, sha))
        return self._last[1]

    def _stepped(self, repo: Repository, last: str, vault: Vault, sha: str) -> Vault | None:
        """The vault as the few files that differ make it of the one before; None where that is no small step."""
        found = between(repo, last, sha, self._session.prefix)
        paths = {path.removeprefix(self._session.prefix): oid for path, oid in found.items()}
        changed = {path: oid for path, oid in paths.items() if is_vault_file(path)}
        if CONFIG_PATH in changed or len(changed) > STEP:
            return None
        blobs = repo.blobs({oid for oid in changed.values() if oid is not None})
        if any(oid is not None and oid not in blobs for oid in changed.values()):
            return None
        return vault.apply({path: _decoded(blobs[oid]) if oid is not None else None for path, oid in changed.items()})

    def _whole(self, repo: Repository, sha: str) -> Vault:
        oids = _listed(self._session, repo, sha)
        toml = oids.pop(CONFIG_PATH, None)
        if toml != self._toml:
            self._known = {}
        wanted = {oid for path, oid in oids.items() if (path, oid) not in self._known}
        blobs = repo.blobs(wanted | ({toml} if toml is not None else set()))
        if lacking := [path for path, oid in oids.items() if oid in wanted and oid not in blobs]:
            raise Invalid(
                f"{lacking[0]} of {sha[:8]} is not in this clone", f"git archive {sha[:8]} >/dev/null fetches all of it"
            )
        if toml != self._toml:
            self._toml, self._config = toml, parse_config(_decoded(blobs[toml]) if toml is not None else None)
        files = {
            (path, oid): self._known.get((path, oid)) or parse_file(path, _decoded(blobs[oid]), self._config)
            for path, oid in sorted(oids.items())
        }
        self._known = files
        made = {path: file for (path, _), file in files.items()}
        return Vault(Shelf({path: row_of(file) for path, file in made.items()}, made.__getitem__, made), self._config)


def vault_at(session: Session, rev: str) -> Vault:
    """The vault as a commit, or the last one of a day, holds it; see `Travel`."""
    return Travel(session).at(rev)


def dated(session: Session, text: str) -> tuple[str, datetime]:
    """The commit that a revision or a day names, as `named` reads it, and when it was made."""
    commit = next(log(repository(session), named(session, text), limit=1))
    return commit.sha, commit.when


def weekly(session: Session, weeks: int) -> list[tuple[str, datetime]]:
    """The last commit of each of the last weeks (Monday to Sunday) that have any, the oldest first, with its time."""
    found: dict[tuple[int, int], tuple[str, datetime]] = {}
    for commit in log(repository(session)):
        week = commit.when.isocalendar()[:2]
        if week not in found and len(found) == weeks:
            break
        found.setdefault(week, (commit.sha, commit.when))
    return sorted(found.values(), key=lambda pair: pair[1])


def stops(session: Session) -> tuple[Stop, ...]:
    """The commits of this branch that changed the plan, the oldest first; a merge counts as one."""
    from planner.store.history import told_files
    from planner.views.travel import Stop

    repo, zone = repository(session), session.now().tzinfo
    found = [
        Stop(commit.sha, commit.when.astimezone(zone), commit.author_name, commit.subject)
        for commit, files in told_files(repo, ("HEAD",), session.prefix, ancestry="first-parent")
        if any(is_vault_file(file.path.removeprefix(session.prefix)) for file in files)
    ]
    return tuple(reversed(found))
