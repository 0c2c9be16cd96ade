"""The timeline for other programs: each text is read back, by that format's own rules."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.core.vault import Vault
from planner.interop import mermaid, mspdi, sheet, svg
from tests.conftest import Claims
from tests.hard_strings import hard_strings
from tests.proof import FULL, times

TODAY = date(2026, 11, 25)  # a Wednesday
TOML = '[vault]\nname = "Web"\n[calendars.default]\nworking = "Mon-Fri 09:00-12:00 13:00-18:00"\n'
MS = {"p": mspdi.NAMESPACE}


def read_xml(text: str) -> ET.Element:
    """What we have written ourselves a moment ago."""
    return ET.fromstring(text)  # noqa: S314


def held(title: str = "Draft", **more: str) -> Vault:
    files = {
        "planner.toml": TOML,
        "projects/web/project.md": "---\nkind: project\ntitle: Web\n---\n",
        "projects/web/a.md": f"---\nid: aaa\nestimate: 2d\nassignee: ana\n---\n# {title}\n",
        "projects/web/b.md": "---\nid: bbb\ntitle: Build\nestimate: 3d\ndepends_on: [aaa SS+1d]\ndeadline: 2026-12-01\n---\n",
        "projects/web/c.md": "---\nid: ccc\ntitle: Home\nparent: bbb\nestimate: 1d\n---\n",
        "projects/web/m.md": "---\nid: mmm\ntitle: Out\nkind: milestone\ndepends_on: [aaa, ccc FF]\n---\n",
        "tasks/d.md": "---\nid: ddd\ntitle: Old\nstatus: done\ncompleted: 2026-11-20\nestimate: 1d\n---\n",
        "people/ana.md": "---\nname: Ana A.\n---\n",
    }
    return Vault.parse({**files, **{f"tasks/{name}.md": text for name, text in more.items()}})


def mermaid_rows(text: str) -> dict[str, list[str]]:
    """The facts of each task by title, as Mermaid's grammar splits them: at the first colon, then at commas."""
    found = {}
    for line in text.splitlines():
        title, colon, facts = line.strip().partition(" :")
        if colon:
            found[title] = facts.split(", ")
    return found


def test_mermaid_says_sections_dates_and_states() -> None:
    text = mermaid.export(held(), TODAY)
    assert text.startswith("gantt\n    title Web\n    dateFormat YYYY-MM-DDTHH:mm\n")
    assert re.findall(r"section (.*)", text) == ["Web", "No project"]
    rows = mermaid_rows(text)
    assert rows["Draft"] == ["crit", "aaa", "2026-11-25T09:00", "2026-11-26T18:00"]
    assert rows["Out"] == ["crit", "milestone", "mmm", "2026-11-26T18:00", "0d"]
    assert rows["Old"][0] == "done"


@pytest.mark.parametrize("title", ["a: b; c # d", "section x", "click here", "100%% sure", "<b>&amp;`x`", "end"])
def test_a_title_ends_nothing_and_starts_nothing_in_mermaid(title: str) -> None:
    text = mermaid.export(held(title), TODAY)
    line = next(line for line in text.splitlines() if "aaa" in line)
    said, _, facts = line.strip().partition(" :")
    assert facts.split(", ")[-3] == "aaa"
    assert not set(said) & set(":;#%<>`")
    assert said.split()[0] not in {"section", "click", "end"}


def sheet_rows(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text))]


def test_the_sheet_has_a_line_for_each_task_and_says_its_links() -> None:
    rows = {row["id"]: row for row in sheet_rows(sheet.export(held(), TODAY))}
    assert [*rows] == ["aaa", "bbb", "ccc", "mmm", "ddd"]
    assert rows["aaa"]["start"] == "2026-11-25T09:00"
    assert rows["bbb"]["depends_on"] == "aaa:SS+480m"
    assert rows["mmm"]["depends_on"] == "aaa ccc:FF"
    assert rows["ccc"]["level"] == "2"
    assert rows["bbb"]["deadline"] == "2026-12-01"
    assert (rows["ddd"]["progress"], rows["ddd"]["slack_days"]) == ("100%", "")


