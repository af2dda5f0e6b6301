"""Rounds that are over: their plans go to the archive, their figures are fixed under a number (归档)."""

from __future__ import annotations

import datetime as dt

from campaigns.models import Phase, Strand
from chuangxian.demo.clock import at, moment
from chuangxian.demo.people import Cast
from common import events
from pledges import services
from pledges.models import RoundArchive
from pledges.services import plans

DAYS_AFTER = 25  # between the last day on which something is due and the closing


def closing_day(phase: Phase) -> dt.date:
    last = phase.ends_on or phase.windows.get(strand=Strand.PLEDGE).closes_on + dt.timedelta(days=230)
    return working(last + dt.timedelta(days=DAYS_AFTER))


def working(day: dt.date) -> dt.date:
    """The day itself, or the Friday before a weekend."""
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def close(phase: Phase, cast: Cast, *, as_of: dt.date | None = None) -> RoundArchive:
    day = closing_day(phase)
    with at(moment(day, 15)):
        plans.archive_all(phase, by=cast.director)
        archive = services.close_round(phase, as_of=as_of or day, by=cast.director)
        events.relay()
    return archive
