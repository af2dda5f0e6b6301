"""Who is told when a pledge moves: whoever must act next, and whoever wrote it. Nobody without access."""

from __future__ import annotations

from collections.abc import Callable
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

_APPROVERS = {PledgeState.SUBMITTED, PledgeState.APPROVED}


def _holders(step: str) -> Callable[[Pledge, Event], set[int]]:
    """Those who may take ``step`` today, without those its guards refuse."""

    def people(pledge: Pledge, event: Event) -> set[int]:
        asked = pledge.flow[step]
        users = get_user_model().objects.filter(
            pk__in={pk for pk, _ in holders_of(asked.permission, pledge.organization)}
        )
        return {user.pk for user in users if asked.refusal(user, pledge) is None}

    return people


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
    before = event.before.get("state")
    if before in _APPROVERS:
        return _holders("approve")(pledge, event)
    step = {PledgeState.PROPOSED: "clear", PledgeState.CLEARED: "publish"}.get(before)
    return _holders(step)(pledge, event) if step else set()


TOLD: dict[str, tuple[Callable[[Pledge, Event], set[int]], str]] = {
    "submit": (_holders("approve"), "请审定：{organization}提交的承诺“{title}”"),
    "return": (_writers, "承诺被退回，请修改：{title}"),
    "approve": (_writers, "承诺已审定通过，请申请公开：{title}"),
    "reconsider": (_writers, "上级撤回了审定意见，正在重新审定：{title}"),
    "propose": (_holders("clear"), "请作保密审查：{organization}的承诺“{title}”"),
    "clear": (_holders("publish"), "请审批公开：{organization}的承诺“{title}”"),
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
    successor = _successor(merged)
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


def _successor(merged: Organization) -> Organization | None:
    """The end of the chain: the successor may have been merged itself before this event came round.

    None when that one is dissolved or files no pledges (党组): nobody there could go on.
    """
    successor = merged
    while successor.merged_into is not None:
        successor = successor.merged_into
    return successor if successor.dissolved_on is None and successor.rule.files_pledges else None
