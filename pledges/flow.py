"""The life of an organization's public pledge (公开承诺): 提诺 → 审诺 → 公诺.

Publication follows the chain of 党务公开条例: propose, examine, approve, carry out (domain.md 10).
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from common.states import Flow, Step
from common.templatetags.cn import cn_date
from organizations.access import holds_any_post_at


class PledgeState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审定"
    RETURNED = "returned", "待修改"
    APPROVED = "approved", "已审定"
    PROPOSED = "proposed", "待公开审批"
    PUBLISHED = "published", "已公开"
    WITHDRAWN = "withdrawn", "已撤下"


_S = PledgeState
EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})
# On its way: whoever succeeds the organization goes on with it. What has been public is history instead.
UNFINISHED = frozenset({_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.APPROVED, _S.PROPOSED})


def _independent(user: Any, pledge: Any) -> str | None:
    """Separation of duties, on the person and not on the post (DESIGN, reliability.md Z10)."""
    if user.pk in pledge.hands:
        return "您起草、修改或报送过这份承诺，须由另一位同志办理。"
    if holds_any_post_at(user, pledge.organization):
        return "您在该组织任职，不能审批本组织报送的承诺，须由上级的另一位同志办理。"
    return None


def _has_superior(user: Any, pledge: Any) -> str | None:
    if pledge.organization.parent_id is None:
        return "本组织没有上级党组织，无处报送审定，不能在平台提交。"
    return None


def _campaign_runs(user: Any, pledge: Any) -> str | None:
    campaign = pledge.phase.campaign
    if campaign.is_closed_on(timezone.localdate()):
        return (
            f"“{campaign.name}”已于{cn_date(campaign.closed_on)}结束，不再受理提交和收回修改。"
            "需要继续的，请用“复制为新的草稿”在当前时段另起一份。"
        )
    return None


def _living(user: Any, pledge: Any) -> str | None:
    if pledge.organization.dissolved_on is not None:
        return "本组织已撤销，不再办理新的事项。"
    return None


PLEDGE_FLOW = Flow(
    Step(
        "submit",
        "提交审定",
        EDITABLE,
        _S.SUBMITTED,
        "pledges.submit_pledge",
        guards=(_has_superior, _living, _campaign_runs),
    ),
    Step(
        "return",
        "退回修改",
        frozenset({_S.SUBMITTED}),
        _S.RETURNED,
        "pledges.approve_pledge",
        needs_reason=True,
        guards=(_independent,),
    ),
    Step(
        "approve",
        "审定通过",
        frozenset({_S.SUBMITTED}),
        _S.APPROVED,
        "pledges.approve_pledge",
        guards=(_independent,),
    ),
    Step(
        "propose",
        "申请公开",
        frozenset({_S.APPROVED, _S.WITHDRAWN}),
        _S.PROPOSED,
        "pledges.propose_pledge",
        guards=(_living,),
    ),
    Step(
        "decline",
        "不予公开",
        frozenset({_S.PROPOSED}),
        _S.APPROVED,
        "pledges.publish_pledge",
        needs_reason=True,
        guards=(_independent,),
    ),
    Step(
        "publish",
        "批准公开",
        frozenset({_S.PROPOSED}),
        _S.PUBLISHED,
        "pledges.publish_pledge",
        guards=(_independent,),
    ),
    # Taking down what should not be public waits for nobody: no separation of duties here.
    Step(
        "withdraw",
        "撤下公开",
        frozenset({_S.PUBLISHED}),
        _S.WITHDRAWN,
        "pledges.publish_pledge",
        needs_reason=True,
    ),
    # Whatever is filed and not public may be taken back and corrected; it is vetted again from the start.
    Step(
        "recall",
        "收回修改",
        frozenset({_S.SUBMITTED, _S.APPROVED, _S.PROPOSED, _S.WITHDRAWN}),
        _S.RETURNED,
        "pledges.submit_pledge",
        needs_reason=True,
        guards=(_campaign_runs,),
    ),
)
