"""Write a judged workbook: all of it, in the caller's transaction, as the services would have written it.

The tree's rules stay with ``services.tree``: the lock, ids drawn before rows, paths, initials, history.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from organizations.imports import trail
from organizations.imports.plan import Plan
from organizations.imports.posts import PlannedPost
from organizations.imports.staging import copy_lines
from organizations.imports.tree import Existing, Planned
from organizations.models import Affiliation, FormerName, Organization, RosterImport
from organizations.services import OrganizationRefused, appoint, draw_pks, order_segment, search_initials

_BATCH = 1000


class PostRefused(Exception):
    """The service of posts refused a row that the plan took for sound."""

    def __init__(self, planned: PlannedPost, why: str) -> None:
        super().__init__(f"第 {planned.row.number} 行：{why}")


def write(plan: Plan, roster_import: RosterImport) -> dict[str, dict[str, int]]:
    """Returns how many rows were written: {sheet: {new, changed}}. The tree is locked by the caller."""
    updates = roster_import.mode == RosterImport.Mode.UPDATE
    on = roster_import.effective_on
    founded = found_organizations(plan, on)
    trail.organizations_founded(plan, roster_import)
    amended = 0
    if updates:
        amended = amend_organizations(plan, on)
        trail.organizations_changed(plan, roster_import)
    point_members_at(plan)
    added = add_members(on)
    trail.members_added(roster_import)
    edited = 0
    if updates:
        trail.members_changed(roster_import)
        edited = edit_members(on)
    appointed = appoint_people(plan, roster_import)
    return {
        "organization": {"new": founded, "changed": amended},
        "member": {"new": added, "changed": edited},
        "post": appointed,
    }


# -- organizations ---------------------------------------------------------------------------


def found_organizations(plan: Plan, on: dt.date) -> int:
    """New organizations, superiors first: id, path, order path, initials and the first affiliation."""
    new = sorted((row for row in plan.tree.rows if row.outcome == "new"), key=lambda row: row.depth)
    above = Organization.objects.in_bulk({_pk(row.superior) for row in new} - {None})
    made: list[Organization] = []
    affiliations: list[Affiliation] = []
    for row, pk in zip(new, draw_pks(len(new)), strict=True):
        if isinstance(row.superior, Planned) and row.superior.existing is None:
            parent = above[row.superior.new_pk]
        else:
            parent = above[_pk(row.superior)]
        row.new_pk = pk
        organization = _organization(row, pk, parent, on)
        above[pk] = organization
        made.append(organization)
        since = max(organization.founded_on, parent.founded_on)
        affiliations.append(Affiliation(organization=organization, superior=parent, starts_on=since))
    Organization.objects.bulk_create(made, batch_size=_BATCH)
    Affiliation.objects.bulk_create(affiliations, batch_size=_BATCH)
    return len(made)


def _organization(row: Planned, pk: int, parent: Organization, on: dt.date) -> Organization:
    values = row.row
    name, short_name, order = values.get("name"), values.get("short_name") or "", values.get("order") or 0
    return Organization(
        pk=pk,
        name=name,
        short_name=short_name,
        kind=values.get("kind"),
        code=values.get("code") or f"D{pk:08d}",
        order=order,
        hotline=values.get("hotline") or "",
        parent=parent,
        founded_on=values.get("founded_on") or on,
        initials=search_initials(name, short_name),
        path=f"{parent.path}{pk}.",
        order_path=f"{parent.order_path}{order_segment(order, pk)}",
    )


def _pk(superior: Planned | Existing | None) -> int | None:
    if isinstance(superior, Planned):
        return superior.existing.pk if superior.existing else None
    return superior.pk if superior else None


def amend_organizations(plan: Plan, on: dt.date) -> int:
    """Names (the old one is kept), kinds, codes, hotlines, order. Nothing here moves an organization."""
    changed = {row.existing.pk: row for row in plan.tree.rows if row.outcome == "changed" and row.existing}
    organizations = list(Organization.objects.filter(pk__in=changed))
    former = []
    for organization in organizations:
        changes = changed[organization.pk].changes
        if changes.keys() & {"name", "short_name"}:
            former.append(_former_name(organization, on))
        for key, (_, value) in changes.items():
            setattr(organization, key, value)
        organization.initials = search_initials(organization.name, organization.short_name)
    FormerName.objects.bulk_create(former, batch_size=_BATCH)
    fields = ["code", "name", "short_name", "kind", "order", "hotline", "initials"]
    Organization.objects.bulk_update(organizations, fields, batch_size=200)
    if any("order" in row.changes for row in changed.values()):
        renew_order_paths(plan.scope)
    return len(organizations)


def _former_name(organization: Organization, on: dt.date) -> FormerName:
    return FormerName(
        organization=organization,
        name=organization.name,
        short_name=organization.short_name,
        initials=organization.initials,
        used_until=on - dt.timedelta(days=1),
    )


def renew_order_paths(scope: Organization) -> None:
    """Protocol order changed somewhere below: the chain of segments is written anew from the top."""
    top = Organization.objects.select_related("parent").get(pk=scope.pk)
    above = top.parent.order_path if top.parent else ""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE chain(id, order_path) AS (
                SELECT %s::bigint, %s::text
                UNION ALL
                SELECT o.id, c.order_path || lpad(o."order"::text, 5, '0') || lpad(o.id::text, 10, '0') || '.'
                FROM organizations_organization o JOIN chain c ON o.parent_id = c.id
            )
            UPDATE organizations_organization o SET order_path = chain.order_path
            FROM chain WHERE o.id = chain.id AND o.order_path <> chain.order_path
            """,
            [top.pk, f"{above}{order_segment(top.order, top.pk)}"],
        )


