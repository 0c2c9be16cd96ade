"""The sample vault, read with nothing but the standard library and PyYAML: believable, and faulty in three places only."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

VAULT = Path(__file__).parents[1] / "sample-vault"
BASE = date(2026, 11, 25)
ID = re.compile(r"[bcdfghjkmnpqrstvwxz][23456789bcdfghjkmnpqrstvwxz]{5}")
REFERENCES = ("goal", "milestone", "parent", "template", "duplicate_of", "project", "area")
PERSONS = ("owner", "requester", "sponsor", "lead", "delegated_by")
PEOPLE = ("assignee", "reviewers", "watchers", "members")

Header = dict[str, object]


def files() -> list[Path]:
    return sorted(VAULT.rglob("*.md"))


def items() -> list[Path]:
    return [path for path in files() if path.name != "README.md" and path.parent.name not in {"notes", "baselines"}]


def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")


def split(path: Path) -> tuple[str, str]:
    """The header's YAML and the body; a file without a header is all body."""
    match = re.match(r"---\n(.*?)\n---\n?(.*)", text(path), re.DOTALL)
    return (match[1], match[2]) if match else ("", text(path))


def header(path: Path) -> Header:
    """The header as texts and lists of texts; dates and numbers stay what the file says."""
    loaded = yaml.load(split(path)[0], Loader=yaml.BaseLoader) or {}  # noqa: S506  BaseLoader makes only text
    assert isinstance(loaded, dict)
    return loaded


def sound() -> dict[Path, Header]:
    """Every item whose header is valid YAML."""
    return {path: header(path) for path in items() if "call-printer" not in path.name}


def words(value: object) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list) else [] if value is None else [str(value)]


def id_of(path: Path, head: Header) -> str:
    return str(head.get("id") or (path.parent.name if path.name in {"project.md", "area.md"} else path.stem))


def test_there_are_60_to_80_files_of_every_kind_and_four_people() -> None:
    assert 60 <= len(files()) <= 80
    assert [path.stem for path in sorted((VAULT / "people").iterdir())] == ["ana", "bo", "kim", "yuki"]
    folders = {path.relative_to(VAULT).parts[0] for path in files()}
    assert folders == {
        *("README.md", "archive", "areas", "baselines", "goals", "inbox", "notes", "people"),
        *("projects", "reports", "tasks", "teams", "templates"),
    }


def test_ids_are_distinct_well_formed_and_short_to_type() -> None:
    ids = [str(head["id"]) for head in sound().values() if "id" in head]
    assert len(ids) > 45
    assert all(ID.fullmatch(id_) for id_ in ids)
    assert len({id_[:2] for id_ in ids}) == len(ids)
    for path, head in sound().items():
        assert path.stem.endswith(f"-{head['id']}") if "id" in head else not ID.fullmatch(path.stem[-6:])


def test_the_statuses_are_spread_and_one_column_is_full() -> None:
    found = Counter(str(head["status"]) for head in sound().values() if "status" in head)
    config = tomllib.loads((VAULT / "planner.toml").read_text())
    states = {state["name"]: state for state in config["workflow"]["default"]["states"]}
    assert set(found) == set(states)
    assert found["doing"] == states["doing"]["wip"]
    assert found["review"] == 4
    assert found["dropped"] == 2
    assert found["done"] >= 12
    assert found["todo"] >= 20
    assert len(list((VAULT / "inbox").iterdir())) == 5


def test_due_dates_are_late_today_soon_later_and_never() -> None:
    opened = [head for head in sound().values() if head.get("status") == "todo" or head.get("status") == "doing"]
    days = [
        date.fromisoformat(str(head["due"])) - BASE for head in opened if head.get("due") not in {None, "2026-02-30"}
    ]
    assert any(day < timedelta(0) for day in days)
    assert any(day == timedelta(0) for day in days)
    assert any(timedelta(0) < day <= timedelta(2) for day in days)
    assert any(timedelta(7) < day < timedelta(30) for day in days)
    assert any(day > timedelta(45) for day in days)
    assert any("due" not in head for head in opened)


def test_what_has_happened_lies_before_any_day_that_the_demo_may_call_today() -> None:
    for path in items():
        found = re.findall(r"^(?:completed: |submitted: |- )(\d{4}-\d{2}-\d{2})[T ]", text(path), re.MULTILINE)
        assert all(date.fromisoformat(day) <= BASE - timedelta(days=4) for day in found), path
        logged = re.findall(r"^- (\d{4}-\d{2}-\d{2} \d{2}:\d{2}) (\w+): ", split(path)[1], re.MULTILINE)
        assert [when for when, _ in logged] == sorted(when for when, _ in logged), path
        assert {who for _, who in logged} <= {"ana", "bo", "kim", "yuki"}
        if "household" not in path.parts:
            assert all(date.fromisoformat(when[:10]).weekday() < 5 for when, _ in logged), path


