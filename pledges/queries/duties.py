"""What waits for a person besides organizations' pledges: each area tells its own, the desk lists them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from pledges.queries.duty import Duty
from pledges.queries.opinions import opinion_duties

Source = Callable[[Any, dt.date], list[Duty]]
# A constant number of queries each, whatever waits; at most some thirty lines.
SOURCES: tuple[Source, ...] = (opinion_duties,)


def duties(user: Any, day: dt.date) -> list[Duty]:
    """Everything that waits for ``user`` on ``day``, area by area."""
    return [duty for source in SOURCES for duty in source(user, day)]
