"""Public holidays of a country or one of its states, from the `holidays` library (an extra)."""

from __future__ import annotations

from datetime import date

from planner.errors import Invalid

MAX_YEARS = 30


def holidays_of(region: str, years: str) -> tuple[tuple[date, str], ...]:
    """Days and their names there, in order: `DE-BY` (ISO 3166) and `2026` or `2026-2028`.

    Raises Invalid for an unknown region, for years that are none, and where the library is not installed.
    """
    wanted = _years(years)
    try:
        import holidays
    except ImportError:
        raise Invalid(
            "holidays are read from the library of that name, which is not installed",
            "pip install 'planner[holidays]', or write the days into planner.toml by hand",
        ) from None
    country, _, state = region.partition("-")
    country, state = country.upper(), state if not state.islower() else state.upper()
    known = holidays.list_supported_countries()
    if country not in known:
        raise Invalid(f"no holidays are known of '{region}'", "write a country, or a country and a state, as DE-BY")
    if state and state not in known[country]:
        raise Invalid(f"{country} has no state '{state}'", f"one of {', '.join(known[country]) or 'none'}")
    language = holidays.country_holidays(country).default_language
    found = holidays.country_holidays(country, subdiv=state or None, years=wanted, language=language)
    return tuple(sorted(found.items()))


def _years(text: str) -> range:
    first, dash, last = text.partition("-")
    if not (first.isdecimal() and len(first) == 4 and (last.isdecimal() and len(last) == 4 if dash else True)):
        raise Invalid(f"'{text}' is no year", "write 2026, or 2026-2028")
    years = range(int(first), int(last or first) + 1)
    if not 0 < len(years) <= MAX_YEARS:
        raise Invalid(f"{text} is no span of 1 to {MAX_YEARS} years", "write 2026, or 2026-2028")
    return years
