"""Which builder makes the page of each view of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.board import build_board
from tui.calendar import build_calendar
from tui.dashboard import build_dashboard
from tui.inbox import build_inbox
from tui.lists import build_agenda, build_today
from tui.page import Asked, Page
from tui.planreports import build_compare, build_risks, build_roadmap, build_workload
from tui.problems import build_problems
from tui.table import build_list
from tui.timeline import build_timeline

PAGES: Mapping[str, Callable[[Asked], Page]] = {
    "today": build_today,
    "agenda": build_agenda,
    "board": build_board,
    "calendar": build_calendar,
    "list": build_list,
    "problems": build_problems,
    "timeline": build_timeline,
    "dashboard": build_dashboard,
    "inbox": build_inbox,
    "workload": build_workload,
    "roadmap": build_roadmap,
    "risks": build_risks,
    "compare": build_compare,
}
