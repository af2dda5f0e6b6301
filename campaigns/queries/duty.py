"""One line of what waits for a person, as every app tells it to the desk."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from organizations.models import Organization


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of 我的工作台. Several objects of one place and kind are one line with their number in the title."""

    label: str  # 待审定
    tone: str  # of its pill: ok, info, warn, bad, neutral
    title: str
    organization: Organization
    permission: str  # through which the person is concerned; names the post on the desk, "" for 本人
    url: str
    since: dt.datetime | None = None
    note: str = ""  # the deadline, the reason of a return
