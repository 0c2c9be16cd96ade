"""How a vault begins: `init` in a folder of one's own, `demo` in a fresh one with a believable past."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

from planner.core.config import PATH as CONFIG_PATH
from planner.core.ids import slug
from planner.core.record import dataclass
from planner.errors import GitFailed, Invalid
from planner.store import attributes, trust
from planner.store.git import Identity, Repository, discover, discover_bare, with_trailers

TEMPLATES = ("personal", "team", "project")

_TOML = """\
[vault]
format = 1
name = "{name}"
first_day_of_week = "monday"

[workflow.default]
states = [
  {{name = "inbox", category = "triage"}},
  {{name = "todo", category = "unstarted"}},
  {{name = "doing", category = "started"{wip}}},
  {{name = "review", category = "started"}},
  {{name = "done", category = "completed"}},
  {{name = "dropped", category = "canceled"}},
]

[views.mine]
query = "assignee:me"
view = "board"
"""
_FIRST_TASK = """\
---
title: Try planner
status: todo
---
Three things to try:

- [ ] `planner add pay rent fri #home` captures something
- [ ] `planner` opens the board; `?` lists every key
- [ ] edit this file in any editor: the board follows
"""
_PROJECT = """\
---
kind: project
title: First project
lifecycle: planning
objectives:
  - text: What should be different when it is done?
---
What it is about, and what it is not about.
"""


HOOK = "hooks/pre-receive"
_HOOK = """\
#!/bin/sh
# Refuses a push that breaks the rules of the plan. It belongs into the shared repository, as hooks/pre-receive there,
# executable: `planner init --team REPOSITORY.git` puts it there. planner has to be installed on that machine.
failed=0
while read -r old new ref; do
  case "$new" in *[!0]*) ;; *) continue ;; esac
  case "$old" in *[!0]*) set -- --since "$old" ;; *) set -- ;; esac
  planner check --strict --plain --vault . --at "$new" "$@" || failed=1
