from __future__ import annotations

import re

from planner.core.pattern import later


def test_a_pattern_put_off_is_that_pattern() -> None:
    pattern = later(r"(a) (?P<b>b)", re.VERBOSE)
    assert pattern.pattern == r"(a) (?P<b>b)"
    match = pattern.fullmatch("ab")
    assert match is not None
    assert match.groupdict() == {"b": "b"}
    assert pattern.sub("-", "xabx", count=1) == "x-x"


def test_nothing_is_compiled_before_it_is_used() -> None:
    never_used = later("(")
    assert never_used.pattern == "("