# -- members ---------------------------------------------------------------------------------


def point_members_at(plan: Plan) -> None:
    """Branches that had no id while they were judged have one now."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS founded_place")
        cursor.execute("CREATE TEMPORARY TABLE founded_place (ref bigint PRIMARY KEY, id bigint)")
        copy_lines(
            "founded_place", [f"{-row.row.number}\t{row.new_pk}\n" for row in plan.tree.rows if row.new_pk]
        )
        for column in ("place", "receiving_ref"):
            cursor.execute(
                f"UPDATE judged_member j SET {column} = f.id FROM founded_place f WHERE j.{column} = f.ref"  # noqa: S608 -- one of two words
            )


def add_members(on: dt.date) -> int:
    """Ids are drawn first, in the order of the sheet: ``drawn_member`` says which member a row became."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS drawn_member")
        cursor.execute(
            """
            CREATE TEMPORARY TABLE drawn_member AS
            SELECT row, nextval(pg_get_serial_sequence('organizations_member', 'id')) AS id
            FROM (SELECT row FROM judged_member WHERE outcome = 'new' ORDER BY row) new
            """
        )
        cursor.execute("ANALYZE drawn_member")
        cursor.execute(
            """
            INSERT INTO organizations_member
                (id, organization_id, name, number, sex, ethnicity, birth_month, joined_on, confirmed_on,
                 standing, service, is_mobile, receiving_id, post_title, phone, left_reason)
            SELECT d.id, place, name, number, sex, coalesce(ethnicity, '汉族'), birth_month, joined_on,
                   confirmed_on, standing, coalesce(service, 'serving'), coalesce(is_mobile, false),
                   receiving_ref, coalesce(post_title, ''), coalesce(phone, ''), ''
            FROM judged_member j JOIN drawn_member d ON d.row = j.row ORDER BY d.id
            """
        )
        cursor.execute(
            "INSERT INTO organizations_membership (member_id, organization_id, starts_on)"
            " SELECT d.id, place, %s FROM judged_member j JOIN drawn_member d ON d.row = j.row ORDER BY d.id",
            [on],
        )
        return cursor.rowcount


def edit_members(on: dt.date) -> int:
    """Changed members; one who is in another branch now is transferred (组织关系转接) with dated history."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE organizations_membership s SET ends_on = %s FROM judged_member j
            WHERE j.outcome = 'changed' AND j.arrives AND s.member_id = j.member_id AND s.ends_on IS NULL
            """,
            [on],
        )
        cursor.execute(
            "INSERT INTO organizations_membership (member_id, organization_id, starts_on)"
            " SELECT member_id, place, %s FROM judged_member WHERE outcome = 'changed' AND arrives",
            [on],
        )
        cursor.execute(
            """
            UPDATE organizations_member m SET
                organization_id = j.place, name = j.name, number = coalesce(j.number, m.number), sex = j.sex,
                ethnicity = coalesce(j.ethnicity, m.ethnicity), birth_month = j.birth_month,
                joined_on = j.joined_on, confirmed_on = coalesce(j.confirmed_on, m.confirmed_on),
                standing = j.standing, service = coalesce(j.service, m.service),
                is_mobile = coalesce(j.is_mobile, m.is_mobile),
                receiving_id = CASE WHEN j.is_mobile = false THEN NULL
                                    ELSE coalesce(j.receiving_ref, m.receiving_id) END,
                post_title = coalesce(j.post_title, m.post_title), phone = coalesce(j.phone, m.phone)
            FROM judged_member j WHERE j.outcome = 'changed' AND j.member_id = m.id
            """
        )
        return cursor.rowcount


# -- posts -----------------------------------------------------------------------------------


def appoint_people(plan: Plan, roster_import: RosterImport) -> dict[str, int]:
    """Through the service, one by one: who gains power is an event of its own, with the importer as actor."""
    counts = {"new": 0, "changed": 0}
    replaces = roster_import.mode == RosterImport.Mode.UPDATE
    for planned in plan.posts.rows:
        if planned.outcome not in counts or (planned.outcome == "changed" and not replaces):
            continue
        _appoint(planned, replaces, roster_import.uploaded_by)
        counts[planned.outcome] += 1
    return counts


def _appoint(planned: PlannedPost, replaces: bool, by: Any) -> None:
    place = planned.place
    pk = place.pk if isinstance(place, Existing) else place.ref if place else 0
    try:
        appoint(
            user=planned.user,
            post=planned.row.get("post"),
            organization=Organization.objects.get(pk=pk),
            on=planned.row.get("starts_on"),
            until=planned.row.get("ends_on"),
            replacing=replaces,
            by=by,
        )
    except OrganizationRefused as refused:
        raise PostRefused(planned, str(refused)) from refused
