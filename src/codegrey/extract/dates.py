"""Dates as articles write them, resolved against the day of publication with the precision that the words give.

The lexicon's ``DatePattern`` entries say how a date is written and which of the readings below it has; a reading
takes the captures (day, month, year, weekday, n, unit, holiday) and the publication date. Nothing is invented:
where there is no publication date, or only its month, a weekday gives no day.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from codegrey.extract.matcher import Match, Matcher
from codegrey.extract.units import Entity, Units, make_units
from codegrey.lexicon import DatePattern, Lexicon
from codegrey.text import Sentence


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A day, a month or a year; ``month`` and ``day`` are 0 where unknown."""

    year: int
    month: int = 0
    day: int = 0

    def __str__(self) -> str:
        """ISO 8601, as precise as it is."""
        parts = [f"{self.year:04d}"]
        if self.month:
            parts.append(f"{self.month:02d}")
        if self.day:
            parts.append(f"{self.day:02d}")
        return "-".join(parts)

    @property
    def first(self) -> date:
        """The first day that it may be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def datatype(self) -> str:
        """The XML Schema datatype of its precision."""
        return "date" if self.day else "gYearMonth" if self.month else "gYear"


def partial_date(text: str) -> PartialDate | None:
    """Read ``2022``, ``2022-12`` or ``2022-12-05``; None for anything else."""
    parts = text.split("-")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        return None
    numbers = [int(part) for part in parts]
    return _valid(*numbers)


@dataclass(frozen=True, slots=True)
class When:
    """What relative dates are counted from. ``year`` is the article's year where publication is unknown."""

    published: PartialDate | None
    year: int | None = None
    previous: PartialDate | None = None  # the date named last before this one

    @property
    def day(self) -> date | None:
        """The day of publication, if it is known to the day."""
        return self.published.first if self.published and self.published.day else None


LARGEST = 9_999  # number that a date may hold
Captures: TypeAlias = dict[str, int]
Reading: TypeAlias = Callable[[Captures, When], PartialDate | None]


