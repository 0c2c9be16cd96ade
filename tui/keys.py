"""Every key of the terminal interface, once, as data: dispatch, footer, key screen and manual read this table.

A chord is written as the keycaps say it, its strokes apart by blanks: `j`, `G`, `?`, `ctrl+d`, `g b`. Strokes that
print nothing carry Textual's names (`enter`, `pagedown`). Adding a key is adding a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from planner.core.record import dataclass, replace
from planner.errors import ConfigError
from tui.catalog import CATALOG

VIEWS = frozenset(view.name for view in CATALOG)
BOARD = frozenset({"board"})
LIST = frozenset({"list"})
TIME = frozenset({"calendar"})
DAYS = TIME | {"today", "agenda"}
COLUMNS = frozenset({"board", "list"})
FOLDS = COLUMNS | {"today", "agenda"}
TIMELINE = frozenset({"timeline", "roadmap"})
INBOX = frozenset({"inbox"})
DETAIL = frozenset({"detail"})
PAST = frozenset({"past"})
EVERYWHERE = VIEWS | DETAIL

REASONS: Mapping[str, str] = {
    "item": "there is no item under the cursor",
    "lanes": "there is no lane or group here",
    "history": "no other view was open before",
    "sought": "nothing was filtered for yet",
    "change": "nothing was changed yet that could be repeated",
}
"""Why a key may do nothing just now, by the name in `Key.needs`."""

INDISTINCT = frozenset({"ctrl+i", "ctrl+m", "ctrl+h", "ctrl+enter", "shift+enter", "ctrl+left_square_bracket"})
"""Strokes that many terminals send as another key, or not at all."""


@dataclass(frozen=True, slots=True)
class Key:
    """One thing a key does: `action` in Textual's action syntax, in the contexts (views, panes) of `where`."""

    id: str
    keys: tuple[str, ...]
    action: str
    help: str
    group: str
    where: frozenset[str] = VIEWS
    needs: str = ""
    hint: str = ""
    """The word for the footer; without one the key is not shown there."""


