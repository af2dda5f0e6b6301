"""A member's pledge in each state on its way, with a canary in its text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from organizations.models import Member
from pledges.models import Pledge, PledgeItem

PLACES = ("general", "branch", "foreign")
STATES = ("submitted", "approved", "proposed", "cleared")


def populate(world: Any, phase: Any, author: Any) -> None:
    """``world.extra["vetting"]``: (place, state) -> pledge."""
    made = world.extra["vetting"] = {}
    for place in PLACES:
        for state in STATES:
            made[place, state] = _pledge(world, place, state, phase, author)


def _pledge(world: Any, place: str, state: str, phase: Any, author: Any) -> Pledge:
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
