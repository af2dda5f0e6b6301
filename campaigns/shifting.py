"""How a template's dates become those of a new campaign.

The rule, as the preview page tells it:

1. The first phase begins on the chosen day. Every other date moves by the same number of whole months
   that lie between the template's first month and the chosen one.
2. The last day of a month stays the last day of a month; a day the new month lacks becomes its last day.
3. No date lies before the campaign begins.

So dates keep their order, phases that touch still touch, and a campaign that starts on the template's own day
is the template itself.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shift:
    """Moves dates of a template that begins on ``origin`` to a campaign that begins on ``start``."""

    origin: dt.date
    start: dt.date

    @property
    def months(self) -> int:
        return (self.start.year - self.origin.year) * 12 + self.start.month - self.origin.month

    @property
    def is_whole_years(self) -> bool:
        """Do dates keep their place in the year (年末, "七一")?"""
        return self.months % 12 == 0

    def __call__(self, day: dt.date) -> dt.date:
        if day == self.origin:
            return self.start
        return max(self.start, add_months(day, self.months))


def last_day(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def add_months(day: dt.date, months: int) -> dt.date:
    """2010-08-31 + 6 -> 2011-02-28; 2011-02-28 + 1 -> 2011-03-31: the end of a month stays one.

    :raises ValueError: the result lies outside the years 1-9999.
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(f"year {year} is out of range")
    last = last_day(year, month0 + 1)
    is_month_end = day.day == last_day(day.year, day.month)
    return dt.date(year, month0 + 1, last if is_month_end else min(day.day, last))
