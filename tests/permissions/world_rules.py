"""A rule of the campaign that the committee varies in its own subtree; a window; a rung; a text."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from campaigns.models import Obligation, Phase, StrandWindow

if TYPE_CHECKING:
    from tests.permissions.world import World


def build(world: World, phase: Phase, author: Any) -> dict[str, Any]:
    asked = {
        "phase": phase,
        "expects": "quarter",
        "name": "第三季度进展",
        "opens_on": dt.date(2010, 7, 1),
        "due_on": dt.date(2010, 9, 30),
    }
    rule = Obligation.objects.create(**asked)
    Obligation.objects.create(**asked, varies=rule, organization=world.places["committee"], made_by=author)
    window = StrandWindow.objects.create(
        phase=phase,
        strand="pledge",
        name="公开承诺",
        opens_on=dt.date(2010, 7, 1),
        closes_on=dt.date(2010, 8, 31),
    )
    campaign = phase.campaign
    campaign.ladder = [{"days": -3, "to": "owner", "urgent": False}]
    campaign.texts = {"pledge_intro": "先听取意见。"}
    campaign.save()
    return {"rule": rule, "window": window, "campaign": campaign}
