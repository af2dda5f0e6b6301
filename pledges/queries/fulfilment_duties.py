"""What of 践诺 and 评诺 waits for a person: one line a place and kind, counted in the database."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Exists, ExpressionWrapper, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.fields import BooleanField
from django.urls import reverse

from campaigns.duties import LINES, Duty, Why
from campaigns.models import Obligation
from organizations.access import may, within_reach
from organizations.models import Organization
from pledges.flow import IN_FORCE, AppraisalState
from pledges.flow.appraisal import MEET
from pledges.models import Appraisal, Judgement, Pledge, PledgeItem, Progress, Source, Status, quarter_of
from pledges.queries.fulfilment import in_force, judged_by, reported_by

SOON = dt.timedelta(days=14)
REPORTING = ("pledges.submit_pledge", "pledges.submit_member_pledge")
TAPPING = ("pledges.edit_pledge", "pledges.edit_member_pledge")


@dataclass(frozen=True, slots=True)
class _Kind:
    label: str
    tone: str
    title: str
    permissions: tuple[str, str]  # for an organization's pledge and for a member's
    page: str = "pledges:fulfilment_at"
    why: Why = Why.OWED


_OVERDUE = _Kind("到期未报", "bad", "{count} 项{whose}承诺已到期，请报告结果", REPORTING)
_SOON = _Kind("即将到期", "info", "{count} 项{whose}承诺两周内到期", REPORTING)
_QUARTER = _Kind("待填进展", "info", "{count} 项{whose}承诺本季度还没有填进展，点一下即可", TAPPING)
QUARTER = "quarter"  # as obligations name it
_JUDGE = _Kind(
    "待认定",
    "warn",
    "{count} 项{whose}承诺自报了结果，等待认定",
    ("pledges.approve_pledge", "pledges.approve_member_pledge"),
    why=Why.WAITING,
)
_SELF = _Kind("待自评", "info", "{count} 份{whose}承诺的结果都已报，请自评", REPORTING)
_MEET = _Kind(
    "待互评", "info", "{count} 份{whose}承诺已自评，请登记互评", (MEET, MEET), "pledges:appraisals_at"
)
_GRADE = _Kind(
    "待评定",
    "warn",
    "{count} 份{whose}承诺等待组织评定",
    ("pledges.approve_pledge", "pledges.approve_member_pledge"),
    "pledges:appraisals_at",
    why=Why.WAITING,
)


def fulfilment_duties(user: Any, day: dt.date) -> list[Duty]:
    """Items due or untold, results to judge, appraisals to give. Three queries, one for the places named, and in the
    last month of a quarter one for what is owed of it.
    """
    overdue, soon, judge, untold = _items(user, day)
    meet, grade = _appraisals(user)
    lines = [
        (_OVERDUE, overdue),
        (_SOON, soon),
        (_JUDGE, judge),
        (_SELF, _to_appraise_oneself(user)),
        (_MEET, meet),
        (_GRADE, grade),
    ]
    if day.month % 3 == 0:  # the quarter's last month
        lines.append((_QUARTER, _as_owed(untold, day)))
    return list(_worded(user, [(kind, _together(counted)) for kind, counted in lines]))


@dataclass(frozen=True, slots=True)
class _Group:
    """What a line speaks of."""

    place: int
    of_member: bool
    phase: int | None  # told apart where something is owed in it
    owed: int | None = None  # the obligation for which the line stands


Counted = list[tuple[_Group, int]]


def _together(counted: Counted) -> Counted:
    """One line a place, whatever the phases, but where a line stands for what is owed."""
    sums = Counter[_Group]()
    for group, count in counted:
        sums[group if group.owed else replace(group, phase=None)] += count
    return list(sums.items())


def _as_owed(counted: Counted, day: dt.date) -> Counted:
    """Where the phase asks organizations for a word on this quarter, the line is that obligation's. One query."""
    phases = {group.phase for group, _ in counted if not group.of_member}
    asked = Obligation.objects.tracked().filter(phase__in=phases, expects=QUARTER).order_by("-due_on", "-pk")
    owed: dict[int | None, int] = {
        each.phase_id: each.pk for each in asked if quarter_of(each.due_on) == quarter_of(day)
    }
    return [
        (group if group.of_member else replace(group, owed=owed.get(group.phase)), count)
        for group, count in counted
    ]


