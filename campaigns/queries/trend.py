"""One obligation over time: done by day, and the round before it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count

from campaigns.models import AssignmentState, Obligation
from organizations.access import within
from organizations.models import Organization


def by_day(
    place: Organization, obligation: Obligation, *, is_alone: bool = False
) -> dict[dt.date | None, int]:
    """The day it was done -> by how many, in this subtree; None: not done yet. The exempt are left out. One query."""
    rows = obligation.assignments.exclude(state=AssignmentState.EXEMPT)
    if is_alone:
        rows = rows.filter(organization=place)
    elif place.parent_id is not None:
        rows = rows.filter(within(place.path, via="organization__"))
    return dict(rows.order_by().values_list("done_on").annotate(how_many=Count("pk")))


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