def test_everything_the_program_can_show_is_there() -> None:
    everything = "\n".join(text(path) for path in files())
    for sign in (
        *(" FS-2d]", " SS+2d]", " FF+2d]", " SF]", " FS+1ed]", "kind: risk", "kind: milestone", "kind: request"),
        *(
            "recurrence: every 2w mon",
            "recurrence: FREQ=",
            "recurrence_mode: completion",
            "recurrence_mode: schedule\n",
        ),
        *("recurrence_mode: schedule_keep", "estimate: 2d/4d/10d", "blocked_reason:", "rank: a1V", "key_results:"),
        *("priority: urgent", "priority: high", "priority: medium", "priority: low", "[[Paper for the maps]]"),
        *("success_criteria:", "deliverables:", "stakeholders:", "leave: [", "skills: {", "constraint: SNET "),
        *("地図タイルの更新", "חיפה", "Großer", "🚲", "approvals:", "watchers:", "customer:", "spent:", "wait:"),
    ):
        assert sign in everything, sign


def test_files_as_people_really_write_them() -> None:
    by_name = {path.name: path.read_bytes() for path in files()}
    windows = [name for name, data in by_name.items() if b"\r" in data]
    assert len(windows) == 1
    assert by_name[windows[0]].count(b"\r\n") == by_name[windows[0]].count(b"\n")
    assert len([name for name, data in by_name.items() if data.startswith(b"\xef\xbb\xbf")]) == 1
    assert len([name for name, data in by_name.items() if not data.endswith(b"\n")]) == 1
    attributes = (VAULT / ".gitattributes").read_text().splitlines()
    windows_path = next(path.relative_to(VAULT) for path in files() if path.name == windows[0])
    assert attributes == ["*.md merge=planner", f"{windows_path} -text"]


def test_nothing_is_hidden_in_any_file() -> None:
    hidden = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]")
    assert not [path for path in files() if hidden.search(text(path))]


def test_fault_one_is_the_only_reference_to_nothing() -> None:
    known = {id_of(path, head) for path, head in sound().items()}
    known.add("mzf27p")  # the file with the faulty title
    unknown = set()
    for path, head in sound().items():
        named = [word.split(" ")[0] for word in words(head.get("depends_on"))]
        named += [word for key in REFERENCES for word in words(head.get(key))]
        unknown |= {(path.name, name) for name in named if name not in known}
    assert unknown == {("switch-parcel-service-t2tc5c.md", "rx4nzd")}


def test_fault_two_is_the_only_date_that_does_not_exist() -> None:
    wrong = []
    for path in files():
        for day in re.findall(r"\b\d{4}-\d{2}-\d{2}\b", split(path)[0]):
            try:
                date.fromisoformat(day)
            except ValueError:
                wrong.append((path.name, day))
    assert wrong == [("bank-certificate-znv38f.md", "2026-02-30")]


def test_fault_three_is_the_only_header_that_is_no_yaml() -> None:
    broken = []
    for path in files():
        try:
            yaml.safe_load(re.sub(r"2026-02-30", "2026-02-28", split(path)[0]))
        except yaml.YAMLError:
            broken.append(path.name)
    assert broken == ["call-printer-mzf27p.md"]
    assert "title: Call printer: paper stock?" in split(next(VAULT.rglob(broken[0])))[0].splitlines()


def test_only_people_of_the_vault_are_named() -> None:
    people = {"ana", "bo", "kim", "yuki"}
    for path, head in sound().items():
        named = [word for key in (*PERSONS, *PEOPLE) for word in words(head.get(key))]
        assert set(named) <= people, path
        for key in ("team", "deliverables"):
            rows = head.get(key)
            for row in rows if isinstance(rows, list) else []:
                assert {row[name] for name in ("person", "owner") if name in row} <= people, path


def test_nobody_waits_for_themselves_and_no_work_began_before_what_it_waits_for() -> None:
    heads = {id_of(path, head): head for path, head in sound().items()}
    waits = {id_: [word.split(" ")[0] for word in words(head.get("depends_on"))] for id_, head in heads.items()}

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        return any(
            step == goal or (step not in seen and reaches(step, goal, seen | {step})) for step in waits.get(start, [])
        )

    assert not [id_ for id_ in waits if reaches(id_, id_, {id_})]
    for id_, head in heads.items():
        if head.get("status") in {"doing", "review", "done"}:
            assert all(heads[step].get("status") == "done" for step in waits[id_]), id_


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\((?:<([^>]+)>|([^)\s]+))\)", text(path))
    targets = [one or other for one, other in links]
    assert all((path.parent / target).exists() for target in targets if not target.startswith("https://")), targets


def test_the_readme_names_the_three_faults() -> None:
    faults = (VAULT / "README.md").read_text(encoding="utf-8").split("## Faults on purpose")[1]
    assert len(re.findall(r"^\d\. ", faults, re.MULTILINE)) == 3
    assert all(word in faults for word in ("rx4nzd", "2026-02-30", "Call printer: paper stock?"))
