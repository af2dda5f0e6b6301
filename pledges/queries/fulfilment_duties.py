"""What of 践诺 and 评诺 waits for a person: one line a place and kind, counted in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.fields import BooleanField
from django.urls import reverse

from organizations.access import may, within_reach
from organizations.models import Organization
from pledges.flow import IN_FORCE, AppraisalState
from pledges.flow.appraisal import MEET
from pledges.models import Appraisal, Judgement, PledgeItem, Progress, Source, quarter_of
from pledges.queries.duty import Duty
from pledges.queries.fulfilment import in_force, judged_by, overdue_items, reported_by, to_judge

SOON = dt.timedelta(days=14)
SHOWN = 8  # lines of a kind
REPORTING = ("pledges.submit_pledge", "pledges.submit_member_pledge")
TAPPING = ("pledges.edit_pledge", "pledges.edit_member_pledge")


@dataclass(frozen=True, slots=True)
class _Kind:
    label: str
    tone: str
    title: str
    permissions: tuple[str, str]  # for an organization's pledge and for a member's
    page: str = "pledges:fulfilment_at"


_OVERDUE = _Kind("到期未报", "bad", "{count} 项承诺已到期，请自报结果", REPORTING)
_SOON = _Kind("即将到期", "info", "{count} 项承诺两周内到期", REPORTING)
_QUARTER = _Kind("待填进展", "info", "本季度还有 {count} 项承诺没有填进展，点一下即可", TAPPING)
_JUDGE = _Kind(
    "待认定",
    "warn",
    "{count} 项自报的结果待认定",
    ("pledges.approve_pledge", "pledges.approve_member_pledge"),
)
_SELF = _Kind("待自评", "info", "{count} 份承诺的结果都已报，请自评", REPORTING)
_MEET = _Kind("待互评", "info", "{count} 份承诺已自评，请登记互评", (MEET, MEET), "pledges:appraisals_at")
_GRADE = _Kind(
    "待评定",
    "warn",
    "{count} 份承诺待组织评定",
    ("pledges.approve_pledge", "pledges.approve_member_pledge"),
    "pledges:appraisals_at",
)


def fulfilment_duties(user: Any, day: dt.date) -> list[Duty]:
    """Items due or untold, results to judge, appraisals to give. A constant number of queries."""
    items = PledgeItem.objects.all()
    mine = items.filter(in_force(), reported_by(user, REPORTING))
    open_ones = mine.filter(~_reported())
    lines = [
        (_OVERDUE, _by_place(overdue_items(mine, day), "pledge__")),
        (_SOON, _by_place(open_ones.filter(due_on__range=(day, day + SOON)), "pledge__")),
        (_JUDGE, _by_place(to_judge(items, user), "pledge__")),
        (_SELF, _by_place(_to_appraise_oneself(mine), "pledge__", of="pledge")),
        (_MEET, _by_place(_to_meet(user), "pledge__")),
        (_GRADE, _by_place(_to_grade(user), "pledge__")),
    ]
    if day.month % 3 == 0:  # the quarter's last month
        untold = items.filter(in_force(), reported_by(user, TAPPING), ~_reported(), ~_told(day))
        lines.append((_QUARTER, _by_place(untold, "pledge__")))
    return list(_worded(user, lines))


def _reported() -> Exists:
    return Exists(Judgement.objects.filter(item=OuterRef("pk"), source=Source.SELF))


def _told(day: dt.date) -> Exists:
    return Exists(Progress.objects.filter(item=OuterRef("pk"), quarter=quarter_of(day)))


def _to_appraise_oneself(items: QuerySet[PledgeItem]) -> QuerySet[PledgeItem]:
    """Of pledges whose every item has its result, and whose appraisal has not begun."""
    unreported = PledgeItem.objects.filter(~_reported(), pledge=OuterRef("pledge"))
    begun = Appraisal.objects.filter(pledge=OuterRef("pledge")).exclude(state=AppraisalState.OPEN)
    return items.filter(~Exists(unreported), ~Exists(begun))


def _to_meet(user: Any) -> QuerySet[Appraisal]:
    reach = within_reach(user, MEET, via="pledge__organization__")
    return Appraisal.objects.filter(
        reach,
        state=AppraisalState.SELF_APPRAISED,
        pledge__state__in=IN_FORCE,
        pledge__member__isnull=False,
    )


def _to_grade(user: Any) -> QuerySet[Appraisal]:
    """预备党员 are not graded; an organization has no peers."""
    member = Q(state=AppraisalState.PEER_APPRAISED) & ~Q(pledge__member__standing="probationary")
    organization = Q(state=AppraisalState.SELF_APPRAISED, pledge__member=None)
    rows = Appraisal.objects.filter(judged_by(user), pledge__state__in=IN_FORCE)
    return rows.filter(member & Q(pledge__member__isnull=False) | organization)


Counted = list[tuple[int, bool, int]]  # (organization, of members, how many)


def _by_place(rows: QuerySet[Any], via: str, of: str = "pk") -> Counted:
    of_member = ExpressionWrapper(Q(**{f"{via}member__isnull": False}), BooleanField())
    counted = rows.order_by().annotate(of_member=of_member).values_list(f"{via}organization", "of_member")
    return list(
        counted.annotate(n=Count(of, distinct=of != "pk")).order_by(f"{via}organization", "of_member")
    )


def _worded(user: Any, lines: list[tuple[_Kind, Counted]]) -> Iterator[Duty]:
    wanted = {at for _, counted in lines for at, _, _ in counted[:SHOWN]}
    places = Organization.objects.in_bulk(wanted) if wanted else {}
    for kind, counted in lines:
        for at, of_member, count in counted[:SHOWN]:
            permission = kind.permissions[of_member]
            through_a_post = may(user, permission, places[at])
            whose = "党员的：" if of_member else ""
            yield Duty(
                label=kind.label,
                tone=kind.tone,
                title=(whose if through_a_post else "本人的：") + kind.title.format(count=count),
                organization=places[at],
                permission=permission,
                url=reverse(kind.page, args=[at]) if through_a_post else reverse("pledges:fulfilment_mine"),
            )
