"""What pages of 践诺 and 评诺 ask for."""

from __future__ import annotations

from django import template
from django.utils import timezone

from campaigns.bands import Bands
from pledges.models import Publication
from pledges.presentation.fulfilment import TONES, PublicItem
from pledges.queries.fulfilment import published_items

register = template.Library()


@register.filter
def kept_tone(value: str) -> str:
    """The colour and shape of a status or a result."""
    return next((tone for known, tone in TONES.items() if known == value), "neutral")


@register.filter
def in_order(votes: dict[str, int], bands: Bands) -> list[tuple[str, int]]:
    """互评票数 from the best band down: the database keeps keys in an order of its own."""
    known = [name for name in bands.names if name in votes]
    return [(name, votes[name]) for name in [*known, *(n for n in votes if n not in known)]]


@register.simple_tag
def fulfilment_of(publication: Publication) -> list[PublicItem]:
    """The items of a publication of which there is something to tell."""
    day = timezone.localdate()
    found = [PublicItem(item, day) for item in published_items(publication)]
    return [item for item in found if item.is_told]