@pytest.mark.parametrize(
    "payload",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", '=HYPERLINK("http://x","y")', "＝1", "\t=1", "\r=1"],
)
def test_no_cell_becomes_a_formula(payload: str) -> None:
    assert sheet.safe(payload) == f"'{payload}"
    text = sheet.export(held(x=f"---\nid: xxx\ntitle: '{payload.strip()}'\n---\n".replace("''", "'")), TODAY)
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "@", "\t", "\r", "＝")) for cell in row)
    assert all(line.startswith('"') for line in text.splitlines() if line)


@given(st.text())
def test_a_safe_cell_keeps_its_text_behind_the_apostrophe(text: str) -> None:
    assert sheet.safe(text).removeprefix("'") == text.removeprefix("'") or sheet.safe(text) == f"'{text}"
    assert sheet.safe(text)[:1] not in {"=", "@", "\t", "\r"}


def test_numbers_stay_numbers() -> None:
    assert [sheet.safe(cell) for cell in ("-1.5", "+2", "-", "-1-2")] == ["-1.5", "+2", "'-", "'-1-2"]


def ms_tasks(text: str) -> dict[str, ET.Element]:
    root = read_xml(text.partition("\n")[2])
    return {task.findtext("p:Notes", "", MS): task for task in root.findall("p:Tasks/p:Task", MS)}


def test_project_xml_says_tasks_links_and_people() -> None:
    text = mspdi.export(held(), TODAY)
    tasks = ms_tasks(text)
    first, second = tasks["aaa"], tasks["bbb"]
    assert first.findtext("p:Name", "", MS) == "Draft"
    assert first.findtext("p:Duration", "", MS) == "PT16H0M0S"
    assert first.findtext("p:Start", "", MS) == "2026-11-25T09:00:00"
    link = second.find("p:PredecessorLink", MS)
    assert link is not None
    assert link.findtext("p:PredecessorUID", "", MS) == first.findtext("p:UID", "", MS)
    assert (link.findtext("p:Type", "", MS), link.findtext("p:LinkLag", "", MS)) == ("3", "4800")
    assert second.findtext("p:Summary", "", MS) == "1"
    assert tasks["mmm"].findtext("p:Milestone", "", MS) == "1"
    assert tasks["ddd"].findtext("p:ActualFinish", "", MS)[:10] == "2026-11-20"
    root = read_xml(text.partition("\n")[2])
    assert [name.text for name in root.findall("p:Resources/p:Resource/p:Name", MS)] == ["Ana A."]
    assert len(root.findall("p:Assignments/p:Assignment", MS)) == 1


TAGS = frozenset({"svg", "title", "rect", "line", "text", "g", "polygon", "path"})


@pytest.mark.proof
def test_hard_titles_stay_text_in_xml(claims: Claims) -> None:
    with claims("titles that stay text in SVG and in Project's XML", expect=times(120, 500)) as claim:
        for title in hard_strings()[:: 1 if FULL else 4]:
            vault = held(" ".join(title.split()) or "x")
            picture, project = svg.export(vault, TODAY), mspdi.export(vault, TODAY)
            tags = {element.tag.partition("}")[2] for element in read_xml(picture).iter()}
            claim.check(tags <= TAGS and len(ms_tasks(project)) >= 5 and "\x1b" not in picture + project, title)


def test_the_picture_shows_each_task_once_and_today() -> None:
    root = read_xml(svg.export(held(), TODAY))
    texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert {"Web", "No project", "Draft", "Build", "Home", "Out", "Old"} <= set(texts)
    assert sum(element.tag.endswith("}polygon") for element in root.iter()) == 1
    assert root.get("role") == "img"


def test_a_query_leaves_out_what_it_does_not_find() -> None:
    rows = sheet_rows(sheet.export(held(), TODAY, lambda item: item.id in {"aaa", "ccc"}))
    assert [(row["id"], row["level"]) for row in rows] == [("aaa", "1"), ("ccc", "1")]


@pytest.mark.parametrize("module", [mermaid, sheet, svg, mspdi])
def test_an_empty_plan_is_a_whole_document(module: object) -> None:
    text = module.export(Vault.parse({"planner.toml": TOML}), TODAY)  # type: ignore[attr-defined]  # each has one
    assert text.endswith("\n")
    if module in {svg, mspdi}:
        read_xml(text)
