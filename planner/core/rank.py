"""Fractional indexing: a rank between any two ranks, so that moving one card changes one file.

A rank is an integer part whose first letter tells its length (`a0` `a1` … `az` `b00`; `Zz` comes before `a0`) and a
fraction over base 62. Plain string comparison is the order. Any other text people write is ranked as a bare fraction.
"""

from __future__ import annotations

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FIRST = "a0"


def rank_between(before: str | None, after: str | None) -> str:
    """A short rank with `before` < it < `after`; None stands for the start or the end of the column.

    Raises ValueError where nothing fits: the two are not in order, or a hand-written rank leaves no room.
    """
    rank = _between(before, after)
    if (before is not None and rank <= before) or (after is not None and rank >= after):
        raise ValueError(f"no rank fits between '{before or ''}' and '{after or ''}'")
    return rank


def ranks_between(before: str | None, after: str | None, count: int) -> tuple[str, ...]:
    """That many rising ranks between two ranks; raises ValueError as `rank_between` does."""
    if count <= 0:
        return ()
    if after is None:
        ranks = [rank_between(before, None)]
        while len(ranks) < count:
            ranks.append(rank_between(ranks[-1], None))
        return tuple(ranks)
    middle = rank_between(before, after)
    left = (count - 1) // 2
    return (*ranks_between(before, middle, left), middle, *ranks_between(middle, after, count - 1 - left))


def _between(before: str | None, after: str | None) -> str:
    if before is None:
        return FIRST if after is None else _below(after)
    low, high = _integer(before), _integer(after)
    following = _step(low, +1) if low else None
    if after is None:
        return following or before + DIGITS[len(DIGITS) // 2]
    if not low or not high:
        return _midpoint(before, after)
    if low == high:
        return low + _midpoint(before[len(low) :], after[len(high) :])
    if following and following < after:
        return following
    return low + _midpoint(before[len(low) :], None)


def _below(after: str) -> str:
    integer = _integer(after)
    if integer and integer < after:
        return integer
    return (_step(integer, -1) if integer else None) or _midpoint("", after)


def _integer(rank: str | None) -> str | None:
    """The integer part of a well-formed rank, None for any other text."""
    if not rank or not rank[0].isalpha() or not set(rank) <= set(DIGITS):
        return None
    length = ord(rank[0]) - ord("a") + 2 if rank[0] >= "a" else ord("Z") - ord(rank[0]) + 2
    well_formed = len(rank) == length or (len(rank) > length and not rank.endswith("0"))
    return rank[:length] if well_formed else None


def _step(integer: str, by: int) -> str | None:
    """The next integer part up or down, None at the very end of the letters."""
    head, digits = integer[0], list(integer[1:])
    top, bottom = (DIGITS[-1], DIGITS[0]) if by > 0 else (DIGITS[0], DIGITS[-1])
    for place in reversed(range(len(digits))):
        if digits[place] != top:
            digits[place] = DIGITS[DIGITS.index(digits[place]) + by]
            return head + "".join(digits)
        digits[place] = bottom
    if head == ("z" if by > 0 else "A"):
        return None
    if (head, by) == ("Z", +1):
        return FIRST
    if (head, by) == ("a", -1):
        return "Zz"
    longer = (head >= "a") == (by > 0)
    return chr(ord(head) + by) + "".join([*digits, bottom] if longer else digits[1:])


def _midpoint(low: str, high: str | None) -> str:
    """A fraction between two fractions (None: one), as short as may be; never ends in `0`."""
    shared = ""
    while True:
        place = len(shared)
        floor = _value(low, place)
        ceiling = len(DIGITS) if high is None else _value(high, place)
        if ceiling - floor > 1:
            return shared + DIGITS[(floor + ceiling + 1) // 2]
        if ceiling < floor or (high is not None and place >= len(high)):
            raise ValueError(f"no rank fits between '{low}' and '{high}'")
        if ceiling > floor:
            if high is not None and place + 1 < len(high):
                return shared + DIGITS[ceiling]
            high = None
        shared += DIGITS[floor]


def _value(fraction: str, place: int) -> int:
    if place >= len(fraction):
        return 0
    value = DIGITS.find(fraction[place])
    if value < 0:
        raise ValueError(f"'{fraction[place]}' is no digit of a rank")
    return value
