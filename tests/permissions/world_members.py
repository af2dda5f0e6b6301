"""Members' pledges for the permission matrix: a draft and a filed one at some places, and one's own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from organizations.models import Member
from pledges.models import Pledge, PledgeItem
from tests.permissions.oracle import ROLES

if TYPE_CHECKING:
    from tests.permissions.world import World

PLACES = ["branch", "sibling", "foreign"]


def build(world: World, phase: Any, author: Any) -> dict[tuple[str, str], Pledge]:
    """(place or "own", state) -> pledge."""
    made: dict[tuple[str, str], Pledge] = {}
    for place in PLACES:
        for state in ["draft", "submitted"]:
            word = world.canary("draft" if state == "draft" else "filed", place)
            made[place, state] = _pledge(world, place, state, phase, author, word)
    own = made["own", "draft"] = _pledge(world, "branch", "draft", phase, author, "本人的打算")
    own.member.user = world.users[next(who for who in ROLES if who.name == "member")]  # type: ignore[union-attr]
    own.member.save()  # type: ignore[union-attr]
    return made


def _pledge(world: World, place: str, state: str, phase: Any, author: Any, word: str) -> Pledge:
    organization = world.places[place]
    member = Member.objects.create(
        organization=organization,
        name=world.canary("member", place),
        sex="m",
        birth_month=dt.date(1975, 8, 1),
        joined_on=dt.date(2000, 7, 1),
    )
    filed = {} if state == "draft" else {"submitted_at": timezone.now(), "submitted_by": author}
    # the name of who promises is as open as the pledge is: told apart here by a name of its own
    member.name = "甲同志" if state == "submitted" or word == "本人的打算" else member.name
    member.save()
    pledge = Pledge.objects.create(
        organization=organization,
        member=member,
        phase=phase,
        aim=word,
        state=state,
        hands=[author.pk],
        **filed,
    )
    PledgeItem.objects.create(pledge=pledge, number=1, content=word, due_on=dt.date(2010, 12, 1), state=state)
    return pledge
