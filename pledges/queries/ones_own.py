"""What waits for a person as a member."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from pledges.flow import PledgeState
from pledges.queries.duty import Duty, why_returned
from pledges.queries.rosters import owed


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
            note = why_returned(row.pledge)
    return [
        Duty(
            label=label,
            tone=tone,
            title="我的党员承诺",
            organization=row.place,
            permission="",  # 本人: no post is behind it
            url=reverse("pledges:my_pledge"),
            note=note,
        )
    ]