KEYS: tuple[Key, ...] = (
    Key("move.down", ("j", "down"), "cursor('down')", "Next one below", "move"),
    Key("move.up", ("k", "up"), "cursor('up')", "Next one above", "move"),
    Key("move.left", ("h", "left"), "cursor('left')", "Column to the left", "move"),
    Key("move.right", ("l", "right"), "cursor('right')", "Column to the right", "move"),
    Key("move.first", ("g g", "home"), "cursor('first')", "First one", "move"),
    Key("move.last", ("G", "end"), "cursor('last')", "Last one", "move"),
    Key("move.half-down", ("ctrl+d",), "cursor('half_down')", "Half a screen down", "move"),
    Key("move.half-up", ("ctrl+u",), "cursor('half_up')", "Half a screen up", "move"),
    Key("move.page-down", ("pagedown",), "cursor('page_down')", "A screen down", "move"),
    Key("move.page-up", ("pageup",), "cursor('page_up')", "A screen up", "move"),
    Key("detail.down", ("j", "down"), "scroll_item(1)", "Scroll down", "move", DETAIL),
    Key("detail.up", ("k", "up"), "scroll_item(-1)", "Scroll up", "move", DETAIL),
    Key("detail.page-down", ("pagedown", "ctrl+d"), "scroll_item(10)", "Scroll down by ten lines", "move", DETAIL),
    Key("detail.page-up", ("pageup", "ctrl+u"), "scroll_item(-10)", "Scroll up by ten lines", "move", DETAIL),
    Key("detail.next", ("tab",), "spot(1)", "Next step or link", "move", DETAIL),
    Key("detail.previous", ("shift+tab",), "spot(-1)", "Step or link before", "move", DETAIL),
    Key("detail.tick", ("space",), "toggle_step", "Tick the step, or take the tick away", "item", DETAIL, hint="tick"),
    Key("detail.follow", ("enter",), "follow", "Follow the link", "item", DETAIL, hint="follow"),
    Key("detail.back", ("backspace",), "back_item", "Back to the item before", "views", DETAIL, hint="back"),
    *(Key(f"view.{one.name}", one.chords, f"view({one.name!r})", one.title, "views", EVERYWHERE) for one in CATALOG),
    Key("view.next", ("]",), "step_view(1)", "Next view", "views"),
    Key("view.previous", ("[",), "step_view(-1)", "Previous view", "views"),
    Key("view.back", ("backspace",), "back_view", "View before this one", "views", needs="history"),
    Key("view.saved", ("V",), "saved", "Saved views", "views", EVERYWHERE),
    Key("find.filter", ("/",), "filter", "Filter while typing", "find", hint="filter"),
    Key("find.next", ("n",), "match(1)", "Next item that the filter found", "find", needs="sought"),
    Key("find.previous", ("N",), "match(-1)", "Item before that the filter found", "find", needs="sought"),
    Key("find.jump", ("f",), "hints", "Jump to anything in view by its letter", "find", needs="item"),
    Key("find.line", (":",), "line", "A line in the words of the shell; an id goes there", "find", EVERYWHERE),
    Key("find.palette", ("ctrl+p",), "palette", "Anything by its name", "find", EVERYWHERE),
    Key("item.add", ("a",), "add", "Add here: in this column, on this day", "item", hint="add"),
    Key("item.open", ("enter",), "open", "Open", "item", hint="open"),
    Key("item.peek", ("p",), "peek", "Preview beside", "item"),
    Key("item.edit", ("e",), "edit", "Edit the file in $EDITOR", "item", EVERYWHERE, "item", "edit"),
    Key("item.title", ("i",), "title", "Edit the title in its place", "item", EVERYWHERE, "item"),
    Key("item.child", ("A",), "add_child", "Add a part of it", "item", EVERYWHERE, "item"),
    Key("item.done", ("x",), "done", "Done, or open again", "item", EVERYWHERE, "item", "done"),
    Key("item.status", ("s",), "status", "Choose a status", "item", EVERYWHERE, "item", "status"),
    Key("item.archive", ("D",), "archive", "Archive; what is archived already is deleted", "item", EVERYWHERE, "item"),
    Key("item.repeat", (".",), "repeat", "Repeat the newest change", "item", EVERYWHERE, "change"),
    Key("field.due", ("d",), "day('due')", "Due", "fields", EVERYWHERE, "item", "due"),
    Key("field.scheduled", ("S",), "day('scheduled')", "Scheduled", "fields", EVERYWHERE, "item"),
    Key("field.wait", ("w",), "day('wait')", "Wait until", "fields", EVERYWHERE, "item"),
    Key("field.priority", ("!",), "priority", "Priority", "fields", EVERYWHERE, "item"),
    Key("field.assignee", ("@",), "assign", "Assign to people", "fields", EVERYWHERE, "item", "who"),
    Key("field.tags", ("#",), "tags", "Tags", "fields", EVERYWHERE, "item", "tags"),
    Key("field.project", ("P",), "project", "Project", "fields", EVERYWHERE, "item"),
    Key("field.modify", ("m",), "modify", "Change many fields by one line", "fields", EVERYWHERE, "item", "modify"),
    Key("field.blocker", ("b",), "blocker", "Choose what it waits for", "fields", EVERYWHERE - TIMELINE, "item"),
    Key("field.chain", ("B",), "chain", "What it waits for, and what waits for it", "fields", EVERYWHERE, "item"),
    Key("field.clock", ("c",), "clock", "Start or stop the clock", "fields", EVERYWHERE, "item"),
    Key("yank.id", ("y i", "y y"), "yank('ids')", "Copy the id", "yank", EVERYWHERE, "item"),
    Key("yank.link", ("y l",), "yank('links')", "Copy a link", "yank", EVERYWHERE, "item"),
    Key("yank.markdown", ("y m",), "yank('markdown')", "Copy as a Markdown list", "yank", EVERYWHERE, "item"),
    Key("yank.mermaid", ("y g",), "yank('mermaid')", "Copy as a Mermaid graph", "yank", EVERYWHERE, "item"),
    Key("arrange.left", ("H",), "shift_status(-1)", "Status before", "arrange", COLUMNS, "item"),
    Key("arrange.right", ("L",), "shift_status(1)", "Status after", "arrange", COLUMNS, "item", "move"),
    Key("arrange.down", ("J",), "shift_rank(1)", "Rank lower", "arrange", BOARD, "item"),
    Key("arrange.up", ("K",), "shift_rank(-1)", "Rank higher", "arrange", BOARD, "item"),
    Key("arrange.lanes", ("\\",), "lanes", "Choose lanes or groups", "arrange", BOARD | LIST),
    Key("arrange.order", ("o",), "sort", "Choose the order", "arrange", BOARD | LIST),
    Key("arrange.columns", ("C",), "columns", "Choose the columns", "arrange", LIST),
    Key("arrange.fold", ("z",), "fold", "Fold or unfold the lane or group", "arrange", FOLDS, "lanes"),
    Key("arrange.more", ("+",), "density(1)", "More detail", "arrange", BOARD),
    Key("arrange.less", ("-",), "density(-1)", "Less detail", "arrange", BOARD),
    Key("time.earlier", ("H",), "shift_days(-1)", "A day earlier", "time", DAYS, "item"),
    Key("time.later", ("L",), "shift_days(1)", "A day later", "time", DAYS, "item", "move"),
    Key("time.today", ("T",), "go_today", "Today", "time", TIME | TIMELINE),
    Key("time.go", ("g D",), "go_date", "Go to a date", "time", TIME | TIMELINE),
    Key("time.before", ("<",), "step_time(-1)", "Month or week before", "time", TIME),
    Key("time.after", (">",), "step_time(1)", "Month or week after", "time", TIME, hint="step"),
    Key("time.nearer", ("+",), "zoom(1)", "Nearer: a week", "time", TIME),
    Key("time.further", ("-",), "zoom(-1)", "Further: a month", "time", TIME),
    Key("past.travel", ("t",), "travel", "Time travel: any view as it was, commit by commit", "past", EVERYWHERE),
    Key("past.back", ("left",), "travel_step(-1)", "A commit back", "past", PAST, hint="commit"),
    Key("past.on", ("right",), "travel_step(1)", "A commit on", "past", PAST),
    Key("past.day-back", ("[",), "travel_days(-1)", "A day back", "past", PAST, hint="day"),
    Key("past.day-on", ("]",), "travel_days(1)", "A day on", "past", PAST),
    Key("past.week-back", ("{", "shift+left"), "travel_days(-7)", "A week back", "past", PAST, hint="week"),
    Key("past.week-on", ("}", "shift+right"), "travel_days(7)", "A week on", "past", PAST),
    Key("past.oldest", ("home",), "travel_edge('oldest')", "The oldest commit", "past", PAST, hint="oldest/now"),
    Key("past.now", ("end",), "travel_edge('now')", "Now", "past", PAST),
    Key("bar.earlier", ("H",), "shift_bar(-1)", "Start one unit of the zoom earlier", "bars", TIMELINE, "item"),
    Key("bar.later", ("L",), "shift_bar(1)", "Start one unit later", "bars", TIMELINE, "item", "move"),
    Key("bar.shorter", ("(",), "stretch_bar(-1)", "End one unit earlier", "bars", TIMELINE, "item"),
    Key("bar.longer", (")",), "stretch_bar(1)", "End one unit later", "bars", TIMELINE, "item", "end"),
    Key("bar.link", ("b",), "link_bars", "Link two bars, or part them", "bars", TIMELINE, "item", "link"),
    Key(
        "bar.what-if", ("W",), "what_if", "What-if: begin to try; keep what was tried", "bars", TIMELINE, "", "what-if"
    ),
    Key("bar.in", ("+",), "scale(1)", "Zoom in", "bars", TIMELINE),
    Key("bar.out", ("-",), "scale(-1)", "Zoom out", "bars", TIMELINE, "", "zoom"),
    Key("bar.back", ("<",), "pan(-1)", "Pan to earlier", "bars", TIMELINE),
    Key("bar.on", (">",), "pan(1)", "Pan to later", "bars", TIMELINE, "", "pan"),
    Key("bar.bar", ("g x",), "pan_to_bar", "The bar under the cursor into view", "bars", TIMELINE),
    Key("bar.critical", ("C",), "critical", "Critical path on or off", "bars", TIMELINE),
    Key("bar.fold", ("z",), "fold_row", "Fold or unfold the row", "bars", TIMELINE),
    Key("bar.fold-all", ("Z",), "fold_rows", "Fold or unfold all rows", "bars", TIMELINE),
    Key("bar.lanes", ("\\",), "time_lanes", "Groups by project, person or goal", "bars", TIMELINE),
    Key(
        "inbox.accept",
        ("+",),
        "accept",
        "Accept; what waits for your approval is approved",
        "inbox",
        INBOX,
        "item",
        "accept",
    ),
    Key("inbox.decline", ("-",), "decline", "Decline, with a reason", "inbox", INBOX, "item", "decline"),
    Key("inbox.duplicate", ("=",), "duplicate", "It says the same as another item", "inbox", INBOX, "item", "same as"),
    Key("inbox.snooze", ("z",), "snooze", "Snooze: look at it again on a day", "inbox", INBOX, "item", "snooze"),
    Key("inbox.read", ("M",), "news_read", "The news is read", "inbox", INBOX),
    Key("mark.toggle", ("space",), "mark", "Mark or unmark", "marks", needs="item"),
    Key("mark.range", ("v",), "mark_range", "Mark a range, from here to the cursor", "marks", needs="item"),
    Key("mark.all", ("*",), "mark_all", "Mark all", "marks", needs="item"),
    Key("mark.none", ("escape",), "step_out", "No marks, no filter, close", "marks", EVERYWHERE),
    Key("history.undo", ("u",), "undo", "Undo", "history", EVERYWHERE, hint="undo"),
    Key("history.redo", ("U",), "redo", "Redo", "history", EVERYWHERE),
    Key("history.operations", ("O",), "operations", "Operation log: take any back", "history", EVERYWHERE),
    Key("history.commit", ("E",), "commit", "Commit what was changed by hand", "history", EVERYWHERE),
    Key("team.sync", ("ctrl+g",), "sync", "Sync with the others, or stop it", "team", EVERYWHERE),
    Key("team.questions", ("g !",), "questions", "What a merge asks", "team", EVERYWHERE),
    Key("team.reload", ("R",), "reload", "Read the files again", "team", EVERYWHERE),
    Key("help.keys", ("?",), "keys", "All keys", "help", EVERYWHERE, hint="keys"),
    Key("help.here", ("f1",), "help_here", "What this view shows", "help", EVERYWHERE),
    Key("app.back", ("q",), "back", "Back, at last quit", "help", EVERYWHERE),
    Key("app.suspend", ("ctrl+z",), "suspend_process", "To the shell; fg comes back", "help", EVERYWHERE),
    Key("app.quit", ("ctrl+q",), "quit", "Quit", "help", EVERYWHERE),
)


