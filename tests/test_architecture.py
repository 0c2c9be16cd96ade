"""Who may import whom, as an executable picture; and what starting the command line must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FLOORS = (
    {"errors"},
    {"core"},
    {"plan"},
    {"query", "store"},
    {"commands", "views", "interop"},
    {"session"},
    {"cli", "lsp", "mcp", "web", "tui"},
)
"""From the ground up; a room imports from its own floor only itself, from the floors below anything.

The modules that stand directly in planner/ (landing, history …) are the session's room, `errors` aside.
"""

PURE = {"core", "plan", "query", "commands", "views", "interop"}
SKINS = FLOORS[-1]
SAME_FLOOR = {
    ("cli", "tui"): "the command line starts the others, inside a function",
    ("cli", "lsp"): "the command line starts the others, inside a function",
    ("cli", "mcp"): "the command line starts the others, inside a function",
    ("cli", "web"): "the command line starts the others, inside a function",
}
STORE_ALLOWED = {
    "planner.store.config": "the user's own settings belong to no vault, so no session holds them",
    "planner.store.git.GitBusy": "a commit that has to wait is no failure, and has a type of its own",
}
"""What skins may take from the store, each with its reason; everything else goes through the session."""
HEAVY = ("textual", "git", "markdown_it", "yaml", "watchdog", "dateutil", "mcp", "pygls")


def modules() -> list[Path]:
    return sorted(path for folder in ("planner", "tui") for path in (ROOT / folder).rglob("*.py"))


def room(module: str) -> str | None:
    """The room of a dotted name: `core` of `planner.core.parse`; None outside the house and at its door."""
    parts = module.split(".")
    if parts[0] == "tui":
        return "tui"
    if parts[0] != "planner" or len(parts) == 1 or parts[1] in {"__main__", "__version__"}:
        return None
    return parts[1] if parts[1] == "errors" or (ROOT / "planner" / parts[1]).is_dir() else "session"


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def imports(path: Path) -> Iterator[str]:
    """Every absolute module name a file imports, wherever in it, those for the type checker alone included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


def test_every_room_has_its_floor() -> None:
    rooms = {name for path in modules() if (name := room(dotted(path))) is not None}
    assert rooms <= {name for names in FLOORS for name in names}


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_a_room_imports_only_from_floors_below(path: Path) -> None:
    here = room(dotted(path))
    for name in imports(path):
        there = room(name)
        if here is None or there is None or there == here or (here, there) in SAME_FLOOR:
            continue
        assert floor(there) < floor(here), f"{here} imports {name}"
        assert there != "store" or here not in PURE, f"{here} is pure, and imports {name}"
        allowed = here not in SKINS or name.startswith(tuple(STORE_ALLOWED))
        assert there != "store" or allowed, f"{here} imports {name}: a skin goes through the session"


def test_only_the_store_asks_the_disk_and_starts_processes() -> None:
    forbidden = {"os", "subprocess", "shutil", "tempfile", "pathlib", "socket", "git"}
    for path in modules():
        if room(dotted(path)) in PURE:
            assert not {name.split(".")[0] for name in imports(path)} & forbidden, path


@pytest.mark.parametrize("allowed", STORE_ALLOWED)
def test_every_exception_is_still_needed(allowed: str) -> None:
    skins = (path for path in modules() if room(dotted(path)) in SKINS)
    assert any(name.startswith(allowed) for path in skins for name in imports(path))


@pytest.mark.parametrize("module", ["planner.cli.app", "planner.session", "planner.commands", "planner.views.board"])
def test_starting_loads_nothing_heavy(module: str) -> None:
    script = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
