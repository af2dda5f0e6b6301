"""The verbs of organizations (党组织): found, rename, amend, reorder, affiliate."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from common.events import record
from common.templatetags.cn import cn_date
from organizations.kinds import RULES, Kind
from organizations.models import Affiliation, FormerName, Organization
from organizations.services import tree
from organizations.services.refusals import MANAGE, OrganizationRefused, require, require_superior


@transaction.atomic
def found(
    *,
    name: str,
    kind: str,
    code: str,
    parent: Organization | None,
    on: dt.date,
    by: Any = None,
    short_name: str = "",
    order: int = 0,
    hotline: str = "",
) -> Organization:
    """成立: a new organization under ``parent`` (None only for the root) from ``on``.

    An organization may be older than its superior; the affiliation then starts with the superior.
    """
    tree.lock_tree()
    if parent is not None:
        parent = tree.locked(parent)
        require(by, MANAGE, parent)
    _may_be_founded(name, code, parent, on)
    [pk] = tree.draw_pks(1)
    organization = Organization.objects.create(
        pk=pk,
        name=name,
        short_name=short_name,
        kind=kind,
        code=code,
        order=order,
        hotline=hotline,
        parent=parent,
        founded_on=on,
        initials=tree.search_initials(name, short_name),
        path=f"{parent.path if parent else ''}{pk}.",
        order_path=f"{parent.order_path if parent else ''}{tree.order_segment(order, pk)}",
    )
    since = max(on, parent.founded_on) if parent else on
    Affiliation.objects.create(organization=organization, superior=parent, starts_on=since)
    after = {"name": name, "kind": kind, "code": code, "superior": parent and parent.pk, "on": on}
    if parent is not None:
        after["superior_name"] = parent.name
    record(organization, "found", by=by, permission=MANAGE, after=after)
    return organization


def _may_be_founded(name: str, code: str, parent: Organization | None, on: dt.date) -> None:
    tree.not_in_the_future(on, "成立日期")
    if Organization.objects.filter(code=code).exists():
        raise OrganizationRefused(f"代码 {code} 已被使用，请换一个。")
    if parent is None:
        if Organization.objects.filter(parent=None).exists():
            raise OrganizationRefused("最上级党组织只能有一个，请选择上级党组织。")
        return
    if not parent.rule.has_subordinates:
        raise OrganizationRefused(f"{parent.get_kind_display()}不能设下级党组织，请另选上级。")
    if parent.dissolved_on is not None:
        raise OrganizationRefused(f"“{parent.name}”已撤销，不能在其下成立党组织。")
    if parent.depth >= tree.MAX_DEPTH:
        raise OrganizationRefused(f"层级最多 {tree.MAX_DEPTH} 级，请另选上级。")
    _name_is_free(parent, name)


def _name_is_free(parent: Organization | None, name: str, but: int | None = None) -> None:
    if parent and parent.children.living().filter(name=name).exclude(pk=but or 0).exists():
        raise OrganizationRefused(f"“{parent.name}”下已有“{name}”，请用不同的名称。")


def _living(organization: Organization) -> Organization:
    if organization.dissolved_on is not None:
        raise OrganizationRefused(
            f"“{organization.name}”已于{cn_date(organization.dissolved_on)}撤销，不能再变更。"
        )
    return organization


@transaction.atomic
def rename(
    organization: Organization, *, name: str, on: dt.date, by: Any, short_name: str = ""
) -> Organization:
    """更名 from ``on``. The old name is kept (曾用名) and still found by search."""
    tree.lock_tree()  # two siblings cannot take one name at once
    organization = tree.locked(organization)
    require(by, MANAGE, organization)
    _living(organization)
    tree.not_in_the_future(on, "更名日期")
    before = {"name": organization.name, "short_name": organization.short_name}
    after = {"name": name, "short_name": short_name}
    if before == after:
        raise OrganizationRefused("新名称与现在的名称相同，没有需要变更的内容。")
    _name_is_free(organization.parent, name, but=organization.pk)
    _after_the_last_change(organization, on)
    FormerName.objects.create(
        organization=organization,
        **before,
        initials=tree.search_initials(**before),
        used_until=on - dt.timedelta(days=1),
    )
    organization.name, organization.short_name = name, short_name
    organization.initials = tree.search_initials(name, short_name)
    organization.save(update_fields=["name", "short_name", "initials"])
    record(organization, "rename", by=by, permission=MANAGE, before=before, after=after, on=on)
    return organization


def _after_the_last_change(organization: Organization, on: dt.date) -> None:
    if on < organization.founded_on:
        raise OrganizationRefused(f"更名日期不能早于成立日期{cn_date(organization.founded_on)}。")
    last = organization.former_names.order_by("-used_until").first()
    if last is not None and on <= last.used_until:
        since = cn_date(last.used_until + dt.timedelta(days=1))
        raise OrganizationRefused(f"现名称从{since}起使用，新的更名日期不能比这更早。")


@transaction.atomic
def amend(organization: Organization, *, kind: str, code: str, hotline: str, by: Any) -> Organization:
    """Correct the facts that have no dated history: kind (类别), code (代码), hotline (监督电话)."""
    tree.lock_tree()  # nor two organizations one code
    organization = tree.locked(organization)
    require(by, MANAGE, organization)
    _living(organization)
    before = {field: getattr(organization, field) for field in ("kind", "code", "hotline")}
    after = {"kind": kind, "code": code, "hotline": hotline}
    if before == after:
        return organization
    if Organization.objects.filter(code=code).exclude(pk=organization.pk).exists():
        raise OrganizationRefused(f"代码 {code} 已被使用，请换一个。")
    _kind_fits(organization, kind)
    for field, value in after.items():
        setattr(organization, field, value)
    organization.save(update_fields=list(after))
    record(organization, "amend", by=by, permission=MANAGE, before=before, after=after)
    return organization


def _kind_fits(organization: Organization, kind: str) -> None:
    rule, label = RULES[kind], Kind(kind).label
    members = organization.members.current().count()
    if members and not rule.holds_members:
        raise OrganizationRefused(f"这里还有 {members} 名党员，{label}不直接管理党员，请先转接组织关系。")
    below = organization.children.living().count()
    if below and not rule.has_subordinates:
        raise OrganizationRefused(f"这里还有 {below} 个下级党组织，{label}不能设下级，请先调整隶属关系。")


@transaction.atomic
def reorder(organization: Organization, *, order: int, by: Any) -> Organization:
    """排序: protocol order among its siblings; the whole subtree follows."""
    tree.lock_tree()
    organization = tree.locked(organization)
    require(by, MANAGE, organization.parent or organization)
    before, organization.order = organization.order, order
    if before == order:
        return organization
    above = organization.parent.order_path if organization.parent else ""
    organization.save(update_fields=["order"])
    tree.rewrite_subtree(
        organization, organization.path, f"{above}{tree.order_segment(order, organization.pk)}"
    )
    record(
        organization, "reorder", by=by, permission=MANAGE, before={"order": before}, after={"order": order}
    )
    return organization


@transaction.atomic
def affiliate(
    organization: Organization, *, superior: Organization, on: dt.date, by: Any, reason: str = ""
) -> Organization:
    """调整隶属关系: move the whole subtree below ``superior`` from ``on``, today or earlier.

    A later date is refused: what is pending and who may see it follow the chain as it stands, so a
    change takes effect on the day it is made. History before ``on`` stays as it was.
    """
    tree.lock_tree()
    organization, superior = tree.locked(organization), tree.locked(superior)
    may_affiliate(organization, superior=superior, on=on, by=by)
    old = organization.parent
    moved = tree.hang(organization, superior, on)
    record(
        organization,
        "affiliate",
        by=by,
        permission=MANAGE,
        before={"superior": old and old.pk, "superior_name": old and old.name},
        after={"superior": superior.pk, "superior_name": superior.name},
        reason=reason,
        on=on,
        moved=moved,
    )
    return organization


def may_affiliate(organization: Organization, *, superior: Organization, on: dt.date, by: Any) -> None:
    """All that can forbid the move, for the move itself and for the page that shows it before."""
    require_superior(by, organization)
    require(by, MANAGE, superior)
    _living(organization)
    tree.not_in_the_future(on, "调整日期")
    _may_leave(organization, superior, on)
    tree.can_take(superior, [organization], on)


def _may_leave(organization: Organization, superior: Organization, on: dt.date) -> None:
    if superior.pk == organization.parent_id:
        raise OrganizationRefused(f"“{organization.name}”现在就隶属于“{superior.name}”。")
    current = organization.affiliations.filter(ends_on=None).first()
    if current is not None and on < current.starts_on:
        raise OrganizationRefused(
            f"现在的隶属关系从{cn_date(current.starts_on)}开始，调整日期不能比这更早；"
            f"更早的历史已经有记录，不能改写。"
        )
