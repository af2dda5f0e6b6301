"""An opinion in every state at some places: its words, its contact and its answer each with a canary."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from pledges.flow import OpinionState
from pledges.models import Opinion, OpinionContact
from pledges.models.opinion import digest_of

if TYPE_CHECKING:
    from tests.permissions.world import World

DAY = dt.date(2010, 8, 1)


def build(world: World, phase: Any, author: Any) -> dict[tuple[str, str], Opinion]:
    """(place, state) -> opinion."""
    return {
        (place, state): _opinion(world, place, state, author)
        for place in ["committee", "branch", "foreign"]
        for state in OpinionState.values
    }


def _opinion(world: World, place: str, state: str, author: Any) -> Opinion:
    word, now = world.canary("filed", place), timezone.now()
    fields: dict[str, Any] = {"answer": f"拟答复{word}"}
    if state != "received":
        fields["settled_on"] = DAY
    if state in {"answered", "answer_published"}:
        fields |= {"answered_at": now, "answered_by": author}
    if state == "answer_published":
        shown = world.canary("outside", place)
        fields |= {"published_at": now, "published_by": author, "public_answer": f"公布的答复{shown}"}
    if state == "closed":
        fields["close_reason"] = "abusive"
    opinion = Opinion.objects.create(
        publication=world.publications[place, "outside"],
        organization=world.places[place],
        text=f"窗口前要排队{word}，电话{world.canary('opinion_contact', place)}",
        view="partly",
        is_signed=True,
        code_digest=digest_of(f"{place}{state}"),
        state=state,
        received_on=DAY,
        due_on=DAY + dt.timedelta(days=14),
        announced_on=DAY,
        **fields,
    )
    OpinionContact.objects.create(
        opinion=opinion, name="王女士", reach=world.canary("opinion_contact", place)
    )
    return opinion
