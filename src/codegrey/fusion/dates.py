"""Dates of three precisions as intervals: ``2022``, ``2022-08``, ``2022-08-21``."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True, order=True)
class When:
    """The days that a date may mean, as proleptic ordinals, both ends included; ``text`` is the date as written."""

    first: int
    last: int
    text: str

    @property
    def middle(self) -> float:
        """The middle of the days that it may mean."""
        return (self.first + self.last) / 2

    @property
    def year_only(self) -> bool:
        """Whether not even the month is known."""
        return len(self.text) == 4

    @property
    def month(self) -> str:
        """``2022-08``, or ``""`` where only the year is known."""
        return self.text[:7] if len(self.text) >= 7 else ""

    def agrees(self, other: When) -> bool:
        """Whether one is the other, or the other with less precision."""
        return self.text.startswith(other.text) or other.text.startswith(self.text)

    def days_from(self, other: When) -> float:
        """Days between the two: 0 where they agree, else between their middles."""
        return 0.0 if self.agrees(other) else abs(self.middle - other.middle)


def parse_when(text: str) -> When | None:
    """An ISO date of any of the three precisions; ``None`` for anything else."""
    match = _ISO.fullmatch(text)
    if not match:
        return None
    year, month, day = (int(group) if group else 0 for group in match.groups())
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        last = first
    elif month:
        last = date(year, month, monthrange(year, month)[1])
    else:
        last = date(year, 12, 31)
    return When(first.toordinal(), last.toordinal(), text)
