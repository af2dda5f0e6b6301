"""What templates of pledges ask for."""

from __future__ import annotations

import datetime as dt

from django import template

from pledges.flow import ChangeState, PledgeState
from pledges.presentation import CHANGE_TONES, TONES

register = template.Library()


@register.filter
def tone(state: str) -> str:
    """The colour and shape of a state's pill."""
    return TONES[PledgeState(state)]


@register.filter
def change_tone(state: str) -> str:
    return CHANGE_TONES[ChangeState(state)]


@register.filter
def iso_date(text: str) -> dt.date | None:
    """The date of a frozen text, for ``|cn_date``."""
    return dt.date.fromisoformat(text) if text else None
