"""What waits for a person besides organizations' pledges: each area tells its own, the desk lists them all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pledges.queries.duty import Duty, Source
from pledges.queries.fulfilment_duties import fulfilment_duties

SOURCES: tuple[Source, ...] = (fulfilment_duties,)


def duties(user: Any, day: dt.date) -> list[Duty]:
    """Everything that waits for ``user`` on ``day``, area by area."""
    return [duty for source in SOURCES for duty in source(user, day)]


__all__ = ["SOURCES", "Duty", "Source", "duties"]
