"""The members of a workbook against the roster, set by set inside PostgreSQL.

``incoming_member`` (staging) and ``roster_place`` (the branches that rows may mean) go in,
``judged_member`` comes out: which member a row is, what changes, what is wrong.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.utils import timezone

from common.privacy import masked_phone_sql
from organizations.access import path_end
from organizations.imports.similar import resembling
from organizations.imports.staging import copy_lines, copy_text
from organizations.imports.tree import KEY_SQL, TreePlan
from organizations.kinds import HOLDS_MEMBERS
from organizations.models import Organization, RosterImport

Mode = RosterImport.Mode


def collect_places(scope: Organization, plan: TreePlan, mode: str) -> None:
    """Fill ``roster_place``: existing organizations that rows name, and those the workbook founds."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS roster_place")
        cursor.execute(
            "CREATE TEMPORARY TABLE roster_place (ref bigint, code text, key text, name text, kind text,"
            " living boolean, faulty boolean, founded_on date)"
        )
        key = KEY_SQL.format("o.name")
        cursor.execute(
            f"""
            INSERT INTO roster_place
            SELECT o.id, o.code, {key}, o.name, o.kind, o.dissolved_on IS NULL, false, o.founded_on
            FROM organizations_organization o
            WHERE o.path >= %s AND o.path < %s AND (
                o.code IN (SELECT branch_code FROM incoming_member)
                OR {key} IN (SELECT branch_key FROM incoming_member
                             UNION SELECT receiving_key FROM incoming_member))
            """,  # noqa: S608 -- KEY_SQL is a constant
            [scope.path, path_end(scope.path)],
        )
        _follow_changes(cursor, plan, mode)
        cursor.execute("ANALYZE roster_place")


def _follow_changes(cursor: Any, plan: TreePlan, mode: str) -> None:
    """New organizations, and changed ones under their old name and their new one."""
    lines = []
    for row in plan.rows:
        changed = row.outcome == "changed" and mode == Mode.UPDATE
        if row.existing is not None and not changed:
            continue
        name = row.row.get("name") or ""
        place = [
            row.ref,
            row.row.get("code") or "",
            row.key,
            name,
            row.kind,
            True,
            row.is_faulty,
            row.founded_on,
        ]
        lines.append("\t".join(map(copy_text, place)) + "\n")
    kinds = {row.ref: row.kind for row in plan.rows if row.outcome == "changed" and mode == Mode.UPDATE}
    if kinds:
        cursor.execute(
            "UPDATE roster_place p SET kind = n.kind FROM unnest(%s::bigint[], %s::text[]) n(ref, kind)"
            " WHERE p.ref = n.ref",
            [list(kinds), list(kinds.values())],
        )
    copy_lines("roster_place", lines)


