"""Many runs at once give what each run alone gives: on any calendar, for any network, links and constraints included."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.plan.calendar import ELAPSED, Calendar, together
from planner.plan.columns import Line, forward_columns
from planner.plan.model import Activity, Link, Network
from planner.plan.passes import forward, terms_of
from tests.conftest import Claims
from tests.plan.random_networks import PEOPLE, START, a_network
from tests.proof import times


@given(st.sampled_from([*PEOPLE, ELAPSED]), st.integers(-200_000, 900_000), st.integers(1, 600_000), st.integers(0, 99))
def test_a_calendar_laid_out_counts_as_the_calendar_does(calendar: Calendar, first: int, span: int, seed: int) -> None:
    line = Line.of(calendar, START + first, START + first + span)
    random = Random(seed)
    moments = [START + random.randint(-10_000, 100_000) for _ in range(20)]
    counts = [calendar.worked(m) for m in moments]
    assert line.worked(moments) == counts
    assert line.at(counts) == [calendar.at(k) for k in counts]
    assert line.finish(counts) == [calendar.at(k - 1) + 1 for k in counts]


def test_people_who_work_at_once_are_counted_on_the_calendar_itself() -> None:
    both = together([(PEOPLE[0], 2), (PEOPLE[1], 1)])
    assert Line.of(both, START, START + 50_000) == Line(both)


@pytest.mark.proof
def test_each_run_is_the_pass_of_its_lengths(claims: Claims) -> None:
    networks = times(30, 1000)
    with claims("a run of the simulation is the critical path method on its durations", expect=networks) as claim:
        for seed in range(networks):
            random = Random(seed)
            network = a_network(random)
            graph, terms = network.graph, terms_of(network, network.graph)
            lengths = [[max(0, length + random.randint(-300, 900)) for _ in range(5)] for length in terms.lengths]
            leveled = {n: a.leveling_delay for n, a in enumerate(graph.activities) if a and a.leveling_delay}
            first = min(terms.floors)
            lines = {clock: Line.of(clock, first, first + random.choice([1000, 90_000])) for clock in set(terms.clocks)}
            columns = forward_columns(graph, terms, lengths, lines, leveled, {})
            alone = [forward(graph, replace(terms, lengths=list(run)), leveled) for run in zip(*lengths, strict=True)]
            claim.check(list(columns.passes()) == alone, seed)


def test_a_late_finish_moves_what_follows_by_working_time() -> None:
    calendar = PEOPLE[0]
    plain = {name: Activity(path=name, id=name, title=name, duration=480, calendar=calendar) for name in "ab"}
    network = Network(plain, (Link("a", "b"),), start=START, status=START)
    terms = terms_of(network, network.graph)
    lengths = [[480, 480], [480, 480]]
    lines = {calendar: Line.of(calendar, START, START + 20_000)}
    columns = forward_columns(network.graph, terms, lengths, lines, {}, {0: [0, 960]})
    on_time, late = (column[1] for column in zip(*columns.finishes, strict=True))
    assert calendar.between(on_time, late) == 960
