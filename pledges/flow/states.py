"""The states that a pledge, its items and a plan pass through (domain.md 11)."""

from __future__ import annotations

from django.db import models


class PledgeState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审定"
    RETURNED = "returned", "待修改"
    APPROVED = "approved", "已审定"
    PROPOSED = "proposed", "待保密审查"
    CLEARED = "cleared", "待公开审批"
    PUBLISHED = "published", "已公开"
    WITHDRAWN = "withdrawn", "已撤下"


class ItemState(models.TextChoices):
    """Each item (承诺事项) is vetted by itself (审诺)."""

    DRAFT = "draft", "未提交"
    SUBMITTED = "submitted", "待审"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "已定"


class PlanState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "待修改"
    AGREED = "agreed", "已同意"
    PROPOSED = "proposed", "待保密审查"
    CLEARED = "cleared", "待公开审批"
    PUBLISHED = "published", "已公开"
    WITHDRAWN = "withdrawn", "已撤下"
    ARCHIVED = "archived", "已归档"


_S = PledgeState
EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})
# On its way: whoever succeeds the organization goes on with it. What has been public is history instead.
UNFINISHED = frozenset({_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.APPROVED, _S.PROPOSED, _S.CLEARED})
# Settled and not taken down: what was promised is being kept (践诺).
IN_FORCE = frozenset({_S.APPROVED, _S.PROPOSED, _S.CLEARED, _S.PUBLISHED})


class AppraisalState(models.TextChoices):
    """评诺 of one pledge: 党员自评 → 互评 → 组织评."""

    OPEN = "open", "待自评"
    SELF_APPRAISED = "self_appraised", "已自评"
    PEER_APPRAISED = "peer_appraised", "已互评"
    APPRAISED = "appraised", "已评定"
