"""What templates of pledges ask for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template

from pledges.flow import PledgeState
from pledges.presentation import TONES

register = template.Library()


@register.filter
def tone(state: str) -> str:
    """The colour and shape of a state's pill."""
    return TONES[PledgeState(state)]


@register.filter
def iso_date(text: str) -> dt.date | None:
    """The date of a frozen text, for ``|cn_date``."""
    return dt.date.fromisoformat(text) if text else None


@register.simple_tag(takes_context=True)
def with_cursor(context: Any, cursor: str) -> str:
    """The address of the list with another place in it: filters kept, "before" or "after" replaced."""
    if not cursor:
        return ""
    query = context["request"].GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    rest = query.urlencode()
    return f"?{rest}&{cursor}" if rest else f"?{cursor}"
