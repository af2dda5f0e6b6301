"""Who is told when a pledge moves: whoever must act next, and whoever wrote it. Nobody without access."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model

from common.events import subscribe
from common.models import Event
from notifications.services import notify
from organizations.access import holders_of, may
from pledges.flow import PLEDGE_FLOW, PledgeState
from pledges.models import Pledge

_APPROVERS = {PledgeState.SUBMITTED, PledgeState.APPROVED}


def _holders(step: str) -> Callable[[Pledge, Event], set[int]]:
    """Those who may take ``step`` today, without those its guards refuse."""

    def people(pledge: Pledge, event: Event) -> set[int]:
        pks = {pk for pk, _ in holders_of(PLEDGE_FLOW[step].permission, pledge.organization)}
        users = get_user_model().objects.filter(pk__in=pks)
        return {user.pk for user in users if PLEDGE_FLOW[step].refusal(user, pledge) is None}

    return people


def _writers(pledge: Pledge, event: Event) -> set[int]:
    """The secretary, and everyone who wrote in it and may still see it."""
    secretary = {pk for pk, _ in holders_of("pledges.submit_pledge", pledge.organization)}
    hands = get_user_model().objects.filter(pk__in=pledge.hands, is_active=True)
    return secretary | {user.pk for user in hands if may(user, "pledges.view_pledge", pledge.organization)}


def _waiting_until_now(pledge: Pledge, event: Event) -> set[int]:
    """Those on whose desk it lay before it was taken back."""
    before = event.before.get("state")
    if before in _APPROVERS:
        return _holders("approve")(pledge, event)
    return _holders("publish")(pledge, event) if before == PledgeState.PROPOSED else set()


TOLD: dict[str, tuple[Callable[[Pledge, Event], set[int]], str]] = {
    "submit": (_holders("approve"), "请审定：{organization}提交的承诺“{title}”"),
    "return": (_writers, "承诺被退回，请修改：{title}"),
    "approve": (_writers, "承诺已审定通过，请申请公开：{title}"),
    "propose": (_holders("publish"), "请审批公开：{organization}的承诺“{title}”"),
    "decline": (_writers, "承诺不予公开：{title}"),
    "publish": (_writers, "承诺已公开：{title}"),
    "withdraw": (_writers, "承诺已从公开页面撤下：{title}"),
    "recall": (_waiting_until_now, "{organization}收回了承诺“{title}”，暂不需办理"),
}


@subscribe(*(f"pledge.{verb}" for verb in TOLD))
def tell(event: Event) -> None:
    pledge: Any = Pledge.objects.select_related("organization").filter(pk=event.subject_id).first()
    if pledge is None:
        return
    whom, subject = TOLD[event.verb]
    notify(
        whom(pledge, event) - {event.actor_id},
        subject=subject.format(organization=pledge.organization.label, title=pledge.title),
        body=f"理由：{event.reason}" if event.reason else "",
        link=pledge.get_absolute_url(),
        key=f"pledge-event:{event.pk}",
    )