def judge_members(scope: Organization, effective_on: dt.date) -> None:
    """Create ``judged_member`` from ``incoming_member`` and ``roster_place``."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS judged_member")
        cursor.execute("ANALYZE incoming_member")
        # After a bulk load the planner knows nothing of the roster yet, and a nested loop of 60,000 by
        # 60,000 takes ten minutes where hashes take one second.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(
            _JUDGE,
            {
                "path": scope.path,
                "path_end": path_end(scope.path),
                "on": effective_on,
                "today": timezone.localdate(),
                "holds": list(HOLDS_MEMBERS),
            },
        )
        cursor.execute("SET LOCAL enable_nestloop = DEFAULT")
        cursor.execute("ANALYZE judged_member")


def lock_members(scope: Organization) -> None:
    """Hold the members that rows mean, before they are judged for good: nobody edits them meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM (
                SELECT m.id FROM organizations_member m
                WHERE m.number IN (SELECT number FROM incoming_member)
                   OR (m.organization_id IN (SELECT ref FROM roster_place WHERE ref > 0)
                       AND m.name IN (SELECT name FROM incoming_member))
                ORDER BY m.id FOR NO KEY UPDATE) held
            """
        )


def _problem(condition: str, kind: str, column: str, argument: str = "''") -> str:
    return f"CASE WHEN {condition} THEN jsonb_build_array(jsonb_build_array('{kind}', '{column}', {argument})) ELSE '[]' END"


def _listed(specs: Any) -> str:
    """All that apply. Most rows have none: one condition decides, no list is put together for them."""
    some = " OR ".join(f"({condition})" for condition, *_ in specs)
    return f"CASE WHEN {some} THEN {' || '.join(_problem(*spec) for spec in specs)} ELSE '[]' END"


def _change(column: str, new: str, old: str) -> str:
    return (
        f"CASE WHEN {new} IS NOT NULL AND {new} IS DISTINCT FROM {old} THEN"
        f" jsonb_build_object('{column}', jsonb_build_array({old}, {new})) ELSE '{{}}' END"
    )


_FOUND = "x.place IS NOT NULL"
_ARRIVES = "x.place IS NOT NULL AND (m.id IS NULL OR m.organization_id <> x.place)"
_PROBLEMS = (
    ("x.branch IS NULL AND x.branch_code IS NULL", "branch_blank", "branch"),
    ("x.is_foreign", "outside", "branch_code", "'代码为 ' || x.branch_code || ' 的党支部'"),
    (
        "x.place IS NULL AND NOT x.is_foreign AND x.branch_code IS NOT NULL",
        "branch_unknown",
        "branch_code",
        "x.branch_code",
    ),
    (
        "x.branch_code IS NULL AND x.branch IS NOT NULL AND x.named IS NULL",
        "branch_unknown",
        "branch",
        "x.branch",
    ),
    ("x.branch_code IS NULL AND x.named > 1", "branch_ambiguous", "branch", "x.branch"),
    (f"{_FOUND} AND NOT p.living", "dissolved", "branch", "p.name"),
    (f"{_FOUND} AND p.faulty", "branch_faulty", "branch"),
    (f"{_ARRIVES} AND NOT p.kind = ANY(%(holds)s)", "branch_kind", "branch", "p.name"),
    (f"{_ARRIVES} AND %(on)s < p.founded_on", "branch_younger", "branch", "p.founded_on::text"),
    (
        "x.number IS NOT NULL AND x.row <> x.first_numbered",
        "number_twice",
        "number",
        "x.first_numbered::text",
    ),
    (
        "x.number IS NULL AND x.place IS NOT NULL AND x.birth_month IS NOT NULL"
        " AND (x.row <> x.first_same OR x.numbered_same > 0)",
        "member_twice",
        "name",
        "(CASE WHEN x.row = x.first_same THEN x.last_same ELSE x.first_same END)::text",
    ),
    ("x.is_ambiguous", "member_ambiguous", "name"),
    ("m.left_on IS NOT NULL", "left", "number", "x.number"),
    (
        "m.id IS NOT NULL AND NOT (mo.path >= %(path)s AND mo.path < %(path_end)s)",
        "outside",
        "number",
        "'编号 ' || x.number || ' 的党员'",
    ),
    (
        "coalesce(x.confirmed_on, m.confirmed_on) < coalesce(x.joined_on, m.joined_on)",
        "confirmed_early",
        "confirmed_on",
    ),
    (
        "x.standing = 'probationary' AND x.confirmed_on IS NOT NULL",
        "probationary_confirmed",
        "confirmed_on",
    ),
    ("x.standing = 'probationary' AND m.standing = 'full'", "standing_back", "standing"),
    ("x.joined_on > %(today)s", "future", "joined_on", "x.joined_on::text"),
    ("x.confirmed_on > %(today)s", "future", "confirmed_on", "x.confirmed_on::text"),
    ("x.birth_month > %(today)s", "future", "birth_month", "x.birth_month::text"),
    ("x.receiving IS NOT NULL AND x.receiving_ref IS NULL", "receiving_unknown", "receiving", "x.receiving"),
    ("x.receiving IS NOT NULL AND NOT coalesce(x.is_mobile, true)", "receiving_settled", "receiving"),
    (
        f"{_ARRIVES} AND m.id IS NOT NULL AND %(on)s < s.starts_on",
        "transfer_date",
        "branch",
        "s.starts_on::text",
    ),
)
_WARNINGS = (
    (
        "m.id IS NULL AND namesake.birth_month IS NOT NULL",
        "same_name",
        "name",
        "to_char(namesake.birth_month, 'YYYY-MM')",
    ),
    ("m.id IS NULL AND twin_elsewhere.name IS NOT NULL", "elsewhere", "name", "twin_elsewhere.place"),
    ("x.joined_on < x.birth_month + interval '18 years'", "young", "joined_on"),
)
_CHANGES = (
    ("number", "x.number", "m.number"),
    ("name", "x.name", "m.name"),
    ("sex", "x.sex", "m.sex"),
    ("ethnicity", "x.ethnicity", "m.ethnicity"),
    ("birth_month", "x.birth_month", "m.birth_month"),
    ("standing", "x.standing", "m.standing"),
    ("joined_on", "x.joined_on", "m.joined_on"),
    ("confirmed_on", "x.confirmed_on", "m.confirmed_on"),
    ("service", "x.service", "m.service"),
    ("post_title", "x.post_title", "m.post_title"),
    ("phone", "x.phone", "m.phone"),
    ("is_mobile", "x.is_mobile", "m.is_mobile"),
)

_JUDGE = f"""
CREATE TEMPORARY TABLE judged_member AS
WITH by_code AS (
    SELECT DISTINCT ON (code) code, ref FROM roster_place WHERE code <> '' ORDER BY code, living DESC
), by_key AS (
    SELECT key, count(DISTINCT ref) AS named, min(ref) AS ref FROM roster_place WHERE living GROUP BY key
), place AS (
    SELECT DISTINCT ON (ref) * FROM roster_place ORDER BY ref
), foreign_code AS (
    SELECT code FROM organizations_organization
    WHERE NOT (path >= %(path)s AND path < %(path_end)s)
      AND code IN (SELECT branch_code FROM incoming_member)
), placed AS (
    SELECT i.row, i.number, i.name, i.sex, i.ethnicity, i.birth_month, i.branch, i.branch_code, i.standing,
           i.joined_on, i.confirmed_on, i.service, i.post_title, i.phone, i.receiving, i.problems,
           CASE WHEN i.receiving IS NOT NULL AND i.is_mobile IS NULL THEN true ELSE i.is_mobile END AS is_mobile,
           CASE WHEN i.branch_code IS NOT NULL THEN c.ref WHEN k.named = 1 THEN k.ref END AS place,
           k.named, f.code IS NOT NULL AS is_foreign,
           CASE WHEN r.named = 1 THEN r.ref END AS receiving_ref
    FROM incoming_member i
    LEFT JOIN by_code c ON c.code = i.branch_code
    LEFT JOIN by_key k ON k.key = i.branch_key
    LEFT JOIN by_key r ON r.key = i.receiving_key
    LEFT JOIN foreign_code f ON f.code = i.branch_code
), twin AS (
    SELECT organization_id, name, birth_month, count(*) AS n, min(id) AS id,
           count(*) FILTER (WHERE number IS NULL) AS n_plain, min(id) FILTER (WHERE number IS NULL) AS id_plain
    FROM organizations_member
    WHERE left_on IS NULL AND organization_id IN (SELECT ref FROM place WHERE ref > 0)
    GROUP BY 1, 2, 3
), x AS (
    SELECT p.*,
           coalesce(n.id, CASE WHEN p.number IS NULL AND t.n = 1 THEN t.id
                               WHEN p.number IS NOT NULL AND t.n_plain = 1 THEN t.id_plain END) AS member_id,
           p.number IS NULL AND coalesce(t.n, 0) > 1 AS is_ambiguous,
           min(p.row) OVER (PARTITION BY p.number) AS first_numbered,
           min(p.row) OVER same AS first_same, max(p.row) OVER same AS last_same,
           count(p.number) OVER same AS numbered_same
    FROM placed p
    LEFT JOIN organizations_member n ON n.number = p.number
    LEFT JOIN twin t ON t.organization_id = p.place AND t.name = p.name AND t.birth_month = p.birth_month
    WINDOW same AS (PARTITION BY p.place, p.name, p.birth_month)
), namesake AS (
    SELECT organization_id, name, min(birth_month) AS birth_month FROM twin GROUP BY 1, 2
), twin_elsewhere AS (
    SELECT m.name, m.birth_month, min(o.name) AS place
    FROM organizations_member m JOIN organizations_organization o ON o.id = m.organization_id
    WHERE m.left_on IS NULL AND o.path >= %(path)s AND o.path < %(path_end)s
      AND m.name IN (SELECT name FROM x WHERE member_id IS NULL)
    GROUP BY 1, 2
), judged AS (
    SELECT x.row, x.member_id, x.place, coalesce(p.name, x.branch, x.branch_code, '') AS place_name,
           x.number, x.name, x.sex, x.ethnicity, x.birth_month, x.standing, x.joined_on, x.confirmed_on,
           x.service, x.post_title, x.phone, x.is_mobile, x.receiving_ref,
           m.organization_id IS DISTINCT FROM x.place AS arrives,
           x.problems || {_listed(_PROBLEMS)} AS problems,
           {_listed(_WARNINGS)} AS warnings,
           CASE WHEN m.id IS NULL THEN '{{}}'::jsonb ELSE
           {" || ".join(_change(*spec) for spec in _CHANGES)}
           || CASE WHEN x.place IS NOT NULL AND m.organization_id <> x.place
              THEN jsonb_build_object('branch', jsonb_build_array(mo.name, p.name)) ELSE '{{}}' END
           || CASE WHEN (x.receiving_ref IS NOT NULL AND m.receiving_id IS DISTINCT FROM x.receiving_ref)
                     OR (x.is_mobile = false AND m.receiving_id IS NOT NULL)
              THEN jsonb_build_object('receiving', jsonb_build_array(mr.name, x.receiving)) ELSE '{{}}' END
           END AS changes
    FROM x
    LEFT JOIN place p ON p.ref = x.place
    LEFT JOIN organizations_member m ON m.id = x.member_id
    LEFT JOIN organizations_organization mo ON mo.id = m.organization_id
    LEFT JOIN organizations_organization mr ON mr.id = m.receiving_id
    LEFT JOIN organizations_membership s ON s.member_id = m.id AND s.ends_on IS NULL
    LEFT JOIN namesake ON namesake.organization_id = x.place AND namesake.name = x.name
    LEFT JOIN twin_elsewhere ON twin_elsewhere.name = x.name AND twin_elsewhere.birth_month = x.birth_month
)
SELECT *, CASE WHEN problems <> '[]' THEN 'error' WHEN member_id IS NULL THEN 'new'
               WHEN changes <> '{{}}' THEN 'changed' ELSE 'unchanged' END AS outcome
FROM judged
"""  # noqa: S608 -- put together from the constants above; values go in as parameters

# ``changes`` as it may be kept and shown: field -> [old, new], phones masked.
_OLD_PHONE, _NEW_PHONE = (masked_phone_sql(f"changes->'phone'->>{at}") for at in (0, 1))
MASKED_CHANGES = (
    "CASE WHEN changes ? 'phone' THEN"
    f" jsonb_set(changes, '{{phone}}', jsonb_build_array({_OLD_PHONE}, {_NEW_PHONE})) ELSE changes END"
)


def suggest_places(scope: Organization, plan: TreePlan, names: list[str]) -> dict[str, list[str]]:
    """What a name that was not found may have meant: living organizations in reach, and new ones."""
    if not names:
        return {}
    known = (
        Organization.objects.under(scope).living().values_list("name", flat=True).iterator(chunk_size=5000)
    )
    new = [row.row.get("name") or "" for row in plan.rows if row.existing is None]
    return resembling(names[:50], (name for part in (known, new) for name in part))
