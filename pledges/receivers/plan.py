"""Who is told when a plan moves: whoever must act next, and whoever wrote it. Nobody without access."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.urls import reverse

from common.events import subscribe
from common.models import Event
from notifications.services import notify
from organizations.access import holders_of, may
from organizations.models import Organization
from pledges.flow import PlanState
from pledges.models import Plan
from pledges.receivers.people import People, holders, successor_of
from pledges.services import plans

_LAY_WITH = {
    PlanState.SUBMITTED: "approve",
    PlanState.AGREED: "approve",
    PlanState.PROPOSED: "clear",
    PlanState.CLEARED: "publish",
}


def _secretaries(organization: Organization) -> set[int]:
    return {pk for pk, _ in holders_of("pledges.submit_plan", organization)}


def _writers(plan: Plan, event: Event) -> set[int]:
    """The secretary, and everyone who wrote in it and may still see it."""
    hands = get_user_model().objects.filter(pk__in=plan.hands, is_active=True)
    return _secretaries(plan.organization) | {
        user.pk for user in hands if may(user, "pledges.view_pledge", plan.organization)
    }


def _waiting_until_now(plan: Plan, event: Event) -> set[int]:
    """Those on whose desk it lay before it was taken back."""
    step = _LAY_WITH.get(event.before.get("state"))
    return holders(step)(plan, event) if step else set()


TOLD: dict[str, tuple[People, str]] = {
    "submit": (holders("approve"), "请审核：{organization}报送的活动方案“{title}”"),
    "return": (_writers, "活动方案被退回，请修改：{title}"),
    "approve": (_writers, "上级已同意活动方案，可以申请公开摘要：{title}"),
    "reconsider": (_writers, "上级撤回了审核意见，正在重新审核：{title}"),
    "propose": (holders("clear"), "请作保密审查：{organization}的活动方案“{title}”"),
    "clear": (holders("publish"), "请审批公开：{organization}的活动方案“{title}”"),
    "bar": (_writers, "活动方案未通过保密审查：{title}"),
    "decline": (_writers, "活动方案不予公开：{title}"),
    "publish": (_writers, "活动方案摘要已公开：{title}"),
    "withdraw": (_writers, "活动方案摘要已从公开页面撤下：{title}"),
    "recall": (_waiting_until_now, "{organization}收回了活动方案“{title}”，暂不需办理"),
}


@subscribe(*(f"plan.{verb}" for verb in TOLD))
def tell(event: Event) -> None:
    plan = Plan.objects.with_what_guards_ask().filter(pk=event.subject_id).first()
    if plan is None:
        return
    whom, subject = TOLD[event.verb]
    notify(
        whom(plan, event) - {event.actor_id},
        subject=subject.format(organization=plan.organization.label, title=plan.title),
        body=f"理由：{event.reason}" if event.reason else "",
        link=plan.get_absolute_url(),
        key=f"plan-event:{event.pk}",
    )


@subscribe("organization.merge")
def hand_over(event: Event) -> None:
    """Nobody acts at an organization that is no more: its successor finishes what it had begun."""
    merged = Organization.objects.get(pk=event.subject_id)
    successor = successor_of(merged)
    if successor is None:
        return
    why = f"“{merged.name}”并入“{successor.name}”" + (f"：{event.reason}" if event.reason else "")
    handed = plans.hand_over(merged, successor, by=event.actor, reason=why)
    if handed:
        notify(
            _secretaries(successor),
            subject=f"“{merged.name}”并入，未办结的活动方案转由本组织办理",
            body="\n".join(f"{plan}（{plan.get_state_display()}）" for plan in handed),
            link=reverse("pledges:plans"),
            key=f"plan-hand-over:{event.pk}",
        )
