"""Chinese working days (工作日): without the statutory holidays, with the make-up days (调休).

A term of five working days is not five days without weekends: Saturday 7 May 2022 was worked (domain.md §5.4).
The days come from the library's table of the State Council's notices; what the office has entered
(``special_days``) goes before it. The table ends with the last year the library was told of. Beyond that year Monday
to Friday are taken for working days; whoever shows such a date asks ``is_known`` and says so. The notice of a year may
still move the last days of the year before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from chinese_calendar import holidays, workdays

from common.models import SpecialDay

_FIRST_YEAR, _LAST_YEAR = min(holidays).year, max(holidays).year
_SATURDAY = 5


Special = Mapping[dt.date, bool]  # day -> is it worked?
NONE: Special = {}


def special_days() -> dict[dt.date, bool]:
    """What the office has entered over the library's table. One query."""
    return dict(SpecialDay.objects.values_list("day", "is_worked"))


def is_workday(day: dt.date, special: Special = NONE) -> bool:
    if day in special:
        return special[day]
    return day in workdays or (day.weekday() < _SATURDAY and day not in holidays)


def is_known(day: dt.date) -> bool:
    """Are the holidays and make-up days of that year in the table?"""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def add_workdays(day: dt.date, n: int, special: Special = NONE) -> dt.date:
    """The n-th working day after ``day``, which itself does not count; before it when ``n`` is negative."""
    step = dt.timedelta(days=1 if n > 0 else -1)
    for _ in range(abs(n)):
        day += step
        while not is_workday(day, special):
            day += step
    return day


def workdays_between(start: dt.date, end: dt.date, special: Special = NONE) -> int:
    """Working days after ``start`` up to and including ``end``; 0 where ``end`` is not later."""
    days = (start + dt.timedelta(days=passed) for passed in range(1, (end - start).days + 1))
    return sum(is_workday(day, special) for day in days)
