from __future__ import annotations

from datetime import date

from planner.core.vault import Vault
from planner.query.language import parse_query
from planner.views import dashboard_words as words
from planner.views.dashboard import Dashboard, dashboard, dashboard_record

TODAY = date(2026, 11, 25)  # a Wednesday
TEXTS = {
    "planner.toml": '[workflow.default]\nstates = [{name = "inbox", category = "triage"}, "todo", {name = "doing", category = '
    '"started"}, {name = "done", category = "completed"}]\n[calendars.default]\nworking = "Mon-Fri 09:00-12:00 13:00-18:00"\n',
    "people/ana.md": "---\nid: ana\nname: Ana Horvat\n---\n",
    "people/bo.md": "---\nid: bo\nname: Bo\n---\n",
    "projects/web/project.md": "---\nid: web\nkind: project\ntitle: Web\nhealth: at_risk\ntarget_end: 2026-12-01\n---\n",
    "projects/old/project.md": "---\nid: old\nkind: project\ntitle: Old\nlifecycle: closed\n---\n",
    "projects/web/a.md": "---\nid: a\ntitle: A\nassignee: ana\ndue: 2026-11-23\nestimate: 1d\n---\n",
    "projects/web/b.md": "---\nid: b\ntitle: B\nstatus: doing\nassignee: bo\ndue: 2026-11-29\nestimate: 5d\ndepends_on: [a]\n---\n",
    "projects/web/c.md": "---\nid: c\ntitle: C\nstatus: done\nestimate: 6d\n---\n",
    "projects/web/m.md": "---\nid: m\nkind: milestone\ntitle: Out\ndue: 2026-12-01\ndepends_on: [b]\n---\n",
    "tasks/d.md": "---\nid: d\ntitle: D\ndue: 2026-11-30\nblocked_reason: no paper\nassignee: ana\nestimate: 40h\n---\n",
    "tasks/today.md": "---\nid: today\ntitle: T\ndue: 2026-11-25\n---\n",
    "inbox/e.md": "---\nid: e\nstatus: inbox\n---\nE\n",
    "tasks/gone.md": "---\nid: gone\narchived: true\ndue: 2026-11-01\n---\nG\n",
    "risks/r.md": "---\nid: r\nkind: risk\ntitle: Rain\nproject: web\nprobability: 4\nimpact: 5\nresponse: accept\n---\n",
    "risks/s.md": "---\nid: s\nkind: risk\ntitle: Snow\nprobability: 1\nimpact: 2\n---\n",
    "risks/past.md": "---\nid: past\nkind: risk\ntitle: Over\nprobability: 5\nimpact: 5\nbecame: x\n---\n",
}  # fmt: skip
VAULT = Vault.parse(TEXTS)
DONE = ((date(2026, 11, 24), "c"), (date(2026, 11, 23), "c"), (date(2026, 11, 22), "today"), (date(2026, 10, 1), "b"), (date(2026, 11, 24), "nowhere"))  # fmt: skip


def view(query: str = "", today: date = TODAY) -> Dashboard:
    return dashboard(VAULT, parse_query(query), today, finished=DONE)


def test_counts_are_of_work_that_is_planned_in_the_order_of_the_workflow() -> None:
    assert [(one.name, one.category, one.count) for one in view().statuses] == [
        ("inbox", "triage", 1), ("todo", "unstarted", 4), ("doing", "started", 1), ("done", "completed", 1)
    ]  # fmt: skip
    assert (view().shown, view().total) == (7, 7)
    assert (view("project:web").shown, view("project:web").total) == (4, 7)


def test_what_presses() -> None:
    found = view()
    assert [item.id for item in found.overdue] == ["a"]
    assert [item.id for item in found.due_this_week] == ["today", "b"]
    assert {item.id for item in found.blocked} == {"b", "m", "d"}
    assert [item.id for item in view(today=date(2026, 11, 30)).due_this_week] == ["d", "m"]


def test_a_project_states_its_health_and_its_work_tells_the_rest() -> None:
    (web,) = view().projects
    assert (web.item.id, web.health, web.open, web.overdue, web.blocked) == ("web", "at_risk", 3, 1, 2)
    assert web.progress == 0.5
    assert (web.finish, web.target) == (date(2026, 12, 2), date(2026, 12, 1))
    assert web.late == 1.0
    assert web.slip is None
    assert words.project(web, TODAY) == ("at risk", "50%", "1 overdue, 2 blocked", "→ 2 Dec", "+1d late")
    assert view("id:d").projects == ()


def test_milestones_ahead_with_their_forecast() -> None:
    (out,) = view().milestones
    assert (out.item.id, out.due, out.forecast, out.late) == ("m", date(2026, 12, 1), date(2026, 12, 2), 1.0)
    assert words.milestone(out, TODAY) == ("due Tue", "→ 2 Dec", "+1d late", "")


def test_who_has_too_much_in_what_is_left_of_the_week() -> None:
    found = {one.id: (one.name, one.cell.load > (one.cell.capacity or 0)) for one in view().over_allocated}
    assert found == {"ana": ("Ana Horvat", True)}
    assert {one.id for one in view("id:today").over_allocated} == {"ana"}


def test_open_risks_the_worst_first() -> None:
    assert [(risk.item.id, risk.band) for risk in view().risks] == [("r", "critical"), ("s", "low")]
    assert [risk.item.id for risk in view("project:web").risks] == ["r"]


def test_finished_work_by_week_each_item_once() -> None:
    assert [(week.start.isoformat(), week.done) for week in view().throughput[-2:]] == [
        ("2026-11-16", ("today",)),
        ("2026-11-23", ("c",)),
    ]
    assert len(view().throughput) == 6
    assert dashboard(VAULT, parse_query(""), TODAY).throughput == ()
    assert words.throughput(view()) == "W43 0 · W44 0 · W45 0 · W46 0 · W47 1 · W48 1"


def test_the_document() -> None:
    document = dashboard_record(view(), VAULT)
    assert document["schema"] == 1
    assert document["day"] == "2026-11-25"
    assert document["overdue"] == ["a"]
    assert document["milestones"] == [
        {"id": "m", "title": "Out", "due": "2026-12-01", "forecast": "2026-12-02", "late": 1.0, "slip": None}
    ]
    assert document["risks"] == [{"id": "r", "score": 20, "band": "critical"}, {"id": "s", "score": 2, "band": "low"}]
    assert {item["id"] for item in document["items"]} == {"web", "a", "b", "today", "d", "m", "r", "s"}  # type: ignore[index,union-attr,call-overload]


def test_nothing_is_nothing() -> None:
    empty = dashboard(Vault.parse({"planner.toml": ""}), parse_query(""), TODAY, finished=())
    assert (empty.statuses, empty.projects, empty.overdue, empty.over_allocated) == ((), (), (), ())
    assert empty.total == 0