_LOOKING = frozenset({"item.open", "item.peek", "detail.follow", "field.chain"})
_CHANGING = frozenset({"time.earlier", "time.later", "team.questions"})
_ACTIONS = ("shift_", "stretch_", "link_", "what_if")
"""Of keys that arrange cards or bars, those whose actions begin so change them."""


def changes(key: Key) -> bool:
    """Whether a key changes the plan, so that it means nothing where the past is shown."""
    if key.group in {"item", "fields", "inbox", "history"}:
        return key.id not in _LOOKING
    return key.id in _CHANGING or (key.group in {"arrange", "bars"} and key.action.startswith(_ACTIONS))


def stroke(key: str, character: str | None) -> str:
    """The table's name for one key press, given Textual's name and the character it types, if any."""
    if character is None or character == " " or not character.isprintable() or len(character) != 1:
        return key
    return character if key.rpartition("+")[0] in {"", "shift"} else key


def bindings(context: str, table: Iterable[Key] = KEYS) -> dict[str, Key]:
    """What each chord does in one context."""
    return {chord: key for key in table if context in key.where for chord in key.keys}


def remapped(changes: Mapping[str, tuple[str, ...]], table: Iterable[Key] = KEYS) -> tuple[Key, ...]:
    """The table with other chords for some ids; none switches the key off. Raises ConfigError on an unknown id."""
    rows = {key.id: key for key in table}
    for key_id, chords in changes.items():
        if key_id not in rows:
            raise ConfigError(f"there is no key {key_id!r}", hint="planner keys lists the ids")
        rows[key_id] = replace(rows[key_id], keys=chords)
    return tuple(rows.values())


