"""What an import leaves in the audit: the events that the pages would have left, one per row written.

Previews are swept after a month; what an organization or a member was before has to stay. The events are
written set by set, one statement per kind, in the transaction that writes the rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from common.events import record_each
from common.privacy import masked_phone_sql
from organizations.imports.judge import MASKED_CHANGES
from organizations.imports.plan import Plan
from organizations.imports.tree import Existing
from organizations.models import Member, Organization, RosterImport
from organizations.services.imports import IMPORT
from organizations.services.roster import EDITABLE

_CHANGED = """
    SELECT o.id, o.name, o.id, c.before, c.after
    FROM jsonb_to_recordset(%s::jsonb) AS c(id bigint, before jsonb, after jsonb)
    JOIN organizations_organization o ON o.id = c.id ORDER BY o.order_path
"""
_AMENDED = ("kind", "code", "hotline")
_CONFIRMED = "('standing', 'confirmed_on')"


def organizations_founded(plan: Plan, roster_import: RosterImport) -> None:
    founded = [row.new_pk for row in plan.tree.rows if row.new_pk]
    query = """
        SELECT o.id, o.name, o.id, '{}'::jsonb, jsonb_build_object(
            'name', o.name, 'kind', o.kind, 'code', o.code, 'on', o.founded_on,
            'superior', s.id, 'superior_name', s.name)
        FROM organizations_organization o JOIN organizations_organization s ON s.id = o.parent_id
        WHERE o.id = ANY(%s) ORDER BY o.order_path
    """
    if founded:
        record_each(Organization, "found", query, [founded], **_origin(roster_import))


def organizations_changed(plan: Plan, roster_import: RosterImport) -> None:
    """A row may be three steps at once: 更名, 修改资料, 调整排序."""
    changed = [(row.existing, row.changes) for row in plan.tree.rows if row.outcome == "changed"]
    renamed = [_renamed(existing, changes) for existing, changes in changed if existing]
    amended = [_only(_AMENDED, existing, changes) for existing, changes in changed if existing]
    moved = [_only(("order",), existing, changes) for existing, changes in changed if existing]
    origin = _origin(roster_import)
    if rows := list(filter(None, renamed)):
        record_each(Organization, "rename", _CHANGED, _as_json(rows), **origin)
    if rows := list(filter(None, amended)):
        record_each(Organization, "amend", _CHANGED, _as_json(rows), **origin)
    if rows := list(filter(None, moved)):
        record_each(Organization, "reorder", _CHANGED, _as_json(rows), **origin)


def _renamed(existing: Existing, changes: dict[str, list[Any]]) -> dict[str, Any] | None:
    """Both names, as the page records them: a reader wants to know what it was called."""
    before = {"name": existing.name, "short_name": existing.short_name}
    after = {key: changes[key][1] if key in changes else old for key, old in before.items()}
    return {"id": existing.pk, "before": before, "after": after} if after != before else None


def _only(keys: Sequence[str], existing: Existing, changes: dict[str, list[Any]]) -> dict[str, Any] | None:
    mine = {key: pair for key, pair in changes.items() if key in keys}
    before, after = ({key: pair[at] for key, pair in mine.items()} for at in (0, 1))
    return {"id": existing.pk, "before": before, "after": after} if mine else None


def _as_json(rows: list[dict[str, Any]]) -> list[str]:
    return [json.dumps(rows, ensure_ascii=False)]


def members_added(roster_import: RosterImport) -> None:
    """Once they are on the roster: what was filled in for blank cells stands there."""
    written = {"receiving": "r.name", "phone": masked_phone_sql("m.phone")}
    fields = ", ".join(f"'{field}', {written.get(field, f'm.{field}')}" for field in EDITABLE)
    query = f"""
        SELECT m.id, m.name, m.organization_id, '{{}}'::jsonb, jsonb_build_object({fields})
        FROM drawn_member d JOIN organizations_member m ON m.id = d.id
        LEFT JOIN organizations_organization r ON r.id = m.receiving_id ORDER BY m.id
    """  # noqa: S608 -- constants
    record_each(Member, "add", query, **_origin(roster_import))


def members_changed(roster_import: RosterImport) -> None:
    """Before they are written: the old branch is still the member's own. 转接, 转正 and corrections apart."""
    transferred = """
        SELECT m.id, j.name, j.place,
               jsonb_build_object('organization', was.id, 'organization_name', was.name),
               jsonb_build_object('organization', o.id, 'organization_name', o.name)
        FROM judged_member j JOIN organizations_member m ON m.id = j.member_id
        JOIN organizations_organization was ON was.id = m.organization_id
        JOIN organizations_organization o ON o.id = j.place
        WHERE j.outcome = 'changed' AND j.arrives ORDER BY j.row
    """
    origin = _origin(roster_import)
    record_each(Member, "transfer", transferred, **origin)
    record_each(Member, "confirm", _changes(f"key IN {_CONFIRMED} AND changes ? 'standing'"), **origin)
    corrected = f"key <> 'branch' AND NOT (key IN {_CONFIRMED} AND changes ? 'standing')"
    record_each(Member, "edit", _changes(corrected), **origin)


def _changes(which: str) -> str:
    """Those of the changes; the receiving organization under its own name, not as the file spells it."""
    return f"""
        SELECT j.member_id, j.name, j.place, c.before, c.after
        FROM judged_member j LEFT JOIN organizations_organization r ON r.id = j.receiving_ref
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(key, value->0) AS before,
                   jsonb_object_agg(key, CASE key WHEN 'receiving' THEN to_jsonb(r.name) ELSE value->1 END) AS after
            FROM jsonb_each({MASKED_CHANGES}) WHERE {which}
        ) c
        WHERE j.outcome = 'changed' AND c.after IS NOT NULL ORDER BY j.row
    """  # noqa: S608 -- constants


def _origin(roster_import: RosterImport) -> dict[str, Any]:
    return {
        "by": roster_import.uploaded_by,
        "permission": IMPORT,
        "within": roster_import,
        "reason": f"导入名册“{roster_import.filename}”（第 {roster_import.pk} 号）",
        "roster_import": roster_import.pk,
        "on": roster_import.effective_on,
    }
