"""The chain as it is written: paths, order paths and the lock that keeps two movers apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from common.templatetags.cn import cn_date
from common.text import initials
from organizations.access import path_end
from organizations.models import Affiliation, Organization
from organizations.services.refusals import OrganizationRefused

MAX_DEPTH = 20  # what fits into path and order_path


def lock_tree() -> None:
    """One writer of the tree at a time, until the transaction ends.

    Whoever changes who hangs where locks the root first and rows below it afterwards (root before
    leaf): two moves cannot pass each other and close a cycle, and a child founded during a move
    cannot keep the old path. Importers that write paths themselves take it too.
    """
    list(Organization.objects.filter(parent=None).select_for_update(no_key=True).values_list("pk"))


def locked(organization: Organization) -> Organization:
    """The row as it is now, held until the transaction ends; what the caller read may be stale."""
    return (
        Organization.objects.select_for_update(of=("self",)).select_related("parent").get(pk=organization.pk)
    )


def order_segment(order: int, pk: int) -> str:
    return f"{order:05d}{pk:010d}."


def search_initials(name: str, short_name: str = "") -> str:
    """Pinyin initials of both names, apart: 震泽镇 is found by zzz, and nothing across the gap."""
    return " ".join(filter(None, [initials(name), initials(short_name)]))[:200]


def draw_pks(count: int) -> list[int]:
    """The id is part of the path, so it is drawn before the row is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('organizations_organization', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def rewrite_subtree(organization: Organization, path: str, order_path: str) -> int:
    """Give the whole subtree its new prefix in one statement; returns how many rows moved."""
    old, old_order = organization.path, organization.order_path
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organizations_organization"
            " SET path = %s || substr(path, %s), order_path = %s || substr(order_path, %s)"
            " WHERE path >= %s AND path < %s",
            [path, len(old) + 1, order_path, len(old_order) + 1, old, path_end(old)],
        )
        moved = cursor.rowcount
    organization.path, organization.order_path = path, order_path
    return moved


def hang(organization: Organization, superior: Organization, on: dt.date) -> int:
    """Move the subtree below ``superior`` from ``on``: paths, parent and dated history. All checks are done."""
    segment = order_segment(organization.order, organization.pk)
    moved = rewrite_subtree(
        organization, f"{superior.path}{organization.pk}.", f"{superior.order_path}{segment}"
    )
    organization.parent = superior
    organization.save(update_fields=["parent"])
    organization.affiliations.filter(ends_on=None).update(ends_on=on)
    Affiliation.objects.create(organization=organization, superior=superior, starts_on=on)
    return moved


def not_in_the_future(day: dt.date, what: str) -> None:
    if day > timezone.localdate():
        raise OrganizationRefused(f"{what}不能晚于今天。今天之后的变更请到当天再办理。")


def can_take(superior: Organization, incoming: Iterable[Organization], on: dt.date) -> None:
    """May these hang below ``superior`` from ``on``? Kind, life, names, depth, cycles now and in history."""
    incoming = list(incoming)
    if superior.dissolved_on is not None:
        raise OrganizationRefused(f"“{superior.name}”已撤销，不能再接收下级党组织。")
    if not superior.rule.has_subordinates:
        raise OrganizationRefused(
            f"“{superior.name}”是{superior.get_kind_display()}，不能设下级党组织，请另选上级。"
        )
    if on < superior.founded_on:
        raise OrganizationRefused(
            f"“{superior.name}”{cn_date(superior.founded_on)}才成立，日期不能比这更早。"
        )
    taken = set(superior.children.living().values_list("name", flat=True))
    for organization in incoming:
        if superior.is_under(organization):
            raise OrganizationRefused(
                f"“{superior.name}”在“{organization.name}”之内，上级不能移到自己的下级之下。"
            )
        if organization.name in taken:
            raise OrganizationRefused(f"“{superior.name}”下已有同名的“{organization.name}”，请先改名。")
        _shallow_enough(superior, organization)
        _no_cycle_in_history(superior, organization, on)


def _shallow_enough(superior: Organization, organization: Organization) -> None:
    deepest = max(p.count(".") for p in _subtree(organization).values_list("path", flat=True))
    if superior.depth + deepest - organization.depth + 1 > MAX_DEPTH:
        raise OrganizationRefused(f"移动后层级会超过 {MAX_DEPTH} 级，请另选上级。")


def _subtree(organization: Organization):  # noqa: ANN202 -- a queryset
    return Organization.objects.under(organization)


def _no_cycle_in_history(superior: Organization, organization: Organization, on: dt.date) -> None:
    """A past date must not make two organizations each other's superior on any day since then."""
    frontier: list[tuple[int, dt.date, dt.date | None]] = [(superior.pk, on, None)]
    seen = set()
    while frontier:
        pk, since, until = frontier.pop()
        for row in Affiliation.objects.filter(organization=pk).exclude(superior=None):
            starts = max(row.starts_on, since)
            ends = min(filter(None, [row.ends_on, until]), default=None)
            if ends is not None and starts >= ends:
                continue
            if row.superior_id == organization.pk:
                raise OrganizationRefused(
                    f"从{cn_date(on)}起算不行：“{superior.name}”到{cn_date(ends or timezone.localdate())}为止"
                    f"还隶属于“{organization.name}”。请改用那天或之后的日期。"
                )
            found = (row.superior_id or 0, starts, ends)
            if found not in seen:
                seen.add(found)
                frontier.append(found)
