"""Publication dates of the precision that is known."""

from __future__ import annotations

import re
from datetime import date

_PUBLISHED = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[T ].*)?)?)?", re.DOTALL)


def published(value: str) -> str | None:
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` as it stands, the day of a longer ISO 8601 time stamp, or None.

    >>> published("2022-12-05T09:30:00+01:00")
    '2022-12-05'
    """
    match = _PUBLISHED.fullmatch(value.strip())
    if match is None or not value.isascii():
        return None
    year, month, day = match["year"], match["month"], match["day"]
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join(part for part in (year, month, day) if part)
