"""One thing that everybody owes, counted at every place."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from campaigns.models import Concession, Obligation, Phase, Snapshot
from campaigns.queries.circular import circular
from campaigns.queries.sheets import sheet
from campaigns.services import assignments
from common.models import SpecialDay

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
    assignments.refresh(plan)
    found = {row.organization_id: row for row in plan.assignments.all()}
    rows = {code: found[place.pk] for code, place in world.places.items() if place.pk in found}
    granted = Concession.objects.create(
        obligation=plan,
        organization=world.places["branch"],
        until=dt.date(2011, 1, 15),
        reason="换届",
        granted_by=author,
    )
    special = SpecialDay.objects.create(day=dt.date(2010, 10, 8), is_worked=False, name="国庆节")
    kept = {
        code: Snapshot.objects.create(
            organization=world.places[code],
            phase=phase,
            as_of=dt.date(2010, 10, 8),
            figures={
                "sheet": sheet(world.places[code], phase, dt.date(2010, 10, 8)).as_json(),
                "circular": circular(world.places[code], phase, dt.date(2010, 10, 8)).as_json(),
            },
            made_by=author,
        )
        for code in ("committee", "branch", "foreign")
    }
    return {
        "phase": phase,
        "snapshots": kept,
        "plan": plan,
        "concession": granted,
        "special day": special,
        **rows,
    }
