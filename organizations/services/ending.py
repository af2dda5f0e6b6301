"""How an organization ends: merged into another (并入) or dissolved (撤销)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from common.events import record
from common.templatetags.cn import cn_date
from organizations.models import Affiliation, Appointment, Membership, Organization
from organizations.services import tree
from organizations.services.posts import end_posts_at
from organizations.services.refusals import MANAGE, OrganizationRefused, require, require_superior


@transaction.atomic
def merge(
    organization: Organization, *, into: Organization, on: dt.date, by: Any, reason: str = ""
) -> Organization:
    """并入: from ``on`` the organization is part of ``into``, which takes its members and living subordinates.

    Posts end the day before. What is kept for the organization elsewhere follows the event: unfinished
    pledges go to ``into``, what has been public stays under its own name (``pledges.receivers``).
    """
    tree.lock_tree()
    organization, into = tree.locked(organization), tree.locked(into)
    may_merge(organization, into=into, on=on, by=by)
    subordinates = list(organization.children.living().in_protocol_order())
    members = list(organization.members.current().select_for_update())
    for subordinate in subordinates:
        tree.hang(subordinate, into, on)
    _move_members(members, into, on)
    organization.merged_into = into
    posts = _close(organization, on)
    record(
        organization,
        "merge",
        by=by,
        permission=MANAGE,
        after={"into": into.pk, "into_name": into.name, "on": on},
        reason=reason,
        members=len(members),
        subordinates=[s.pk for s in subordinates],
        posts=posts,
    )
    return organization


@transaction.atomic
def dissolve(organization: Organization, *, on: dt.date, by: Any, reason: str = "") -> Organization:
    """撤销 from ``on``. Nobody may be left behind: no living subordinate, no member."""
    tree.lock_tree()
    organization = tree.locked(organization)
    may_dissolve(organization, on=on, by=by)
    posts = _close(organization, on)
    record(organization, "dissolve", by=by, permission=MANAGE, after={"on": on}, reason=reason, posts=posts)
    return organization


def may_merge(organization: Organization, *, into: Organization, on: dt.date, by: Any) -> None:
    """All that can forbid the merger, for the merger itself and for the page that shows it before."""
    require_superior(by, organization)
    require(by, MANAGE, into)
    _may_end(organization, on, "合并日期")
    _may_absorb(into, organization, on)


def may_dissolve(organization: Organization, *, on: dt.date, by: Any) -> None:
    """All that can forbid the dissolution, likewise."""
    require_superior(by, organization)
    _may_end(organization, on, "撤销日期")
    _nobody_left(organization)


def _may_end(organization: Organization, on: dt.date, what: str) -> None:
    if organization.dissolved_on is not None:
        raise OrganizationRefused(f"“{organization.name}”已于{cn_date(organization.dissolved_on)}撤销。")
    tree.not_in_the_future(on, what)
    latest = max(_latest_changes(organization), default=organization.founded_on)
    if on < latest:
        raise OrganizationRefused(
            f"{cn_date(latest)}这里还有变动（成立、隶属、任职、党员或下级），{what}不能比这更早。"
        )


def _latest_changes(organization: Organization) -> list[dt.date]:
    """Days on which something recorded here began or moved away: it cannot have happened after the end."""
    below = Affiliation.objects.filter(superior=organization)
    held = Membership.objects.filter(organization=organization)
    posts = Appointment.objects.filter(organization=organization, starts_on__lte=timezone.localdate())
    days: list[dt.date] = [organization.founded_on]
    for rows, *fields in (
        (organization.affiliations.all(), "starts_on"),
        (below, "starts_on", "ends_on"),
        (held, "starts_on", "ends_on"),
        (posts, "starts_on"),
    ):
        for latest in rows.aggregate(*map(Max, fields)).values():
            days += [latest] if latest is not None else []
    return days


def _may_absorb(into: Organization, organization: Organization, on: dt.date) -> None:
    if into.pk == organization.pk or into.is_under(organization):
        raise OrganizationRefused(f"不能并入自己或自己的下级“{into.name}”。")
    if into.dissolved_on is not None:
        raise OrganizationRefused(f"“{into.name}”已撤销，不能并入。")
    if on < into.founded_on:
        raise OrganizationRefused(f"“{into.name}”{cn_date(into.founded_on)}才成立，日期不能比这更早。")
    members = organization.members.current().count()
    if members and not into.rule.holds_members:
        raise OrganizationRefused(
            f"“{into.name}”是{into.get_kind_display()}，不直接管理党员，接收不了这里的 {members} 名党员。"
        )
    if subordinates := list(organization.children.living()):
        tree.can_take(into, subordinates, on)


def _nobody_left(organization: Organization) -> None:
    left = []
    if below := organization.children.living().count():
        left.append(f"{below} 个下级党组织")
    if members := organization.members.current().count():
        left.append(f"{members} 名党员")
    if received := organization.received_members.current().count():
        left.append(f"{received} 名由这里接收的流动党员")
    if left:
        raise OrganizationRefused(
            f"“{organization.name}”还有{'、'.join(left)}，不能撤销。请先转接或调整，或改用“合并”。"
        )


def _move_members(members: list[Any], into: Organization, on: dt.date) -> None:
    for member in members:
        member.organization = into
        member.save(update_fields=["organization"])
    held = Membership.objects.filter(member__in=members, ends_on=None)
    held.update(ends_on=on)
    Membership.objects.bulk_create(
        Membership(member=member, organization=into, starts_on=on) for member in members
    )


def _close(organization: Organization, on: dt.date) -> int:
    """End its own affiliation and its posts; returns how many posts ended."""
    organization.dissolved_on = on
    organization.save(update_fields=["dissolved_on", "merged_into"])
    organization.affiliations.filter(ends_on=None).update(ends_on=on)
    organization.received_members.current().update(receiving=organization.merged_into)
    open_posts = Appointment.objects.filter(organization=organization).lasting_on(on)
    return end_posts_at(list(open_posts), on)
