"""变更: a published text is frozen; changing it is a request with a reason, decided above (domain.md 1.4).

Who may file a pledge may ask for its change, and take the request back. An organization's is decided by whoever
approves publications, a member's by the 书记 of the superior.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from common.states import Flow, Guard, Step
from common.templatetags.cn import cn_date
from pledges.flow.guards import (
    has_superior,
    independent,
    living,
    not_ones_own,
    on_the_roster,
    round_is_open,
)


class ChangeState(models.TextChoices):
    REQUESTED = "requested", "待批准"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"
    RECALLED = "recalled", "已收回"
    LAPSED = "lapsed", "已作废"


_S = ChangeState
_OPEN = frozenset({_S.REQUESTED})


def _of_the_pledge(guard: Guard) -> Guard:
    return lambda user, change: guard(user, change.pledge)


def not_the_requester(user: Any, change: Any) -> str | None:
    return "变更是您申请的，须由另一位同志批准。" if user.pk == change.requested_by_id else None


def campaign_is_open(user: Any, change: Any) -> str | None:
    campaign = change.pledge.phase.campaign
    if campaign.is_closed_on(timezone.localdate()):
        return f"“{campaign.name}”已于{cn_date(campaign.closed_on)}结束，公开过的承诺不再变更。"
    return None


def is_taken_down(user: Any, change: Any) -> str | None:
    """A request ends by itself with the publication it is about, and only then."""
    return "承诺还在公开，申请由批准人答复。" if change.pledge.state == "published" else None


def _flow(request: str, decide: str, withdraw: str, asking: tuple[Guard, ...], deciding: Guard) -> Flow:
    """``request`` and ``decide`` are the permissions to ask and to answer."""
    to_ask = (*map(_of_the_pledge, (round_is_open, *asking)), campaign_is_open)
    to_decide = (not_the_requester, *map(_of_the_pledge, (round_is_open, deciding)))
    return Flow(
        # it begins with this step: there is no state before
        Step("request", "申请变更", frozenset(), _S.REQUESTED, request, needs_reason=True, guards=to_ask),
        Step("approve", "批准变更", _OPEN, _S.APPROVED, decide, guards=to_decide),
        Step("refuse", "不批准变更", _OPEN, _S.REFUSED, decide, needs_reason=True, guards=to_decide),
        Step("recall", "收回变更申请", _OPEN, _S.RECALLED, request),
        Step("lapse", "变更申请随撤下作废", _OPEN, _S.LAPSED, withdraw, guards=(is_taken_down,)),
    )


ORGANIZATION_CHANGE_FLOW = _flow(
    "pledges.submit_pledge", "pledges.publish_pledge", "pledges.withdraw_pledge",
    (living,), independent,
)  # fmt: skip
MEMBER_CHANGE_FLOW = _flow(
    "pledges.submit_member_pledge", "pledges.approve_pledge", "pledges.withdraw_member_pledge",
    (has_superior, living, on_the_roster), not_ones_own,
)  # fmt: skip
