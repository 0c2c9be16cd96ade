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
