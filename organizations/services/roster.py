"""The verbs of the roster (党员名册): add, edit, transfer (组织关系转接), confirm (转正), leave."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from common.events import record
from common.privacy import mask_phone
from common.templatetags.cn import cn_date
from organizations.access import may
from organizations.models import Member, Membership, Organization
from organizations.services import tree
from organizations.services.refusals import OrganizationRefused, require

MANAGE_MEMBER = "organizations.manage_member"
VIEW_PHONE = "organizations.view_phone"
EDITABLE = (
    "name",
    "number",
    "sex",
    "ethnicity",
    "birth_month",
    "joined_on",
    "confirmed_on",
    "service",
    "is_mobile",
    "receiving",
    "post_title",
    "phone",
)


@transaction.atomic
def add_member(organization: Organization, *, values: dict[str, Any], on: dt.date, by: Any) -> Member:
    """A member enters the roster of ``organization`` on ``on``. ``values`` holds fields of EDITABLE."""
    organization = _taking_members(organization)
    require(by, MANAGE_MEMBER, organization)
    tree.not_in_the_future(on, "转入日期")
    if on < organization.founded_on:
        raise OrganizationRefused(f"转入日期不能早于党组织成立日期{cn_date(organization.founded_on)}。")
    member = Member(organization=organization, **_consistent(values))
    member.standing = _standing(member)
    _number_is_free(member)
    member.save()
    Membership.objects.create(member=member, organization=organization, starts_on=on)
    record(member, "add", by=by, permission=MANAGE_MEMBER, after=_recorded(member, EDITABLE), on=on)
    return member


@transaction.atomic
def edit_member(member: Member, *, values: dict[str, Any], by: Any) -> Member:
    """Correct what the roster says of a member; what did not change is not written and not recorded."""
    member = _current(member)
    require(by, MANAGE_MEMBER, member.organization)
    values = _consistent(values)
    changed = [field for field, value in values.items() if getattr(member, field) != value]
    if not changed:
        return member
    before = _recorded(member, changed)
    for field in changed:
        setattr(member, field, values[field])
    member.standing = _standing(member)
    _number_is_free(member)
    member.save(update_fields=[*changed, "standing"])
    record(member, "edit", by=by, permission=MANAGE_MEMBER, before=before, after=_recorded(member, changed))
    return member


@transaction.atomic
def transfer_member(member: Member, *, to: Organization, on: dt.date, by: Any) -> Member:
    """组织关系转接 to another branch from ``on``; whoever does it manages the roster of both."""
    to = _taking_members(to)  # the organization before the member, as a merger locks them
    member = _current(member)
    require(by, MANAGE_MEMBER, member.organization)
    require(by, MANAGE_MEMBER, to)
    tree.not_in_the_future(on, "转接日期")
    if to.pk == member.organization_id:
        raise OrganizationRefused(f"{member.name}的组织关系已经在“{to.name}”。")
    if on < to.founded_on:
        raise OrganizationRefused(f"“{to.name}”{cn_date(to.founded_on)}才成立，转接日期不能比这更早。")
    _end_membership(member, on, "转接日期")
    origin = member.organization
    member.organization = to
    if member.receiving_id == to.pk:  # a mobile member who now belongs where they already were
        member.receiving, member.is_mobile = None, False
    member.save(update_fields=["organization", "receiving", "is_mobile"])
    Membership.objects.create(member=member, organization=to, starts_on=on)
    record(
        member,
        "transfer",
        by=by,
        permission=MANAGE_MEMBER,
        before={"organization": origin.pk, "organization_name": origin.name},
        after={"organization": to.pk, "organization_name": to.name},
        on=on,
    )
    return member


@transaction.atomic
def confirm_member(member: Member, *, on: dt.date, by: Any) -> Member:
    """转正: a probationary member becomes a full member on ``on``."""
    member = _current(member)
    require(by, MANAGE_MEMBER, member.organization)
    if member.standing != Member.Standing.PROBATIONARY:
        raise OrganizationRefused(f"{member.name}已经是正式党员。")
    tree.not_in_the_future(on, "转正日期")
    if on < member.joined_on:
        raise OrganizationRefused(f"转正日期不能早于加入党组织日期{cn_date(member.joined_on)}。")
    member.standing, member.confirmed_on = Member.Standing.FULL, on
    member.save(update_fields=["standing", "confirmed_on"])
    record(member, "confirm", by=by, permission=MANAGE_MEMBER, after={"confirmed_on": on})
    return member


@transaction.atomic
def leave_roster(member: Member, *, reason: str, on: dt.date, by: Any, note: str = "") -> Member:
    """离开名册 from ``on``. The person stays in history and no longer counts anywhere."""
    member = _current(member)
    require(by, MANAGE_MEMBER, member.organization)
    tree.not_in_the_future(on, "离开日期")
    _end_membership(member, on, "离开日期")
    member.left_on, member.left_reason = on, Member.LeaveReason(reason)
    member.save(update_fields=["left_on", "left_reason"])
    after = {"left_on": on, "left_reason": reason, "left_reason_name": Member.LeaveReason(reason).label}
    record(member, "leave", by=by, permission=MANAGE_MEMBER, after=after, reason=note)
    return member


@transaction.atomic
def show_phone(member: Member, *, by: Any) -> str:
    """The whole number, once, and on record that it was looked at."""
    if not may(by, VIEW_PHONE, member.organization):
        raise PermissionDenied(f"您的职务不能查看“{member.organization.name}”党员的完整电话。")
    record(member, "show_phone", by=by, permission=VIEW_PHONE)
    return member.phone


def _current(member: Member) -> Member:
    member = Member.objects.select_for_update(of=("self",)).select_related("organization").get(pk=member.pk)
    if member.left_on is not None:
        raise OrganizationRefused(f"{member.name}已于{cn_date(member.left_on)}离开名册，不能再变更。")
    return member


def _taking_members(organization: Organization) -> Organization:
    # held against a merger or dissolution that counts the members at this moment
    organization = Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=organization.pk)
    if organization.dissolved_on is not None:
        raise OrganizationRefused(f"“{organization.name}”已撤销，不能再接收党员。")
    if not organization.rule.holds_members:
        raise OrganizationRefused(
            f"“{organization.name}”是{organization.get_kind_display()}，党员的组织关系应落在党支部，请选择党支部。"
        )
    return organization


def _end_membership(member: Member, on: dt.date, what: str) -> None:
    held = member.memberships.filter(ends_on=None)
    current = held.first()
    if current is not None and on < current.starts_on:
        raise OrganizationRefused(f"{member.name}{cn_date(current.starts_on)}才转入，{what}不能比这更早。")
    held.update(ends_on=on)


def _consistent(values: dict[str, Any]) -> dict[str, Any]:
    """What follows from other fields: nobody is received elsewhere who is not mobile; no number is no number."""
    values = dict(values)
    if not values.get("is_mobile", True):
        values["receiving"] = None
    if "number" in values:
        values["number"] = values["number"] or None
    joined, confirmed = values.get("joined_on"), values.get("confirmed_on")
    if joined and confirmed and confirmed < joined:
        raise OrganizationRefused("转为正式党员日期不能早于加入党组织日期。")
    receiving = values.get("receiving")
    if receiving is not None and receiving.dissolved_on is not None:
        raise OrganizationRefused(f"流入地党组织“{receiving.name}”已撤销，请另选。")
    return values


def _standing(member: Member) -> str:
    return member.standing if not member.confirmed_on else Member.Standing.FULL


def _number_is_free(member: Member) -> None:
    taken = Member.objects.filter(number=member.number).exclude(pk=member.pk)
    if member.number and taken.exists():
        raise OrganizationRefused(f"编号 {member.number} 已属于另一名党员，请核对。")


def _recorded(member: Member, fields: Any) -> dict[str, Any]:
    """For the audit: phones masked, organizations by id and name."""
    said: dict[str, Any] = {}
    for field in fields:
        value = getattr(member, field)
        if field == "phone":
            value = mask_phone(value)
        said[field] = str(value) if isinstance(value, Organization) else value
    return said
