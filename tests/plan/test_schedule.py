from __future__ import annotations

from fractions import Fraction

from planner.plan.model import Schedule
from planner.plan.schedule import schedule
from tests.plan.networks import DAY, MONDAY, OFFICE, network


def days(minutes: int) -> Fraction:
    return Fraction(minutes, DAY)


def table(plan: Schedule) -> dict[str, tuple[float, ...]]:
    """ES EF LS LF total float, in working days from the start."""

    def since(m: int) -> float:
        return float(days(OFFICE.between(MONDAY, m)))

    return {
        name: (
            since(d.early_start), since(d.early_finish), since(d.late_start), since(d.late_finish),
            float(days(d.total_float)),
        )
        for name, d in plan.dates.items()
    }  # fmt: skip


def chain(plan: Schedule) -> str:
    """The critical path, as far as driving predecessors tell it from its end."""
    name = max(plan.dates, key=lambda each: (plan.dates[each].early_finish, plan.dates[each].critical))
    path = [name]
    while before := [each for each in plan.dates[name].driving if plan.dates[each].critical]:
        name = before[0]
        path.insert(0, name)
    return "-".join(path)


def test_the_critical_path_of_a_textbook() -> None:
    """studylib.net/doc/8378728: T = 16, A-B-D-E-G."""
    plan = schedule(network("A 6\nB 2 (A)\nC 2 (A)\nD 3 (B)\nF 2 (C)\nE 4 (D, F)\nG 1 (E)"))
    assert table(plan) == {
        "A": (0, 6, 0, 6, 0),
        "B": (6, 8, 6, 8, 0),
        "C": (6, 8, 7, 9, 1),
        "D": (8, 11, 8, 11, 0),
        "F": (8, 10, 9, 11, 1),
        "E": (11, 15, 11, 15, 0),
        "G": (15, 16, 15, 16, 0),
    }
    assert chain(plan) == "A-B-D-E-G"
    assert plan.critical == ("A", "B", "D", "E", "G")
    assert {name: float(days(d.free_float)) for name, d in plan.dates.items() if d.free_float} == {"F": 1}


PERT = """
A 5/5/7
B 1/2/5
C 5/5/5 (A)
D 4/8/13 (A)
E 1/10/17 (B, C)
F 1/5/7 (D)
G 2/6/9 (D)
H 4/4/6 (E, F)
I 2/7/10 (G, H)
J 2/4/7 (I)
K 6/10/13 (I)
L 2/6/6 (J)
M 2/2/3 (K)
N 7/7/12 (L, M)
"""


def pert_lines() -> list[str]:
    """The textbook's lines with the mean (a + 4m + b) / 6 in the place of the three."""
    lines = []
    for line in PERT.strip().splitlines():
        name, three, *rest = line.split(" ", 2)
        a, m, b = map(int, three.split("/"))
        lines.append(" ".join([name, str(Fraction(a + 4 * m + b, 6)), *rest]))
    return lines


def test_the_critical_path_of_three_point_estimates() -> None:
    """Heizer-type network, wizedu.com 717873: T = 50.83, A-C-E-H-I-K-M-N; slack B 8, D 1.83, F 1.83, G 5, J 2.5, L 2.5."""
    plan = schedule(network(pert_lines()))
    slack = {name: round(row[4], 2) for name, row in table(plan).items() if row[4]}
    assert slack == {"B": 8, "D": 1.83, "F": 1.83, "G": 5, "J": 2.5, "L": 2.5}
    assert round(days(OFFICE.between(MONDAY, plan.finish)), 2) == Fraction("50.83")
    assert chain(plan) == "A-C-E-H-I-K-M-N"


def starts(plan: Schedule) -> dict[str, float]:
    return {name: float(days(OFFICE.between(MONDAY, d.start))) for name, d in plan.dates.items()}


def test_links_of_all_four_types_bind_forward_and_backward() -> None:
    plan = schedule(network("A 4\nB 2 (A SS+1)\nC 3 (A FF+1)\nD 1 (A SF+6)\nE 1 (A FS-2)"))
    assert {name: row[:4] for name, row in table(plan).items()} == {
        "A": (0, 4, 0, 4),
        "B": (1, 3, 4, 6),
        "C": (2, 5, 3, 6),
        "D": (5, 6, 5, 6),
        "E": (2, 3, 5, 6),
    }
    assert {name for name, d in plan.dates.items() if d.critical} == {"A", "D"}


def test_as_late_as_possible_waits_for_its_successors_and_moves_none() -> None:
    plan = schedule(network("A 1\nB 5\nC 2 (A, B)\nD 1", A={"constraint": "ALAP"}, D={"constraint": "ALAP"}))
    assert starts(plan) == {"A": 4, "B": 0, "C": 5, "D": 6}
    assert (plan.dates["A"].early_start, plan.dates["A"].total_float, plan.dates["A"].free_float) == (
        OFFICE.next_start(MONDAY), 0, 0,
    )  # fmt: skip


def test_must_dates_win_over_logic_and_the_float_before_them_is_negative() -> None:
    date = MONDAY + 1440
    plan = schedule(network("A 3\nB 1 (A)\nC 1 (B)", B={"constraint": "MSO", "constraint_date": date}))
    assert starts(plan) == {"A": 0, "B": 1, "C": 2}, "C follows B on its date, and A is too late for it"
    assert float(days(plan.dates["A"].total_float)) == -2
    assert [(c.path, c.rule, float(days(c.minutes))) for c in plan.conflicts] == [("B", "MSO", 2)]


def test_progress_retains_logic() -> None:
    """B began before A was done: what remains of it waits for A (retained logic), its start stays what it was."""
    begun = {"actual_start": MONDAY - 7 * 1440 + 540, "remaining": 2 * DAY}
    plan = schedule(network("A 3\nB 4 (A)\nC 1 (B)", B=begun))
    assert plan.dates["B"].start == begun["actual_start"]
    assert float(days(OFFICE.between(MONDAY, plan.dates["B"].finish))) == 5
    assert float(days(OFFICE.between(MONDAY, plan.dates["C"].finish))) == 6
    assert plan.critical == ("B", "A", "C")


def test_finished_work_holds_nothing_and_is_never_critical() -> None:
    done = {"actual_start": MONDAY - 3 * 1440, "actual_finish": MONDAY - 1440, "remaining": 0}
    plan = schedule(network("A 9\nB 1 (A)", A=done))
    assert starts(plan)["B"] == 0
    assert plan.critical == ("B",)


def test_a_levelling_delay_moves_the_plan_and_not_the_early_dates() -> None:
    plan = schedule(network("A 1\nB 1 (A)", A={"leveling_delay": 2 * DAY}))
    assert starts(plan) == {"A": 2, "B": 3}
    assert float(days(OFFICE.between(MONDAY, plan.dates["B"].early_start))) == 1


def test_nothing_to_plan() -> None:
    plan = schedule(network(""))
    assert (dict(plan.dates), plan.finish, plan.critical, plan.conflicts) == ({}, MONDAY, (), ())


def test_a_long_chain_exhausts_no_stack() -> None:
    lines = ["A0 1", *(f"A{n} 1 (A{n - 1})" for n in range(1, 5000))]
    plan = schedule(network(lines))
    assert days(OFFICE.between(MONDAY, plan.finish)) == 5000
