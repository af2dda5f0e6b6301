"""What waits for a person as a member."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from campaigns.duties import Duty, Why
from pledges.flow import PledgeState
from pledges.queries.returns import why_returned
from pledges.queries.rosters import owed


def ones_own_pledge(user: Any, day: dt.date) -> list[Duty]:
    """尚未作出承诺: one's own as a member, while the window is open and one is asked for."""
    found = owed(user, day)
    if found is None:
        return []
    row, window = found
    label, tone, note, why = "尚未作出承诺", "warn", "", Why.OWED
    if row.pledge is not None:
        label, tone = ("待修改" if row.pledge.state == PledgeState.RETURNED else "草稿待提交"), "info"
        if row.pledge.is_sent_back:
            label, tone, note, why = "退回待修改", "bad", why_returned(row.pledge), Why.RETURNED
    return [
        Duty(
            label=label,
            tone=tone,
            title="我的党员承诺",
            organization=row.place,
            permission="",  # 本人: no post is behind it
            url=reverse("pledges:my_pledge"),
            why=why,
            note=note,
            due_on=window.closes_on,
        )
    ]
