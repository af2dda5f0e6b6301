"""Who is told of results: whoever judges them next, and the writers when the judgement differs from their report."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from common.events import subscribe
from common.models import Event
from notifications.services import notify
from organizations.access import holders_of, may
from pledges.flow.judging import judging_permission, may_judge
from pledges.models import PledgeItem, Result, Source, source_label


@subscribe("pledgeitem.judge")
def tell(event: Event) -> None:
    item = PledgeItem.objects.with_what_guards_ask().filter(pk=event.subject_id).first()
    if item is None:
        return
    if event.detail["source"] == Source.SELF:
        _tell_judges(item, event)
    elif event.detail["source"] == Source.SUPERIOR:
        _tell_writers(item, event)


def _tell_judges(item: PledgeItem, event: Event) -> None:
    """Once a day and place, however many results were reported there."""
    pledge, day = item.pledge, timezone.localdate(event.created_at)
    holders = {pk for pk, _ in holders_of(judging_permission(Source.SUPERIOR, pledge), pledge.organization)}
    users = get_user_model().objects.filter(pk__in=holders - {event.actor_id})
    whose = "党员的承诺" if pledge.member_id else "承诺"
    notify(
        [user for user in users if may_judge(user, Source.SUPERIOR, pledge)],
        subject=f"{pledge.organization.label}自报了{whose}的结果，请认定",
        link=reverse("pledges:fulfilment_at", args=[pledge.organization_id]),
        key=f"results:{pledge.organization_id}:{bool(pledge.member_id)}:{day}",
    )


def _tell_writers(item: PledgeItem, event: Event) -> None:
    own = item.judgements.filter(source=Source.SELF).first()
    result = event.after.get("result")
    if own is None or own.result == result or result not in Result.values:
        return
    label = source_label(Source.SUPERIOR, item.pledge)
    notify(
        _writers(item, own.recorded_by) - {event.actor_id},
        subject=f"一项承诺的{label}与自报不同：{item.pledge}第{item.number}项",
        body=f"自报“{own.get_result_display()}”，{label}“{Result(result).label}”。"
        "两种结果并列保留，互不改动；如有不同看法，请与认定的同志沟通。",
        link=reverse("pledges:fulfilment_item", args=[item.pk]),
        key=f"judged-differently:{event.pk}",
    )


def _writers(item: PledgeItem, reporter: Any) -> set[int]:
    """Whoever files there, whoever reported and still sees it, and the member."""
    pledge = item.pledge
    told = {pk for pk, _ in holders_of(judging_permission(Source.SELF, pledge), pledge.organization)}
    if may(reporter, "pledges.view_pledge", pledge.organization):
        told.add(reporter.pk)
    return told | ({pledge.person_id} if pledge.person_id else set())
