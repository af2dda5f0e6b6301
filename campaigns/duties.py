"""What waits for a person, as each app tells it for 我的工作台. The campaign knows none of the apps by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from organizations.models import Organization

LINES = 30  # of one source on the desk; the rest is behind the source's own list


class Why(models.TextChoices):
    """Why a line stands on somebody's desk."""

    RETURNED = "returned", "退回我修改"
    OWED = "owed", "我要办理"
    WAITING = "waiting", "等我审办"


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of 我的工作台. Several objects of one place and kind are one line with their number in the title.

    ``expects`` and ``phase_id`` name what is owed here (``campaigns.expectations``): its last day is the line's, and
    nothing is said of it a second time. Where a phase asks for it several times, as for each quarter, ``obligation_id``
    says which.
    """

    label: str  # 待审定
    tone: str  # of its pill: ok, info, warn, bad, neutral
    title: str
    organization: Organization
    permission: str  # through which the person is concerned; names the post on the desk, "" for 本人
    url: str
    why: Why = Why.WAITING
    since: dt.datetime | None = None
    note: str = ""  # the reason of a return
    due_on: dt.date | None = None
    expects: str = ""
    phase_id: int | None = None
    obligation_id: int | None = None
    place: str = ""  # where the line speaks of several organizations


@dataclass(frozen=True, slots=True)
class Source:
    """``read(user, day)`` gives at most ``LINES + 1`` duties in a constant number of queries; ``url_name`` lists all."""

    name: str
    url_name: str
    read: Callable[[Any, dt.date], list[Duty]]
    query: str = ""


_sources: list[Source] = []


def register(*sources: Source) -> None:
    """Once, from the ``ready`` of the app that knows."""
    _sources.extend(each for each in sources if each not in _sources)


def sources() -> tuple[Source, ...]:
    return tuple(_sources)


def duties(user: Any, day: dt.date) -> list[Duty]:
    """What all sources tell, area by area."""
    return [duty for source in sources() for duty in source.read(user, day)]
