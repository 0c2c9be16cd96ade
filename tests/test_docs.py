"""The documents keep up with the code: everything that has a name is in the manual, tables are current, links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

from planner.commands import COMMANDS
from planner.core import config
from planner.core.fields import FIELDS
from planner.core.problems import PROBLEMS
from planner.core.workflow import CATEGORIES, State, Workflow
from planner.query.nodes import IS_WORDS
from planner.store.config import UserConfig
from tui.keys import KEYS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
MANUAL = ROOT / "planner/MANUAL.md"
HOUSE = ROOT / "planner/README.md"
DOCUMENTS = [
    README,
    MANUAL,
    HOUSE,
    ROOT / "CHANGELOG.md",
    ROOT / ".github/CONTRIBUTING.md",
    ROOT / "tests/README.md",
    ROOT / "tui/README.md",
    ROOT / "sample-vault/README.md",
]

_FENCE = re.compile(r"(?ms)^( *)```.*?^\1```$|^    .*?$")
_LINK = re.compile(r"!?\[[^\]]*\]\((?:<([^>]+)>|([^)\s]+))\)")


def tables() -> ModuleType:
    """The script beside this file that makes the manual's tables."""
    spec = importlib.util.spec_from_file_location("tables", ROOT / "tests/tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def manual() -> str:
    return MANUAL.read_text(encoding="utf-8")


def chapter(text: str, title: str) -> str:
    """A chapter of the manual, from its heading to the next."""
    return re.split(r"(?m)^## ", text.partition(f"\n## {title}\n")[2], maxsplit=1)[0]


def links(document: Path) -> Iterator[str]:
    """Where a document's links lead, code left out."""
    for match in _LINK.finditer(_FENCE.sub("", document.read_text(encoding="utf-8"))):
        yield match[1] or match[2]


def anchors(document: Path) -> set[str]:
    """What `#…` may say: headings in lower case, blanks as dashes, other signs left out."""
    headings = re.findall(r"(?m)^#+ (.*)$", _FENCE.sub("", document.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_tables_are_what_the_code_says() -> None:
    assert [path.name for path in tables().stale()] == []


def test_every_table_stands_in_a_document() -> None:
    module = tables()
    shown = {name for path in module.DOCS for name in module.marked((ROOT / path).read_text(encoding="utf-8"))}

    assert shown == set(module.TABLES)


def test_a_stale_table_is_noticed_and_mended(tmp_path: Path) -> None:
    module = tables()
    (tmp_path / "README.md").write_text(
        "above\n<!-- words -->\nold\n<!-- /words -->\n<!-- mine -->\nx\n<!-- /mine -->\n"
    )

    (path, text), *others = module.stale(tmp_path).items()

    assert path == tmp_path / "README.md"
    assert text.startswith("above\n<!-- words -->\n| word | which items |\n|---|---|\n| `is:open` |")
    assert text.endswith("|\n<!-- /words -->\n<!-- mine -->\nx\n<!-- /mine -->\n")
    assert others == []


def test_a_cell_may_hold_a_bar_and_an_empty_column_is_left_out() -> None:
    assert (
        tables().table(("a", "b", "c"), [("1|2", "", "x"), ("3", "", "")])
        == "| a | c |\n|---|---|\n| 1\\|2 | x |\n| 3 | |\n"
    )


def test_every_field_is_in_the_manual(manual: str) -> None:
    named = [name for row in FIELDS.values() for name in (row.name, *row.aliases)]

    assert [name for name in named if f"`{name}`" not in chapter(manual, "Fields")] == []


def test_every_fault_is_in_the_manual(manual: str) -> None:
    assert [code for code in PROBLEMS if f"| `{code}` |" not in chapter(manual, "Faults")] == []


def test_every_key_is_in_the_manual(manual: str) -> None:
    assert [key.id for key in KEYS if f"| {key.id} |" not in chapter(manual, "Keys")] == []


def test_every_command_is_in_the_manual(manual: str) -> None:
    verbs = {*COMMANDS, *(name for name, _, _ in tables().every_command())}

    assert [verb for verb in verbs if not re.search(rf"\| `planner {verb}\b", chapter(manual, "Commands"))] == []


def test_every_query_word_is_in_the_manual(manual: str) -> None:
    assert [word for word in IS_WORDS if f"`is:{word}`" not in chapter(manual, "Queries")] == []


def test_every_setting_of_a_vault_is_in_the_manual(manual: str) -> None:
    derived = {
        "levels",
        "workflow",
        "workflows",
        "calendars",
        "views",
        "custom",
        "commit",
        "sync",
        "problems",
        "text",
    }  # named by their sections
    top = {field.name for field in fields(config.Config)} - derived | {"priorities"}
    below = {
        field.name
        for table in (config.SavedView, config.CommitConfig, config.SyncConfig, Workflow)
        for field in fields(table)
    }
    states = {field.name for field in fields(State)}
    text = chapter(manual, "planner.toml")

    assert [name for name in sorted(top | (below - {"name"})) if f"`{name}`" not in text] == []
    assert [name for name in states if not re.search(rf"\b{name}\b", text)] == []
    assert [name for name in CATEGORIES if f"`{name}`" not in text] == []


def test_every_setting_of_a_person_is_in_the_manual(manual: str) -> None:
    text = chapter(manual, "Your own settings")

    assert [field.name for field in fields(UserConfig) if f"| `{field.name}` |" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    dead = []
    for link in links(document):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)

    assert dead == []


def test_the_short_documents_stay_short() -> None:
    assert README.read_text(encoding="utf-8").count("\n") < 300
    assert HOUSE.read_text(encoding="utf-8").count("\n") <= 150


def test_the_rooms_the_house_page_shows_exist() -> None:
    for name in re.findall(r"`((?:core|query|store|views|commands|cli)/\w+\.py)", HOUSE.read_text(encoding="utf-8")):
        assert (ROOT / "planner" / name).is_file(), name


def test_the_changelog_has_the_version_of_the_program() -> None:
    from planner import __version__

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## [{__version__}]" in text
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
