"""审诺: what waits to be vetted by whom, as filters; the guards of the flow say the same row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse

from campaigns.duties import LINES, Duty, Why
from campaigns.models import not_over
from organizations.access import holdings, within_reach
from organizations.models import Organization
from pledges.flow import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW, ItemState, PledgeState
from pledges.models import Pledge, PledgeItem
from pledges.queries.returns import why_returned

VET = "pledges.approve_pledge"
VET_MEMBERS = "pledges.approve_member_pledge"
VETTING = (VET, VET_MEMBERS)


def items_to_vet(user: Any) -> Q:
    """Pending items (承诺事项) that ``user`` may decide on."""
    return Q(state=ItemState.SUBMITTED) & pledges_to_vet(user, via="pledge__")


def pledges_to_vet(user: Any, *, via: str = "") -> Q:
    """The same for their pledges; ``via`` leads there from other rows."""
    own = {h.organization_id for h in holdings(user)}
    is_mine = Q(**{f"{via}member__user": user.pk})
    is_ours = Q(**{f"{via}organization__in": own})
    wrote = Q(**{f"{via}hands__contains": [user.pk]})
    organizations, members, leaders = _by_flow(user, via)
    allowed = (organizations & ~wrote & ~is_ours) | (members & ~is_mine) | (leaders & ~is_mine & ~is_ours)
    return Q(**{f"{via}state": PledgeState.SUBMITTED}) & allowed


def within_vetting_reach(user: Any, *, via: str = "") -> Q:
    """Where the posts allow to vet, whatever the guards say about the person."""
    organizations, members, leaders = _by_flow(user, via)
    return organizations | members | leaders


def _by_flow(user: Any, via: str) -> tuple[Q, Q, Q]:
    there = f"{via}organization__"
    below = within_reach(user, ORGANIZATION_FLOW["approve"].permission, via=there)
    own = within_reach(user, MEMBER_FLOW["approve"].permission, via=there)
    leading = within_reach(user, LEADER_FLOW["approve"].permission, via=there)
    is_member = Q(**{f"{via}member__isnull": False})
    is_leading = Q(**{f"{via}is_leading": True})
    return (
        Q(**{f"{via}member": None}) & below,
        is_member & ~is_leading & own,
        is_member & is_leading & leading,
    )


def as_read(read: Mapping[int, int], *, field: str = "version") -> Q:
    """The rows (by primary key) whose text still is the version that was on the screen.

    As a filter under the row lock: what changed in between is simply not among them.
    """
    versions: dict[int, list[int]] = {}
    for pk, version in read.items():
        versions.setdefault(version, []).append(pk)
    found = Q(pk__in=[])
    for version, pks in versions.items():
        found |= Q(pk__in=pks, **{field: version})
    return found


def vetting_page(rows: QuerySet[Pledge], after: str, *, size: int) -> tuple[list[Pledge], str]:
    """Organization by organization in protocol order: the pledges of one page, and the mark of the next.

    By key: what is vetted leaves the list, and numbered pages would shift. An unreadable mark is the first page.
    """
    place, _, pk = after.partition("-")
    if len(after) < 36 and all(part.isascii() and part.isdigit() for part in (place, pk)):
        path = Organization.objects.filter(pk=int(place)).values_list("order_path", flat=True).first()
        if path is not None:
            later = Q(organization__order_path__gt=path)
            rows = rows.filter(later | Q(organization__order_path=path, pk__gt=int(pk)))
    rows = rows.order_by("organization__order_path", "pk").select_related("organization", "member", "phase")
    found = list(rows.prefetch_related("items")[: size + 1])
    more = f"{found[size - 1].organization_id}-{found[size - 1].pk}" if len(found) > size else ""
    return found[:size], more


def vetting_duties(user: Any, day: dt.date) -> list[Duty]:
    """Members' items to vet, a line for each branch. (Organizations' pledges have lines of their own.)"""
    pending = PledgeItem.objects.filter(items_to_vet(user), pledge__member__isnull=False)
    lines = list(
        pending.order_by()
        .values("pledge__organization", "pledge__is_leading")
        .annotate(number=Count("pk"), since=Min("pledge__submitted_at"))
        .order_by("since", "pledge__organization")[: LINES + 1]
    )
    places = Organization.objects.in_bulk([line["pledge__organization"] for line in lines])
    return [
        Duty(
            label="待审定",
            tone="warn",
            title=f"{line['number']} 项{'书记、副书记的' if line['pledge__is_leading'] else '党员'}承诺待审定",
            organization=places[line["pledge__organization"]],
            permission=VET if line["pledge__is_leading"] else VET_MEMBERS,
            url=f"{reverse('pledges:vetting')}?organization={line['pledge__organization']}",
            since=line["since"],
        )
        for line in lines
    ]


def returned_duties(user: Any, day: dt.date) -> list[Duty]:
    """Members' pledges of the own branch that came back and are to be corrected."""
    returned = (
        Pledge.objects.of_members()
        .filter(
            within_reach(user, "pledges.edit_member_pledge"),
            state=PledgeState.RETURNED,
            member__left_on=None,
        )
        .exclude(return_reason="")  # taken back by themselves
        .filter(not_over(day, "phase__campaign__"))
        .select_related("organization", "member")
        .prefetch_related("items")
        .order_by(F("changed_at"), "pk")[: LINES + 1]
    )
    return [
        Duty(
            label="退回待修改",
            tone="bad",
            title=str(pledge),
            organization=pledge.organization,
            permission="pledges.edit_member_pledge",
            url=reverse("pledges:edit", args=[pledge.pk]),
            why=Why.RETURNED,
            since=pledge.changed_at,
            note=why_returned(pledge),
        )
        for pledge in returned
    ]
