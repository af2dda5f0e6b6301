"""One obligation over time: done by day, and the round before it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q, Sum

from campaigns.models import AssignmentState, Obligation, Tally, TallyChange
from campaigns.models.tally import DEPTHS
from organizations.access import within
from organizations.models import Organization


def by_day(
    place: Organization, obligation: Obligation, *, is_alone: bool = False
) -> dict[dt.date | None, int]:
    """The day it was done -> by how many, in this subtree; None: not done yet. The exempt are left out. One query."""
    if not is_alone and place.depth <= max(DEPTHS):
        return _kept(place, obligation)
    rows = obligation.assignments.exclude(state=AssignmentState.EXEMPT)
    rows = (
        rows.filter(organization=place) if is_alone else rows.filter(within(place.path, via="organization__"))
    )
    return dict(rows.order_by().values_list("done_on").annotate(how_many=Count("pk")))


def _kept(place: Organization, obligation: Obligation) -> dict[dt.date | None, int]:
    """From the tallies of ``place``, or of all below the root, and what has not been added to them yet."""
    where = Q(organization=place) if place.depth in DEPTHS else Q(organization__parent=place)
    tallies, changes = (
        model.objects.filter(where, obligation=obligation)
        .exclude(state=AssignmentState.EXEMPT)
        .order_by()
        .values_list("done_on")
        .annotate(how_many=Sum("owed"))
        for model in (Tally, TallyChange)
    )
    counts: dict[dt.date | None, int] = {}
    for done_on, how_many in tallies.union(changes, all=True):
        counts[done_on] = counts.get(done_on, 0) + how_many
    return {done_on: how_many for done_on, how_many in counts.items() if how_many}


def previous(obligation: Obligation) -> Obligation | None:
    """The same expectation one round earlier: the phase before, or the quarter before."""
    earlier = Obligation.objects.tracked().filter(
        phase__campaign=obligation.phase.campaign_id,
        expects=obligation.expects,
        due_on__lt=obligation.due_on,
    )
    return earlier.select_related("phase").order_by("-due_on", "-pk").first()


def same_day(obligation: Obligation, earlier: Obligation, day: dt.date) -> dt.date:
    """As many days before (or after) the last day of the earlier round as ``day`` is before that of this one."""
    return earlier.due_on + (day - obligation.due_on)
