"""Summaries (小结) at every place and in every state, each on a phase of its own: there is one an organization and phase."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from campaigns.flow import SummaryState
from campaigns.models import Phase, Summary

if TYPE_CHECKING:
    from tests.permissions.world import World

PLACES = ("committee", "branch", "foreign")


def build(world: World, phase: Any, author: Any) -> dict[tuple[str, str], Summary]:
    """(place, state) -> summary."""
    phases = {
        state: Phase.objects.create(
            campaign=phase.campaign,
            number=60 + number,
            name=f"小结第{number}段",
            starts_on=dt.date(2008, 1, 1),
            ends_on=dt.date(2008, 12, 31),
        )
        for number, state in enumerate(SummaryState.values)
    }
    return {
        (place, state): _summary(world, place, state, phases[state], author)
        for place in PLACES
        for state in SummaryState.values
    }


def _summary(world: World, place: str, state: str, phase: Any, author: Any) -> Summary:
    word = world.canary("draft" if state == "draft" else "filed", place)
    now = timezone.now()
    filed = {} if state == "draft" else {"submitted_at": now, "submitted_by": author}
    decided = {"decided_at": now, "decided_by": author} if state in {"returned", "accepted"} else {}
    return Summary.objects.create(
        organization=world.places[place],
        phase=phase,
        done=f"办事时限压缩三分之一{word}",
        left=f"服务窗口还没有装修{word}",
        figures=[] if state == "draft" else [{"name": "公开承诺", "said": f"共 3 项{word}"}],
        state=state,
        return_reason=f"没有写群众怎么说{word}" if state == "returned" else "",
        hands=[author.pk],
        **filed,
        **decided,
    )
