"""What waits for a person besides organizations' pledges: each area tells its own, the desk lists them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from organizations.models import Organization
from pledges.flow import PledgeState
from pledges.queries.rosters import owed


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


def ones_own_pledge(user: Any, day: dt.date) -> list[Duty]:
    """尚未作出承诺: one's own as a member, while the window is open and one is asked for."""
    found = owed(user, day)
    if found is None:
        return []
    row, window = found
    label, tone, note = "尚未作出承诺", "warn", f"{window.name}还有 {window.days_left(day)} 天截止"
    if row.pledge is not None:
        is_returned = row.pledge.state == PledgeState.RETURNED
        label, tone = ("退回待修改", "bad") if is_returned else ("草稿待提交", "info")
        if is_returned and row.pledge.return_reason:
            note = f"退回理由：{row.pledge.return_reason}"
    return [
        Duty(
            label=label,
            tone=tone,
            title="我的党员承诺",
            organization=row.place,
            permission="pledges.edit_member_pledge",
            url=reverse("pledges:my_pledge"),
            note=note,
        )
    ]


Source = Callable[[Any, dt.date], list[Duty]]
# A constant number of queries each, whatever waits; at most some thirty lines.
SOURCES: tuple[Source, ...] = (ones_own_pledge,)


def duties(user: Any, day: dt.date) -> list[Duty]:
    """Everything that waits for ``user`` on ``day``, area by area."""
    return [duty for source in SOURCES for duty in source(user, day)]
