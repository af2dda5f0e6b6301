"""Opinions on pledges: the desk's lists, what waits for whom, what the public page counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from campaigns.duties import LINES, Duty
from common.models import Event
from organizations.access import may, within_reach
from organizations.models import Organization
from pledges.flow import TERM_WORKDAYS, OpinionState
from pledges.models import MassView, Opinion, Publication
from pledges.models.opinion import digest_of

ANSWERS, URGES = "pledges.draft_answer", "pledges.urge_answer"
TODO, LATE = "todo", "late"
TABS = {
    TODO: "等我办理",
    LATE: "逾期未答复",
    "": "全部",
    **{state.value: state.label for state in OpinionState},
}


def lists(rows: QuerySet[Opinion], user: Any, day: dt.date) -> dict[str, QuerySet[Opinion]]:
    """The desk's lists by name, in the order of ``TABS``."""
    mine = rows.filter(state=OpinionState.RECEIVED).filter(within_reach(user, ANSWERS))
    late = rows.filter(state=OpinionState.RECEIVED, due_on__lt=day)
    return {
        TODO: mine,
        LATE: late,
        "": rows,
        **{state.value: rows.filter(state=state) for state in OpinionState},
    }


def in_order(rows: QuerySet[Opinion], name: str) -> QuerySet[Opinion]:
    """What waits: the nearest deadline first; everything else: the newest first."""
    waits = name in {TODO, LATE, OpinionState.RECEIVED}
    return rows.order_by("due_on", "pk") if waits else rows.order_by("-pk")


def history(opinion: Opinion) -> QuerySet[Event]:
    """办理记录, newest first."""
    return Event.objects.about(opinion).select_related("actor").order_by("-pk")[:100]


def with_code(code: str) -> Opinion | None:
    """The one this query code was given out for."""
    rows = Opinion.objects.select_related("publication", "organization")
    return rows.filter(code_digest=digest_of(code)).first()


# -- the public page ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """收到 N 条，已答复 M 条，逾期 K 条: counts of opinions, and the public answers among them."""

    received: int
    answered: int
    overdue: int
    closed: int
    published: int
    term: int = TERM_WORKDAYS


def figures(publication: Publication, day: dt.date) -> Figures:
    S = OpinionState
    shown = Q(state=S.ANSWER_PUBLISHED)
    counted = Opinion.objects.about(publication).aggregate(
        received=Count("pk"),
        answered=Count("pk", filter=shown | Q(state=S.ANSWERED)),
        overdue=Count("pk", filter=Q(state=S.RECEIVED, due_on__lt=day)),
        closed=Count("pk", filter=Q(state=S.CLOSED)),
        published=Count("pk", filter=shown),
    )
    return Figures(**counted)


def answers(publication: Publication) -> QuerySet[Opinion]:
    """Published answers on this pledge, the newest first, with no more than the public page shows."""
    rows = Opinion.objects.about(publication).filter(state=OpinionState.ANSWER_PUBLISHED)
    shown = ("item_number", "received_on", "published_at", "public_text", "public_answer")
    rows = rows.select_related("organization").only(*shown, "organization__name")
    return rows.order_by("-published_at", "-pk")


def views_by_item(publication: Publication) -> list[tuple[str, list[tuple[str, int]], int]]:
    """(what about, [(view, how many)], how many in all): what people said of each item. Counts, never a score."""
    counted: dict[int | None, dict[str, int]] = {}
    rows = Opinion.objects.about(publication).exclude(state=OpinionState.CLOSED).exclude(view="")
    for number, view, count in rows.order_by().values_list("item_number", "view").annotate(Count("pk")):
        counted.setdefault(number, {})[view] = count
    return [
        (
            f"第{number}项" if number else "整份承诺",
            [(view.label.removeprefix("认为"), said.get(view, 0)) for view in MassView],
            sum(said.values()),
        )
        for number, said in sorted(counted.items(), key=lambda pair: pair[0] or 0)
    ]


# -- the desk's to-do list ---------------------------------------------------------------------


def opinion_duties(user: Any, day: dt.date) -> list[Duty]:
    """One line an organization: what waits for its answer, and for the superior what is late below."""
    late = Q(due_on__lt=day)
    mine = within_reach(user, ANSWERS) | (late & within_reach(user, URGES))
    found = list(
        Opinion.objects.waiting()
        .filter(mine)
        .order_by()
        .values("organization")
        .annotate(count=Count("pk"), late=Count("pk", filter=late), due=Min("due_on"))
        .order_by("due")[: LINES + 1]
    )
    if not found:
        return []
    places = Organization.objects.in_bulk([row["organization"] for row in found])
    told = [(places[row["organization"]], row) for row in found]
    return [
        _answering(place, row) if may(user, ANSWERS, place) else _urging(place, row) for place, row in told
    ]


def _answering(place: Organization, row: Mapping[str, Any]) -> Duty:
    return Duty(
        label="待答复",
        tone="bad" if row["late"] else "warn",
        title=f"{row['count']} 条群众意见等待答复",
        organization=place,
        permission=ANSWERS,
        url=f"{reverse('pledges:opinions')}?tab={TODO}",
        note=f"其中 {row['late']} 条已逾期" if row["late"] else "",
        due_on=row["due"],
    )


def _urging(place: Organization, row: Mapping[str, Any]) -> Duty:
    return Duty(
        label="下级逾期",
        tone="bad",
        title=f"{row['count']} 条群众意见逾期未答复，请督促",
        organization=place,
        permission=URGES,
        url=f"{reverse('pledges:opinions')}?tab={LATE}",
        due_on=row["due"],
    )