def _valid(year: int, month: int = 0, day: int = 0) -> PartialDate | None:
    if not (1980 <= year <= 2100 and 0 <= month <= 12):
        return None
    if day and not (month and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return PartialDate(year, month, day)


def _of(day: date) -> PartialDate:
    return PartialDate(day.year, day.month, day.day)


def _read_day(captures: Captures, when: When) -> PartialDate | None:
    """`23 August 2022`, `le 23 août`: without a year, the one that brings it nearest to publication."""
    month, day = captures.get("month", 0), captures.get("day", 0)
    if year := captures.get("year"):
        return _valid(year, month, day)
    if when.published is None:
        return _valid(when.year, month, day) if when.year else None
    reference = when.published.first
    options = [found for y in (-1, 0, 1) if (found := _valid(reference.year + y, month, day or 1))]
    limit = reference + timedelta(days=100 if day else 31)
    past = [option for option in options if option.first <= limit]
    if not past:
        return None
    best = max(past, key=lambda option: option.first)
    return best if day else PartialDate(best.year, best.month)


def _read_month(captures: Captures, when: When) -> PartialDate | None:
    """`in August`, `mid-April`, `fin septembre 2020`: the last such month that is not after publication."""
    if "year" in captures or when.published is None:
        return _read_day({k: v for k, v in captures.items() if k != "day"}, when)
    reference = when.published
    year = reference.year if captures["month"] <= (reference.month or 12) else reference.year - 1
    if captures.get("last") and captures["month"] == reference.month:
        year -= 1
    return _valid(year, captures["month"])


def _read_month_last_year(captures: Captures, when: When) -> PartialDate | None:
    return _valid(when.published.year - 1, captures["month"]) if when.published else None


def _read_year(captures: Captures, _when: When) -> PartialDate | None:
    return _valid(captures["year"]) if "year" in captures else None


def _read_last_year(captures: Captures, when: When) -> PartialDate | None:
    return PartialDate(when.published.year - captures.get("n", 1)) if when.published else None


def _read_this_year(_captures: Captures, when: When) -> PartialDate | None:
    return PartialDate(when.published.year) if when.published else None


def _weekday(captures: Captures, when: When, *, strictly: bool) -> PartialDate | None:
    if when.day is None:
        return _month_of_publication(when)
    back = (when.day.weekday() - captures["weekday"]) % 7
    if strictly and back == 0:
        back = 7
    return _of(when.day - timedelta(days=back))


def _read_weekday(captures: Captures, when: When) -> PartialDate | None:
    return _weekday(captures, when, strictly=False)


def _read_last_weekday(captures: Captures, when: When) -> PartialDate | None:
    return _weekday(captures, when, strictly=True)


def _read_next_weekday(captures: Captures, when: When) -> PartialDate | None:
    if when.day is None:
        return None
    return _of(when.day + timedelta(days=(captures["weekday"] - when.day.weekday() - 1) % 7 + 1))


def _read_night(captures: Captures, when: When) -> PartialDate | None:
    """`dans la nuit de samedi à dimanche`: the first of the two days."""
    first = _weekday({"weekday": captures["weekday"]}, when, strictly=False)
    if first and first.day and when.day and first.first == when.day:
        return _of(when.day - timedelta(days=7))
    return first


def _month_of_publication(when: When) -> PartialDate | None:
    if when.published is None or not when.published.month:
        return None
    return PartialDate(when.published.year, when.published.month)


def _read_days_back(captures: Captures, when: When) -> PartialDate | None:
    """Today (0), yesterday (1) … ``n`` days before publication."""
    if when.day is None:
        return _month_of_publication(when)
    return _of(when.day - timedelta(days=captures.get("n", 0)))


def _read_ago(captures: Captures, when: When) -> PartialDate | None:
    """`two weeks ago`: days give a day, weeks and months a month, years a year. ``unit`` is in days."""
    n, unit = captures.get("n", 1), captures["unit"]
    if when.published is None:
        return None
    if unit >= 365:
        return PartialDate(when.published.year - n)
    if when.day is None:
        return None
    if unit >= 30:
        months = when.day.year * 12 + when.day.month - 1 - n
        return PartialDate(months // 12, months % 12 + 1)
    if unit == 0:  # hours
        return _of(when.day - timedelta(days=n // 24))
    back = _of(when.day - timedelta(days=n * unit))
    return back if unit == 1 else PartialDate(back.year, back.month)


def _read_year_ago_today(captures: Captures, when: When) -> PartialDate | None:
    return _valid(when.day.year - captures.get("n", 1), when.day.month, when.day.day) if when.day else None


def _read_last_week(_captures: Captures, when: When) -> PartialDate | None:
    """`last week`: its month, if the week lies in one."""
    if when.day is None:
        return None
    monday = when.day - timedelta(days=when.day.weekday() + 7)
    sunday = monday + timedelta(days=6)
    return PartialDate(monday.year, monday.month) if monday.month == sunday.month else None


def _read_weekend(_captures: Captures, when: When) -> PartialDate | None:
    """`over the weekend`: the Saturday before publication."""
    if when.day is None:
        return _month_of_publication(when)
    back = (when.day.weekday() - 5) % 7
    return _of(when.day - timedelta(days=back))


def _read_later(captures: Captures, when: When) -> PartialDate | None:
    """`five days later`, `le lendemain`: from the date named last."""
    if when.previous is None or not when.previous.day or captures.get("unit", 1) > 7:
        return None
    return _of(when.previous.first + timedelta(days=captures.get("n", 1) * captures.get("unit", 1)))


def _read_earlier(captures: Captures, when: When) -> PartialDate | None:
    if when.previous is None or not when.previous.day or captures.get("unit", 1) > 7:
        return None
    return _of(when.previous.first - timedelta(days=captures.get("n", 1) * captures.get("unit", 1)))


def _read_holiday(captures: Captures, when: When) -> PartialDate | None:
    """A feast with a fixed day (``holiday`` = month × 100 + day) or Thanksgiving (1199)."""
    month, day = divmod(captures["holiday"], 100)
    year = captures.get("year")
    if day == 99:
        reference = year or (when.published.year if when.published else when.year)
        if reference is None:
            return None
        options = [_thanksgiving(y) for y in (reference, reference - 1) if _valid(y)]
        return next((_of(o) for o in options if year or when.day is None or o <= when.day), None)
    return _read_day({"month": month, "day": day} | ({"year": year} if year else {}), when)


def _thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


READINGS: dict[str, Reading] = {
    "ago": _read_ago,
    "day": _read_day,
    "days-back": _read_days_back,
    "earlier": _read_earlier,
    "holiday": _read_holiday,
    "last-week": _read_last_week,
    "last-weekday": _read_last_weekday,
    "last-year": _read_last_year,
    "later": _read_later,
    "month": _read_month,
    "month-last-year": _read_month_last_year,
    "next-weekday": _read_next_weekday,
    "night": _read_night,
    "this-year": _read_this_year,
    "weekday": _read_weekday,
    "weekend": _read_weekend,
    "year": _read_year,
    "year-ago-today": _read_year_ago_today,
}


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in the text, and how it was read."""

    value: PartialDate
    reads: str


def find_dates(
    sentence: Sentence, amounts: Sequence[Entity], lexicon: Lexicon, matcher: Matcher[DatePattern], when: When
) -> list[Entity]:
    """The dates of a sentence (tag ``date``, value :class:`DateMention`); the longest reading of each place wins."""
    numbers = [a for a in amounts if a.tag == "number" and not sentence.tokens[a.first].text[:1].isdigit()]
    units = make_units(sentence, numbers, lexicon.skipped)
    matches = sorted(matcher.matches(units), key=lambda m: (m.first - m.last, m.first))
    taken: set[int] = set()
    found: list[Entity] = []
    for match in sorted(_without_overlap(matches, taken), key=lambda m: m.first):
        captures = _captures(match, units, lexicon)
        if any(number > LARGEST for number in captures.values()):
            continue
        value = READINGS[match.item.reads](captures, when)
        if value is None or _valid(value.year, value.month, value.day) is None:
            continue
        when = When(when.published, when.year, value)
        tokens = units.units
        found.append(
            Entity(tokens[match.first].first, tokens[match.last - 1].last, "date", DateMention(value, match.item.reads))
        )
    return found


def _without_overlap(matches: Sequence[Match[DatePattern]], taken: set[int]) -> list[Match[DatePattern]]:
    kept = []
    for match in matches:
        places = set(range(match.first, match.last))
        if not places & taken:
            taken |= places
            kept.append(match)
    return kept


def _captures(match: Match[DatePattern], units: Units, lexicon: Lexicon) -> Captures:
    values: Captures = {}
    for name, (first, last) in match.captures.items():
        unit = units.units[first]
        if unit.entity is not None and unit.entity.tag == "number":
            values[name] = int(unit.entity.value)  # type: ignore[call-overload]
            continue
        token = units.tokens(first, last)[0]
        code = lexicon.value(name, token.fold) or lexicon.value("numeral", token.fold)
        if code is None:
            digits = "".join(c for c in token.text if c.isdecimal())
            code = digits[:6] or "1"
        values[name] = int(float(code))
    return values
