"""The life of a summary (小结、总结): 草稿 → 已报送 → 退回 or 审阅同意 (domain.md 11: phase summary, closing summary)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from common.states import Flow, Step
from common.templatetags.cn import cn_date
from organizations.access import holds_any_post_at


class SummaryState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "待修改"
    ACCEPTED = "accepted", "已审阅"


def phase_is_open(user: Any, summary: Any) -> str | None:
    """From the freezing of a phase or the end of its campaign on, nothing of it changes (domain.md 11c-20)."""
    phase, campaign = summary.phase, summary.phase.campaign
    if phase.frozen_at is not None:
        return f"“{phase.name}”已于{cn_date(phase.frozen_at)}归档，小结不再变动。"
    if campaign.is_closed_on(timezone.localdate()):
        return f"“{campaign.name}”已于{cn_date(campaign.closed_on)}结束，小结不再变动。"
    return None


def has_superior(user: Any, summary: Any) -> str | None:
    return "本组织没有上级党组织，小结无处报送。" if summary.organization.parent_id is None else None


def living(user: Any, summary: Any) -> str | None:
    return "本组织已撤销，不再办理新的事项。" if summary.organization.dissolved_on is not None else None


def independent(user: Any, summary: Any) -> str | None:
    """Separation of duties looks at the person: nobody decides on what they wrote, or on their own organization's."""
    if user.pk in summary.hands:
        return "您起草、修改或报送过，须由另一位同志审阅。"
    if holds_any_post_at(user, summary.organization):
        return "您在该组织任职，不能审阅本组织的小结，须由上级的另一位同志办理。"
    return None


_S = SummaryState
SUMMARY_EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})
_SUBMITTED = frozenset({_S.SUBMITTED})
SUMMARY_FLOW = Flow(
    Step("submit", "报送上级", SUMMARY_EDITABLE, _S.SUBMITTED, "campaigns.submit_summary",
         guards=(phase_is_open, has_superior, living)),
    Step("return", "退回修改", _SUBMITTED, _S.RETURNED, "campaigns.accept_summary",
         needs_reason=True, guards=(phase_is_open, independent)),
    Step("accept", "审阅同意", _SUBMITTED, _S.ACCEPTED, "campaigns.accept_summary",
         guards=(phase_is_open, independent)),
    Step("recall", "收回修改", _SUBMITTED, _S.RETURNED, "campaigns.submit_summary", guards=(phase_is_open,)),
)  # fmt: skip
