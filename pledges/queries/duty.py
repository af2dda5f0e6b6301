"""One line of what waits for a person, as every area tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from campaigns.queries.duty import Duty
from pledges.flow import ItemState
from pledges.models import Pledge


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


__all__ = ["Duty", "Source", "why_returned"]
# A constant number of queries each, whatever waits; at most some thirty lines.
Source = Callable[[Any, dt.date], list[Duty]]