done
exit $failed
"""
_PERSON = """\
---
kind: person
name: {name}
email: {email}
---
"""
_TEAM = """\
---
kind: team
name: {name}
lead: {me}
members: [{me}]
---
Who works on this plan. Everybody has a file in people/, with the e-mail address git knows them by.
"""


@dataclass(frozen=True, slots=True)
class Founded:
    """What `init` made: the folder, the files it wrote, the commit, and how to take it back."""

    root: Path
    files: tuple[str, ...]
    commit: str | None
    new_repository: bool

    @property
    def undo(self) -> str:
        """The command that takes it back."""
        if self.new_repository:
            names = " ".join(sorted({name.partition("/")[0] for name in self.files}))
            return f"cd {self.root} && rm -rf .git {names}"
        return f"git -C {self.root} revert --no-edit {self.commit or 'HEAD'}"


def init(folder: Path, *, template: str = "personal", examples: bool = True) -> Founded:
    """Make a vault in a folder, in the repository around it or in a new one, with one commit.

    Raises Invalid where there is one already, GitFailed where git does not know the user, NotTrusted where a repository
    found there could run programs of its own.
    """
    if template not in TEMPLATES:
        raise Invalid(f"there is no template '{template}'", f"use one of {', '.join(TEMPLATES)}")
    root = folder.expanduser().resolve()
    if (root / CONFIG_PATH).exists():
        raise Invalid(f"{root} is a vault already", "planner opens it")
    if root.exists() and not root.is_dir():
        raise Invalid(f"{root} is a file", "name a folder")
    root.mkdir(parents=True, exist_ok=True)
    repo = discover(root)
    new_repository = repo is None
    if repo is None:
        from git import Repo  # GitPython is good at this: it knows the user's init.defaultBranch and templates

        Repo.init(root, mkdir=False, expand_vars=False).close()
        repo = discover(root)
    if repo is None:
        raise GitFailed(f"git made no repository in {root}", "git init")
    _check_identity(repo, root, new_repository)
    if new_repository:
        trust.examine(repo).consent()  # hooks that the user's own template has put there
    repo = repo.vouched()
    texts = {
        name: text
        for name, text in _files(root, template, examples, repo.identity()).items()
        if not (root / name).exists()
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    exclude_temporaries(repo)
    attributes.set_up(repo)
    changes: dict[str, bytes | None] = {repo.prefix + name: text.encode() for name, text in texts.items()}
    commit = repo.commit(changes, with_trailers(f"init: a vault for {root.name}"), allow_detached=True)
    return Founded(root, tuple(texts), commit, new_repository)


def _check_identity(repo: Repository, root: Path, new_repository: bool) -> None:
    if repo.identity() is not None:
        return
    if new_repository:
        import shutil

        shutil.rmtree(root / ".git")
    raise GitFailed(
        "git does not know who you are, and every change is a commit in your name",
        "git config --global user.name 'Your Name'; git config --global user.email you@example.org",
    )


def guard(folder: Path) -> Path | None:
    """Write the hook that guards a plan's rules into a bare repository; None where the folder is none.

    Raises Invalid where it has a hook of its own.
    """
    bare = discover_bare(folder.expanduser().resolve())
    if bare is None or (folder / CONFIG_PATH).is_file():
        return None
    hook = Path(bare.git_dir) / HOOK
    if hook.exists() and hook.read_text(encoding="utf-8", errors="surrogateescape") != _HOOK:
        raise Invalid(f"{hook} is there already", "call `planner check --strict --at NEW --since OLD` in it")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK, encoding="utf-8")
    hook.chmod(0o755)
    return hook


def _team(root: Path, identity: Identity | None) -> dict[str, str]:
    """The founder, a team of one, and the hook to be put where everybody pushes to."""
    name, email = (identity.name, identity.email) if identity is not None else ("", "")
    me = slug(name) or slug(email.partition("@")[0]) or "me"
    quoted = json.dumps(name or me, ensure_ascii=False)
    return {
        f"people/{me}.md": _PERSON.format(name=quoted, email=json.dumps(email)),
        "teams/team.md": _TEAM.format(name=json.dumps(root.name, ensure_ascii=False), me=me),
        HOOK: _HOOK,
    }


def _files(root: Path, template: str, examples: bool, identity: Identity | None) -> dict[str, str]:
    name = root.name.replace("\\", "").replace('"', "")
    texts = {
        CONFIG_PATH: _TOML.format(name=name, wip="" if template == "personal" else ", wip = 5"),
        attributes.FILE: attributes.with_line(""),
    }
    if examples:
        texts["inbox/try-planner.md"] = _FIRST_TASK
    if template == "team":
        texts |= _team(root, identity)
    if template == "project":
        texts["projects/first-project/project.md"] = _PROJECT
    return texts


def exclude_temporaries(repo: Repository) -> bool:
    """Our temporary files live for a moment beside their targets; no `git status` should show them. Whether it was needed."""
    exclude = Path(repo.common_dir) / "info" / "exclude"
    line = ".planner-tmp-*"
    text = exclude.read_text(encoding="utf-8", errors="surrogateescape") if exclude.is_file() else ""
    if line in text.split("\n"):
        return False
    exclude.parent.mkdir(parents=True, exist_ok=True)
    gap = "" if not text or text.endswith("\n") else "\n"
    exclude.write_text(f"{text}{gap}{line}\n", encoding="utf-8", errors="surrogateescape")
    return True


def demo(folder: Path | None, today: date) -> Path:
    """A fresh vault with a history, in a new or empty folder; raises Invalid where it is neither."""
    from planner.store.demo import build, find_sample

    target = folder if folder is not None else Path(tempfile.mkdtemp(prefix="planner-demo-"))
    return build(find_sample(), target.expanduser(), today)
