"""One line of what waits for a person, as every area tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from organizations.models import Organization
from pledges.flow import ItemState
from pledges.models import Pledge


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


def why_returned(pledge: Pledge) -> str:
    """退回理由 as a line of the desk: what was said of each returned item, else of the whole. Reads ``items``."""
    returned = [
        item
        for item in pledge.items.all()
        if item.state == ItemState.RETURNED and item.remark not in ("", pledge.return_reason)
    ]
    said = (
        "；".join(f"第{item.number}项，{item.remark.rstrip('。')}" for item in returned)
        or pledge.return_reason
    )
    return f"退回理由：{said}" if said else ""


# A constant number of queries each, whatever waits; at most some thirty lines.
Source = Callable[[Any, dt.date], list[Duty]]
