"""What a picture of progress is drawn from: points of a curve, tiles of a map. Numbers in, numbers and words out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.models import Obligation
from campaigns.queries.progress import Count, Line

# The drawing area in units of the viewBox (640 × 280); room for large type around it.
LEFT, RIGHT, TOP, BOTTOM = 76, 616, 40, 230
DAILY = 35  # up to as many days a point stands for a day, beyond for a week


@dataclass(frozen=True, slots=True)
class Point:
    day: dt.date
    since: dt.date  # the first day it stands for
    new: int
    total: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Cumulative done against owed."""

    points: list[Point]
    due: int
    first_day: dt.date
    end_day: dt.date
    last_day: dt.date
    last_x: float
    is_daily: bool

    @property
    def line(self) -> str:
        return " ".join(f"{p.x},{p.y}" for p in self.points)

    @property
    def area(self) -> str:
        return f"{self.points[0].x},{BOTTOM} {self.line} {self.points[-1].x},{BOTTOM}"

    @property
    def marks(self) -> list[tuple[int, float]]:
        """Heights named on the left: nothing, half (when it is a whole number), all."""
        values = sorted({0, self.due // 2, self.due} if self.due % 2 == 0 else {0, self.due})
        return [(value, _y(value, self.due)) for value in values]

    @property
    def done(self) -> int:
        return self.points[-1].total


def _y(total: int, due: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * total / due, 1)


def trend(counts: dict[dt.date | None, int], obligation: Obligation, day: dt.date) -> Trend | None:
    """None when nobody owes it. ``counts`` as from ``queries.trend.by_day``; the curve ends today at the latest."""
    due = sum(counts.values())
    if not due:
        return None
    done = {done_on: n for done_on, n in counts.items() if done_on is not None}
    first = min([obligation.opens_on, *done])
    latest = max([obligation.due_on, *done])
    end = max(first, latest if day > latest else day, *done)
    shown_to = max(end, obligation.due_on)
    step = 1 if (end - first).days <= DAILY else 7
    width = max((shown_to - first).days, 1)

    def x(on: dt.date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (on - first).days / width, 1)

    points, total = [], 0
    for since, until in _spans(first, end, step):
        new = sum(n for on, n in done.items() if since <= on <= until)
        total += new
        points.append(Point(until, since, new, total, x(until), _y(total, due)))
    last_x = x(obligation.due_on)
    return Trend(points, due, first, shown_to, obligation.due_on, last_x, step == 1)


def _spans(first: dt.date, end: dt.date, step: int) -> Iterator[tuple[dt.date, dt.date]]:
    while first <= end:
        until = min(first + dt.timedelta(days=step - 1), end)
        yield first, until
        first = until + dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shade:
    """One of the six looks of a tile: told by marker and words, not by colour."""

    code: str
    words: str


FULL, MOST, HALF, FEW, NONE, NOTHING = SHADES = (
    Shade("full", "全部办好"),
    Shade("most", "九成以上"),
    Shade("half", "一半以上"),
    Shade("few", "不到一半"),
    Shade("none", "都还没有办"),
    Shade("nothing", "没有应办的"),
)


def shade(count: Count) -> Shade:
    if not count.due:
        return NOTHING
    if count.done == count.due:
        return FULL
    if not count.done:
        return NONE
    if count.done * 10 >= count.due * 9:
        return MOST
    return HALF if count.done * 2 >= count.due else FEW


@dataclass(frozen=True, slots=True)
class Tile:
    line: Line
    count: Count

    @property
    def shade(self) -> Shade:
        return shade(self.count)


def tiles(lines: list[Line], obligation: Obligation) -> list[Tile]:
    return [Tile(line, line.of(obligation)) for line in lines]


@dataclass(frozen=True, slots=True)
class Move:
    """The same thing now and one round earlier; ``then.by_then`` is what had been done on the day compared with."""

    now: Count
    then: Count

    @property
    def points(self) -> str:
        """In percentage points 百分点: "+3.2"; nothing where one of the two has no denominator."""
        if not (self.now.due and self.then.due):
            return ""
        difference = self.now.done * 100 / self.now.due - self.then.by_then * 100 / self.then.due
        return f"{difference:+.1f}".replace("-", "−") if round(difference, 1) else "0"
