"""A record does what a standard frozen dataclass does."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import pytest

from planner.core import record

BOTH: tuple[Any, ...] = (record, dataclasses)


def classes(library: Any) -> dict[str, type[Any]]:
    """The same classes by one library or the other."""

    @library.dataclass(frozen=True, slots=True)
    class Point:
        """A place."""

        x: int
        y: int = 2
        names: list[str] = library.field(default_factory=list, compare=False)
        note: str = library.field(default="-", repr=False)
        count: ClassVar[int] = 7

        @property
        def both(self) -> int:
            return self.x + self.y

    @library.dataclass(frozen=True, slots=True)
    class Deep(Point):
        z: int = 3

    class Plain(Point):
        __slots__ = ()

    @library.dataclass(frozen=True, slots=True, order=True)
    class Ranked:
        major: int
        minor: int = 0

    @library.dataclass(frozen=True)
    class Open:
        x: int = 1

    @library.dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    @library.dataclass(frozen=True, slots=True)
    class Own:
        x: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 5

        def __repr__(self) -> str:
            return "own"

    @library.dataclass(frozen=True, slots=True)
    class Checked:
        x: int

        def __post_init__(self) -> None:
            if self.x < 0:
                raise ValueError(self.x)

    @library.dataclass(slots=True)
    class Mutable:
        x: int = 0
        parts: list[int] = library.field(default_factory=list)

    return {name: cls for name, cls in locals().items() if isinstance(cls, type)}


CASES: tuple[Callable[[dict[str, type[Any]]], object], ...] = (
    lambda c: repr(c["Point"](1)).rpartition(".")[2],
    lambda c: repr(c["Deep"](1, z=5)).rpartition(".")[2],
    lambda c: repr(c["Plain"](1)).rpartition(".")[2],
    lambda c: repr(c["Own"](1)),
    lambda c: [c["Point"](1) == c["Point"](1, 2, ["a"]), c["Point"](1) == c["Point"](1, 3), c["Point"](1) == c["Deep"](1)],
    lambda c: [c["Point"](1) == c["Plain"](1), c["Nothing"]() == c["Nothing"](), c["Own"](1) == 3, c["Point"](1) != 1],
    lambda c: [len({c["Point"](1), c["Point"](1, 2, ["a"])}), hash(c["Own"](1)), len({c["Nothing"](), c["Nothing"]()})],
    lambda c: [c["Ranked"](1) < c["Ranked"](1, 1), c["Ranked"](2) >= c["Ranked"](1, 9), max(c["Ranked"](1), c["Ranked"](2)).major],
    lambda c: c["Ranked"](1) < 3,
    lambda c: c["Point"](),
    lambda c: c["Point"](1, 2, [], "", 5),
    lambda c: c["Point"](1, nothing=2),
    lambda c: c["Checked"](-1),
    lambda c: setattr(c["Point"](1), "x", 2),
    lambda c: setattr(c["Plain"](1), "x", 2),
    lambda c: setattr(c["Open"](1), "other", 2),
    lambda c: delattr(c["Point"](1), "x"),
    lambda c: (c["Point"].__match_args__, c["Deep"].__match_args__, c["Point"].__doc__, c["Point"].count),
    lambda c: (c["Point"](1).both, c["Deep"](1).both, hasattr(c["Point"](1), "__dict__"), hasattr(c["Open"](1), "__dict__")),
    lambda c: [(field.name, field.compare, field.repr, field.type) for field in dataclasses.fields(c["Deep"])],
    lambda c: dataclasses.is_dataclass(c["Point"]) and dataclasses.is_dataclass(c["Plain"](1)),
    lambda c: dataclasses.asdict(c["Deep"](1, names=["a"])),
    lambda c: (dataclasses.replace(c["Deep"](1), y=9).y, c["Open"].x, c["Open"]().x),
    lambda c: copy.copy(c["Point"](4)).x + copy.deepcopy(c["Deep"](4, names=["a"])).x,
    lambda c: (repr(c["Mutable"](1)).rpartition(".")[2], c["Mutable"](1) == c["Mutable"](1)),
    lambda c: hash(c["Mutable"](1)),
    lambda c: setattr(c["Mutable"](1), "other", 2),
    lambda c: (c["Point"](1).names is c["Point"](1).names, c["Mutable"]().parts is c["Mutable"]().parts, c["Mutable"](3).x),
)  # fmt: skip


def outcome(case: Callable[[dict[str, type[Any]]], object], library: ModuleType) -> object:
    try:
        return case(classes(library))
    except Exception as error:  # noqa: BLE001
        return type(error).__name__, str(error).replace("classes.<locals>.", "")


@pytest.mark.parametrize("number", range(len(CASES)))
def test_it_is_as_the_standard_library_has_it(number: int) -> None:
    ours, theirs = (outcome(CASES[number], library) for library in BOTH)
    assert ours == theirs


def test_no_other_attribute_is_set_either() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):  # the standard library trips over its own slots here
        classes(record)["Point"](1).other = 2


def test_replace_and_fields_serve_both() -> None:
    for library in BOTH:
        found = classes(library)
        assert record.replace(found["Deep"](1), y=9) == found["Deep"](1, 9)
        assert [field.name for field in record.fields(found["Ranked"])] == ["major", "minor"]


def test_a_standard_class_may_build_on_a_record() -> None:
    base = classes(record)["Point"]
    made = dataclasses.make_dataclass("Made", [("z", int, 0)], bases=(base,), frozen=True)
    assert made(1, z=4).z == 4
    assert made(1) == made(1)


@record.dataclass(frozen=True, slots=True)
class Kept:
    x: int
    y: tuple[int, ...] = ()


def test_it_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(1, (2,)))) == Kept(1, (2,))  # noqa: S301


def test_the_library_is_not_loaded_for_it() -> None:
    code = (
        "import sys; from planner.core.record import dataclass, field\n"
        "class A:\n x: int\n y: list = field(default_factory=list)\n"
        "A = dataclass(frozen=True, slots=True)(A)\n"
        "assert A(1) == A(1) and hash(A.__init__) and repr(A(1))\n"
        "sys.exit('dataclasses' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
