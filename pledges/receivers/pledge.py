"""Who is told when a pledge moves: whoever must act next, and whoever wrote it. Nobody without access."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse

from common.events import subscribe
from common.models import Event
from notifications.services import notify
from organizations.access import holders_of, may
from organizations.models import Organization
from pledges import services
from pledges.flow import PledgeState
from pledges.models import Pledge
from pledges.receivers.people import People, holders, successor_of

_LAY_WITH = {
    PledgeState.SUBMITTED: "approve",
    PledgeState.APPROVED: "approve",
    PledgeState.PROPOSED: "clear",
    PledgeState.CLEARED: "publish",
}


def _secretaries(organization: Organization) -> set[int]:
    return {pk for pk, _ in holders_of("pledges.submit_pledge", organization)}


def _writers(pledge: Pledge, event: Event) -> set[int]:
    """The secretary, and everyone who wrote in it and may still see it."""
    hands = get_user_model().objects.filter(pk__in=pledge.hands, is_active=True)
    return _secretaries(pledge.organization) | {
        user.pk for user in hands if may(user, "pledges.view_pledge", pledge.organization)
    }


def _waiting_until_now(pledge: Pledge, event: Event) -> set[int]:
    """Those on whose desk it lay before it was taken back."""
    step = _LAY_WITH.get(event.before.get("state"))
    return holders(step)(pledge, event) if step else set()


TOLD: dict[str, tuple[People, str]] = {
    "submit": (holders("approve"), "请审定：{organization}提交的承诺“{title}”"),
    "return": (_writers, "承诺被退回，请修改：{title}"),
    "approve": (_writers, "承诺已审定通过，请申请公开：{title}"),
    "reconsider": (_writers, "上级撤回了审定意见，正在重新审定：{title}"),
    "propose": (holders("clear"), "请作保密审查：{organization}的承诺“{title}”"),
    "clear": (holders("publish"), "请审批公开：{organization}的承诺“{title}”"),
    "bar": (_writers, "承诺未通过保密审查：{title}"),
    "decline": (_writers, "承诺不予公开：{title}"),
    "publish": (_writers, "承诺已公开：{title}"),
    "withdraw": (_writers, "承诺已从公开页面撤下：{title}"),
    "recall": (_waiting_until_now, "{organization}收回了承诺“{title}”，暂不需办理"),
}


@subscribe(*(f"pledge.{verb}" for verb in TOLD))
def tell(event: Event) -> None:
    pledge: Any = (
        Pledge.objects.select_related("organization", "phase__campaign").filter(pk=event.subject_id).first()
    )
    if pledge is None or pledge.member_id is not None:
        return
    whom, subject = TOLD[event.verb]
    notify(
        whom(pledge, event) - {event.actor_id},
        subject=subject.format(organization=pledge.organization.label, title=pledge.title),
        body=f"理由：{event.reason}" if event.reason else "",
        link=pledge.get_absolute_url(),
        key=f"pledge-event:{event.pk}",
    )


@subscribe("organization.merge")
def hand_over(event: Event) -> None:
    """Nobody acts at an organization that is no more: its successor finishes what it had begun."""
    merged = Organization.objects.get(pk=event.subject_id)
    successor = successor_of(merged)
    if successor is None:
        return
    why = f"“{merged.name}”并入“{successor.name}”" + (f"：{event.reason}" if event.reason else "")
    handed = services.hand_over(merged, successor, by=event.actor, reason=why)
    if handed:
        notify(
            _secretaries(successor),
            subject=f"“{merged.name}”并入，{len(handed)} 份未办结的承诺转由本组织办理",
            body="\n".join(f"{pledge}（{pledge.get_state_display()}）" for pledge in handed),
            link=reverse("pledges:index"),
            key=f"pledge-hand-over:{event.pk}",
        )


@subscribe("organization.rename")
def find_by_new_name(event: Event) -> None:
    services.renew_search(Organization.objects.get(pk=event.subject_id))
