"""What plans and pledges fill in of 进度统计表 (domain.md 6.1).

应报 and 已报 are those of 应办事项, where the phase has one for it; everything of members is as the round counts it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet

from campaigns.columns import register
from campaigns.models import Assignment, AssignmentState, Obligation, Phase
from campaigns.queries import progress
from campaigns.queries.sheets import Counts, by_branch
from organizations.models import Organization
from pledges.flow.plan import PLAN_VETTED
from pledges.models import Plan, PledgeItem, Publication, Result, Source
from pledges.queries.figures import Place
from pledges.queries.figures import level as level_of_round
from pledges.queries.fulfilment import in_force

OF_ROUND = {
    "pledges_due": "organizations_owing",
    "pledges_filed": "organizations_filed",
    "pledges_published": "organizations_published",
    "pledge_items": "organization_items",
    "members_due": "members_due",
    "members_exempt": "members_exempt",
    "members_oral": "members_oral",
    "member_items": "member_items",
}


def _plans(place: Organization, phase: Phase, day: dt.date) -> Counts:
    """Nothing where the phase asks for no plan."""
    obligation = _asked_for(phase, "plan")
    if obligation is None:
        return {}
    counted = _owed(place, obligation, day, due="plans_due", done="plans_filed")
    agreed = _of_those_who_did(
        Plan.objects.filter(phase=phase, state__in=PLAN_VETTED), obligation, "organization"
    )
    by_place = by_branch(
        agreed, place, via="organization__", plans_agreed=Count("organization", distinct=True)
    )
    return _together(counted, by_place)


def _pledges(place: Organization, phase: Phase, day: dt.date) -> Counts:
    """As the page 承诺情况 counts them, written and oral ones together as 已承诺; what organizations owe, as it is
    tracked where it is.
    """
    here = Place(place.pk, place.name, place.path, with_below=True)
    counted: Counts = {place.pk: dict.fromkeys([*OF_ROUND, "members_pledged"], 0)}
    for line in level_of_round(phase, here):
        mine = {key: line.counts[name] for key, name in OF_ROUND.items()}
        counted[line.organization_id or place.pk] = mine | {"members_pledged": line.pledged}
    obligation = _asked_for(phase, "pledge")
    if obligation is None:
        return counted
    public = Publication.objects.filter(pledge__phase=phase, pledge__member=None, withdrawn_at=None)
    published = by_branch(
        _of_those_who_did(public, obligation, "pledge__organization"),
        place,
        via="pledge__organization__",
        pledges_published=Count("pledge__organization", distinct=True),
    )
    for mine in counted.values():
        mine |= {"pledges_due": 0, "pledges_filed": 0, "pledges_published": 0}
    return _together(
        counted, _owed(place, obligation, day, due="pledges_due", done="pledges_filed"), published
    )


def _asked_for(phase: Phase, code: str) -> Obligation | None:
    return next((each for each in progress.tracked(phase) if each.expects == code), None)


def _owed(place: Organization, obligation: Obligation, day: dt.date, *, due: str, done: str) -> Counts:
    """应报 without the exempt, and 已报, as 办理进度 shows them."""
    counted: Counts = {place.pk: {due: 0, done: 0}}
    for line in progress.level(place, [obligation], day):
        count = line.of(obligation)
        counted[line.organization_id or place.pk] = {due: count.due, done: count.done}
    return counted


def _together(*parts: Counts) -> Counts:
    return {
        pk: {key: count for part in parts for key, count in part.get(pk, {}).items()}
        for pk in dict.fromkeys(pk for part in parts for pk in part)
    }


def _of_those_who_did(rows: QuerySet[Any], obligation: Obligation, via: str) -> QuerySet[Any]:
    """Whoever was let off does not count as approved or public either: a part stays below its whole."""
    done = Assignment.objects.filter(obligation=obligation, state=AssignmentState.DONE)
    return rows.filter(Exists(done.filter(organization=OuterRef(via))))


def _members_published(place: Organization, phase: Phase, day: dt.date) -> Counts:
    public = Publication.objects.filter(pledge__phase=phase, pledge__member__isnull=False, withdrawn_at=None)
    return by_branch(
        public,
        place,
        via="pledge__organization__",
        members_published=Count("pledge__member", distinct=True),
    )


def _fulfilment(place: Organization, phase: Phase, day: dt.date) -> Counts:
    """Items whose date is over, of organizations and members; fulfilled in the superior's judgement (评诺)."""
    due = PledgeItem.objects.filter(in_force(), pledge__phase=phase, due_on__lt=day)
    judged = due.annotate(
        above=FilteredRelation("judgements", condition=Q(judgements__source=Source.SUPERIOR))
    )
    return by_branch(
        judged,
        place,
        via="pledge__organization__",
        items_due=Count("pk"),
        items_fulfilled=Count("pk", filter=Q(above__result=Result.FULFILLED)),
    )


register(["plans_due", "plans_filed", "plans_agreed"], _plans)
register([*OF_ROUND, "members_pledged"], _pledges)
register(["members_published"], _members_published)
register(["items_due", "items_fulfilled"], _fulfilment)
