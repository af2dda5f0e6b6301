"""What templates of pledges ask for."""

from __future__ import annotations

import datetime as dt

from django import template

from pledges.flow import ChangeState, PledgeState
from pledges.presentation import CHANGE_TONES, TONES
from pledges.presentation.entry import Line, why_left

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


@register.simple_tag
def missing_of(lines: list[Line]) -> list[tuple[Line, str]]:
    """Whoever has still to pledge on this page, each with what is missing."""
    return [(line, why) for line in lines if (why := why_left(line))]
