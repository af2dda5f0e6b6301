"""What waits for a person besides organizations' pledges: each area tells its own, the desk lists them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of 我的工作台. Several objects of one place and kind are one line with their number in the title."""

    label: str  # 待审定
    tone: str  # of its pill: ok, info, warn, bad, neutral
    title: str
    organization: Organization
    permission: str  # through which the person is concerned; names the post on the desk
    url: str
    since: dt.datetime | None = None
    note: str = ""  # the deadline, the reason of a return


Source = Callable[[Any, dt.date], list[Duty]]
# A constant number of queries each, whatever waits; at most some thirty lines.
SOURCES: tuple[Source, ...] = ()


def duties(user: Any, day: dt.date) -> list[Duty]:
    """Everything that waits for ``user`` on ``day``, area by area."""
    return [duty for source in SOURCES for duty in source(user, day)]
