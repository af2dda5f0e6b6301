"""A member's pledge in each state on its way, with a canary in its text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from organizations.models import Member
from pledges.models import Pledge, PledgeItem

if TYPE_CHECKING:
    from tests.permissions.world import World

PLACES = ("general", "branch", "foreign")
STATES = ("submitted", "approved", "proposed", "cleared")


def build(world: World, phase: Any, author: Any) -> dict[tuple[str, str], Pledge]:
    """(place, state) -> pledge."""
    return {
        (place, state): _pledge(world, place, state, phase, author) for place in PLACES for state in STATES
    }


def _pledge(world: World, place: str, state: str, phase: Any, author: Any) -> Pledge:
    word = world.canary("reviewed" if state == "proposed" else "filed", place)
    member = Member.objects.create(
        organization=world.places[place],
        name=f"沈{state}"[:12],
        sex="f",
        birth_month=dt.date(1980, 8, 1),
        joined_on=dt.date(2001, 7, 1),
    )
    pledge = Pledge.objects.create(
        organization=world.places[place],
        member=member,
        phase=phase,
        category=phase.campaign.rubric.filter(subject="member").first(),
        directions=["masses"],
        aim=f"多走访{word}",
        state=state,
        scope="outside" if state in {"proposed", "cleared"} else "",
        hands=[author.pk],
        submitted_at=timezone.now(),
        submitted_by=author,
    )
    PledgeItem.objects.create(
        pledge=pledge,
        number=1,
        content=f"全年走访困难户十二户{word}",
        due_on=dt.date(2010, 12, 31),
        state="submitted" if state == "submitted" else "approved",
    )
    return pledge
