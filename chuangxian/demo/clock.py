"""The demo city's clock: what the services do inside ``at(moment)`` they do at that moment.

Django reads the time in one place, ``django.utils.timezone.now``, also for field defaults. Its ``datetime`` is
exchanged for one that stands still; nothing else in the process notices, and the demo is built by one thread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone


def moment(day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    return timezone.make_aware(dt.datetime(day.year, day.month, day.day, hour, minute))  # noqa: DTZ001


@contextmanager
def at(when: dt.datetime) -> Iterator[None]:
    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return when.astimezone(tz)

    running = timezone.datetime  # type: ignore[attr-defined]
    timezone.datetime = Stopped  # type: ignore[attr-defined]
    try:
        yield
    finally:
        timezone.datetime = running  # type: ignore[attr-defined]
