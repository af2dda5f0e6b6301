"""How the last day of an obligation (应办事项) is found: a date, or so many days from the phase's start or end."""

from __future__ import annotations

import datetime as dt

from campaigns.models import Anchor, Unit
from common.workdays import add_workdays, special_days


def last_day(
    anchor: str, offset: int, unit: str, *, date: dt.date | None, starts_on: dt.date, ends_on: dt.date | None
) -> dt.date:
    """``offset`` 0 is the first or last day of the phase itself; working days (工作日) skip holidays and work make-up days.

    :raises ValueError: the phase has no such day.
    """
    day = {Anchor.DATE: date, Anchor.PHASE_START: starts_on, Anchor.PHASE_END: ends_on}[Anchor(anchor)]
    if day is None:
        raise ValueError(f"{anchor}: no such day")
    if anchor == Anchor.DATE or offset == 0:
        return day
    return day + dt.timedelta(days=offset) if unit == Unit.DAYS else add_workdays(day, offset, special_days())


def left(due_on: dt.date, day: dt.date) -> str:
    """How far the last day is, in words: 还有 12 天, 今天截止, 已逾期 3 天."""
    days = (due_on - day).days
    if days > 0:
        return f"还有 {days} 天"
    return "今天截止" if days == 0 else f"已逾期 {-days} 天"
