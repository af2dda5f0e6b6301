"""Rules about the person and the moment, above what a post allows. Each answers None or why not.

They look at what is loaded already: ``organization``, ``phase.campaign``, ``phase.pledge_archive``, ``member``. Steps taken for many
ask the database nothing.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from common.templatetags.cn import cn_date
from organizations.access import holds_any_post_at


def independent(user: Any, pledge: Any) -> str | None:
    """Separation of duties, on the person and not on the post (DESIGN, reliability.md Z10)."""
    if user.pk in pledge.hands:
        return "您起草、修改或报送过，须由另一位同志办理。"
    if holds_any_post_at(user, pledge.organization):
        return "您在该组织任职，不能审批本组织报送的内容，须由上级的另一位同志办理。"
    return None


def not_ones_own(user: Any, pledge: Any) -> str | None:
    """Nobody vets what they promised themselves; typing it in for a member is no hindrance (domain.md 1.1)."""
    return "这是您本人的承诺，须由另一位同志审定。" if pledge.person_id == user.pk else None


def not_from_within(user: Any, pledge: Any) -> str | None:
    """The pledge of a 书记 or 副书记 is vetted by the superior, never at home: leaders are held to more."""
    if pledge.person_id == user.pk or holds_any_post_at(user, pledge.organization):
        return "书记、副书记个人的承诺由上级党组织审定。"
    return None


def not_the_proposer(user: Any, pledge: Any) -> str | None:
    if user.pk == pledge.proposed_by_id:
        return "公开是您申请的，保密审查须由另一位同志办理。"
    return None


def not_the_clearer(user: Any, pledge: Any) -> str | None:
    if user.pk == pledge.cleared_by_id:
        return "保密审查是您办理的，公开审批须由另一位同志办理。"
    return None


def untouched(user: Any, pledge: Any) -> str | None:
    """Whoever vetted may take the decision back until somebody has gone on from it: changed it, or took it back."""
    is_taken_back = pledge.state == "returned" and not pledge.is_sent_back
    if is_taken_back or pledge.version != pledge.vetted_version:
        return "报送单位已经在修改，不能再撤回审定意见；等对方重新提交后再审。"
    return None


def has_superior(user: Any, pledge: Any) -> str | None:
    if pledge.organization.parent_id is None:
        return "本组织没有上级党组织，无处报送审定，不能在平台提交。"
    return None


def campaign_runs(user: Any, pledge: Any) -> str | None:
    campaign = pledge.phase.campaign
    if campaign.is_closed_on(timezone.localdate()):
        return (
            f"“{campaign.name}”已于{cn_date(campaign.closed_on)}结束，不再受理提交和收回修改。"
            "需要继续的，请用“复制为新的草稿”在当前时段另起一份。"
        )
    return None


def round_is_open(user: Any, pledge: Any) -> str | None:
    """归档: from the closing of a round on, nothing of it changes (domain.md 11c-20)."""
    archive = getattr(pledge.phase, "pledge_archive", None)
    if archive is None:
        return None
    return (
        f"“{pledge.phase.name}”已于{cn_date(archive.closed_at)}归档（{archive.label}），承诺和方案不再变动。"
        "确需更正的，请领导小组办公室主任重新开启后再办理。"
    )


def living(user: Any, pledge: Any) -> str | None:
    if pledge.organization.dissolved_on is not None:
        return "本组织已撤销，不再办理新的事项。"
    return None


def on_the_roster(user: Any, pledge: Any) -> str | None:
    if pledge.member.left_on is not None:
        return f"{pledge.member.name}同志已不在名册上，不再办理新的事项。"
    return None
