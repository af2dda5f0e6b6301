"""What is on its way through somebody else's hands: asked when hands change (a new holder, a new superior)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from pledges.flow import PledgeState
from pledges.models import Plan, Pledge
from pledges.queries.plan import plans_waiting_for
from pledges.queries.pledge import waiting_for
from pledges.queries.publication import BATCH_STEPS, waiting_batch
from pledges.queries.vetting import pledges_to_vet


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """One kind of what is filed. Its rows have an ``organization``, a ``state`` and a ``flow``."""

    noun: str
    rows: Callable[[], QuerySet[Any]]  # all of them, loaded with what guards ask
    due: Mapping[str, str]  # state -> the step that is due then
    file: str  # the permission of those who filed it
    waiting: Callable[[Any], Q]  # those that wait for a person


def _waiting_of_members(user: Any) -> Q:
    waiting = pledges_to_vet(user) & Q(member__isnull=False)
    for step in BATCH_STEPS:
        waiting |= waiting_batch(user, step)
    return waiting


# what is before somebody else, and the step that is due then
DUE_ABOVE: dict[str, str] = {
    PledgeState.SUBMITTED: "approve",
    PledgeState.PROPOSED: "clear",
    PledgeState.CLEARED: "publish",
}
ON_THE_WAY: tuple[OnTheWay, ...] = (
    OnTheWay(
        "党组织承诺",
        lambda: Pledge.objects.of_organizations().with_what_guards_ask(),
        DUE_ABOVE,
        "pledges.submit_pledge",
        waiting_for,
    ),
    OnTheWay(
        "党员承诺",
        lambda: Pledge.objects.of_members().with_what_guards_ask(),
        DUE_ABOVE,
        "pledges.submit_member_pledge",
        _waiting_of_members,
    ),
    OnTheWay(
        "活动方案",
        lambda: Plan.objects.with_what_guards_ask(),
        DUE_ABOVE,
        "pledges.submit_plan",
        plans_waiting_for,
    ),
)