def _items(user: Any, day: dt.date) -> list[Counted]:
    """Overdue, due within two weeks, to judge, and not told of this quarter: counted in one pass."""
    mine, told_by_me, judged_by_me = reported_by(user, REPORTING), reported_by(user, TAPPING), judged_by(user)
    unreported = Q(own__isnull=True)
    still_open = Q(pledge__phase__pledge_archive=None)
    rows = PledgeItem.objects.filter(in_force(), still_open).filter(told_by_me | judged_by_me)
    rows = rows.annotate(
        own=FilteredRelation("judgements", condition=Q(judgements__source=Source.SELF)),
        above=FilteredRelation("judgements", condition=Q(judgements__source=Source.SUPERIOR)),
        told=Exists(Progress.objects.filter(_is_enough(quarter_of(day)), item=OuterRef("pk"))),
    )
    return _by_place(
        rows,
        mine & unreported & Q(due_on__lt=day),
        mine & unreported & Q(due_on__range=(day, day + SOON)),
        judged_by_me & ~unreported & Q(above__isnull=True),
        told_by_me & unreported & Q(told=False),
    )


def _is_enough(quarter: dt.date) -> Q:
    """A word of this quarter, or that it was done before it."""
    return Q(quarter=quarter) | Q(quarter__lt=quarter, status=Status.DONE)


def _to_appraise_oneself(user: Any) -> Counted:
    """Pledges whose every item has its result, and whose appraisal has not begun."""
    reported = Exists(Judgement.objects.filter(item=OuterRef("pk"), source=Source.SELF))
    unreported = PledgeItem.objects.filter(~reported, pledge=OuterRef("pk"))
    begun = Appraisal.objects.filter(pledge=OuterRef("pk")).exclude(state=AppraisalState.OPEN)
    rows = Pledge.objects.filter(reported_by(user, REPORTING, via=""), ~Exists(unreported), ~Exists(begun))
    rows = rows.filter(state__in=IN_FORCE, items__number=1, phase__pledge_archive=None)
    return _by_place(rows, Q(), via="")[0]


def _appraisals(user: Any) -> list[Counted]:
    """Self-appraised and waiting for the meeting; waiting for the grade. 预备党员 are not graded, organizations have no
    peers.
    """
    of_member, mine = Q(pledge__member__isnull=False), judged_by(user)
    meets = within_reach(user, MEET, via="pledge__organization__")
    self_appraised = Q(state=AppraisalState.SELF_APPRAISED)
    to_grade = Q(state=AppraisalState.PEER_APPRAISED, pledge__member__standing="full") & of_member
    to_grade |= self_appraised & ~of_member
    rows = Appraisal.objects.filter(
        meets | mine, pledge__state__in=IN_FORCE, pledge__phase__pledge_archive=None
    )
    return _by_place(rows, meets & self_appraised & of_member, mine & to_grade)


def _by_place(rows: QuerySet[Any], *conditions: Q, via: str = "pledge__") -> list[Counted]:
    """How many rows each organization has in each phase under each of the conditions; nothing where there are none."""
    of_member = ExpressionWrapper(Q(**{f"{via}member__isnull": False}), BooleanField())
    by = (f"{via}organization", "of_member", f"{via}phase")
    counts = {f"n{number}": Count("pk", filter=condition) for number, condition in enumerate(conditions)}
    found = rows.order_by().annotate(of_member=of_member).values_list(*by)
    counted = list(found.annotate(**counts).order_by(*by))
    return [
        [(_Group(*row[:3]), row[3 + which]) for row in counted if row[3 + which]]
        for which in range(len(conditions))
    ]


def _worded(user: Any, lines: list[tuple[_Kind, Counted]]) -> Iterator[Duty]:
    wanted = {group.place for _, counted in lines for group, _ in counted[: LINES + 1]}
    places = Organization.objects.in_bulk(wanted) if wanted else {}
    for kind, counted in lines:
        for group, count in counted[: LINES + 1]:
            place = places[group.place]
            permission = kind.permissions[group.of_member]
            through_a_post = may(user, permission, place)
            whose = ("党员" if group.of_member else "党组织") if through_a_post else "本人的"
            yield Duty(
                label=kind.label,
                tone=kind.tone,
                title=kind.title.format(count=count, whose=whose),
                organization=place,
                permission=permission,
                why=kind.why,
                expects=QUARTER if group.owed else "",
                phase_id=group.phase,
                obligation_id=group.owed,
                url=reverse(kind.page, args=[place.pk])
                if through_a_post
                else reverse("pledges:fulfilment_mine"),
            )
