"""One thing that everybody owes, counted at every place."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from campaigns.models import Obligation, Phase
from campaigns.services import standings

if TYPE_CHECKING:
    from tests.permissions.world import World


def build(world: World, phase: Phase, author: Any) -> dict[str, Any]:
    plan = Obligation.objects.create(
        phase=phase,
        expects="plan",
        name="报送活动方案",
        opens_on=dt.date(2010, 6, 1),
        due_on=dt.date(2010, 12, 31),
    )
    standings.refresh(plan)
    return {"plan": plan}
