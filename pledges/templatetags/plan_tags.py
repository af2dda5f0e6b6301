"""What templates of plans ask for."""

from __future__ import annotations

from django import template

from pledges.flow import PlanState
from pledges.presentation.plan import PLAN_TONES

register = template.Library()


@register.filter
def plan_tone(state: str) -> str:
    """The colour and shape of a state's pill."""
    return PLAN_TONES[PlanState(state)]
