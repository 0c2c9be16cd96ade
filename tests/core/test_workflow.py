from __future__ import annotations

import pytest

from planner.core.workflow import CATEGORIES, DEFAULT_WORKFLOW, State, Workflow

OWN = Workflow((State("Idea", "backlog"), State("Busy", "started", wip=2), State("Over", "completed")))


def test_names_are_compared_without_regard_to_case() -> None:
    assert OWN.state("bUSY") == State("Busy", "started", wip=2)
    assert OWN.category("over") == "completed"
    assert OWN.state("nowhere") is None
    assert OWN.state(None) is None


def test_an_unknown_state_counts_as_open() -> None:
    assert OWN.is_open("nowhere")
    assert OWN.is_open("idea")
    assert not OWN.is_open("OVER")


@pytest.mark.parametrize(
    ("workflow", "default", "inbox", "done"),
    [
        (DEFAULT_WORKFLOW, "todo", "inbox", "done"),
        (OWN, "Idea", "Idea", "Over"),
        (Workflow((State("x", "canceled"),)), "todo", "todo", None),
    ],
)
def test_states_that_things_start_and_end_in(workflow: Workflow, default: str, inbox: str, done: str | None) -> None:
    assert (workflow.default, workflow.inbox, workflow.done) == (default, inbox, done)


def test_steps_go_along_the_columns_and_stop_at_the_edges() -> None:
    assert OWN.step("idea", 1) == "Busy"
    assert OWN.step("Over", -2) == "Idea"
    assert OWN.step("Over", 1) is None
    assert OWN.step("Idea", -1) is None
    assert OWN.step("nowhere", 1) is None


def test_every_category_has_a_state_but_the_backlog() -> None:
    assert {state.category for state in DEFAULT_WORKFLOW} == set(CATEGORIES) - {"backlog"}


def test_workflows_are_equal_by_their_states_whatever_was_looked_up() -> None:
    other = Workflow(OWN.states)
    assert OWN.state("idea")
    assert other == OWN
    assert hash(other) == hash(OWN)