def conflicts(table: Iterable[Key] = KEYS) -> list[str]:
    """What is wrong with a table, as sentences: chords with two meanings, chords that never fire, odd strokes."""
    rows = tuple(table)
    contexts = sorted(frozenset[str]().union(*(key.where for key in rows)))
    found = [sentence for context in contexts for sentence in _clashes(context, rows)]
    found += [f"{key.id}: no terminal can be trusted to send {' or '.join(key.keys)}" for key in rows if _unsure(key)]
    return list(dict.fromkeys(found))


def markdown_table(table: Iterable[Key] = KEYS) -> str:
    """The table as the manual shows it, one row a key."""
    lines = ["| group | keys | does | where | id |", "|---|---|---|---|---|"]
    lines += [f"| {key.group} | {_code(key.keys)} | {key.help} | {_where(key.where)} | {key.id} |" for key in table]
    return "\n".join(lines) + "\n"


def _clashes(context: str, table: Iterable[Key]) -> Iterator[str]:
    taken: dict[str, str] = {}
    for key in table:
        if context in key.where:
            for chord in key.keys:
                if taken.setdefault(chord, key.id) != key.id:
                    yield f"{chord} means both {taken[chord]} and {key.id} ({context})"
    for chord, key_id in taken.items():
        for longer, other in taken.items():
            if longer.startswith(f"{chord} "):
                yield f"{longer} ({other}) never fires: {chord} already means {key_id} ({context})"


def _unsure(key: Key) -> bool:
    return bool(key.keys) and all(INDISTINCT.intersection(chord.split()) for chord in key.keys)


def _code(chords: Iterable[str]) -> str:
    return " ".join(f"`{chord}`" for chord in chords).replace("|", "\\|")


def _where(contexts: frozenset[str]) -> str:
    if contexts == EVERYWHERE:
        return "everywhere"
    return "views" if contexts == VIEWS else ", ".join(sorted(contexts))
