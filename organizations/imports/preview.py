"""What a dry run found, kept for the page: a row for each row of the workbook, counts, and a digest.

``summary`` of the import: sheets {sheet: {title, new, changed, unchanged, error}}, errors and warnings
[[kind, heading, count]], headings and notes (sentences), dropped {title: [heading]}, blocking, writes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from common.spreadsheets.reader import Workbook
from organizations.imports.judge import MASKED_CHANGES, suggest_places
from organizations.imports.plan import Plan
from organizations.imports.posts import PlannedPost, post_label
from organizations.imports.problems import group_of
from organizations.imports.sheets import BY_SHEET, MEMBER, ORGANIZATION, POST
from organizations.imports.staging import Staged, copy_lines, copy_text
from organizations.imports.tree import Planned
from organizations.kinds import Kind
from organizations.models import RosterImport, RosterImportRow

_COLUMNS = " (roster_import_id, sheet, number, outcome, label, place, changes, problems, warnings)"


def store(roster_import: RosterImport, plan: Plan, book: Workbook) -> None:
    """Replace the preview of ``roster_import`` by what ``plan`` says; sets summary and digest, saves neither."""
    RosterImportRow.objects.filter(roster_import=roster_import).delete()
    _suggest_superiors(plan)
    lines = [_organization_line(roster_import, row) for row in plan.tree.rows]
    lines += [_post_line(roster_import, row) for row in plan.posts.rows]
    copy_lines("organizations_rosterimportrow", lines, _COLUMNS)
    _store_members(roster_import)
    _suggest_branches(roster_import, plan)
    roster_import.summary = _summary(roster_import, plan.staged, book)
    roster_import.digest = digest(plan)


def digest(plan: Plan) -> str:
    """Of every outcome: two dry runs with one digest would do the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(coalesce(string_agg(concat_ws(',', row, outcome, member_id, place, changes), ';'"
            " ORDER BY row), '')) FROM judged_member"
        )
        members = cursor.fetchone()[0]
    rows = [(r.row.number, r.outcome, r.existing and r.existing.pk, r.changes) for r in plan.tree.rows]
    posts = [(p.row.number, p.outcome, p.user and p.user.pk, p.changes) for p in plan.posts.rows]
    said = json.dumps([rows, posts, members], cls=DjangoJSONEncoder, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _line(roster_import: RosterImport, sheet: str, number: int, *texts: str, parts: Iterable[Any]) -> str:
    jsons = [json.dumps(part, cls=DjangoJSONEncoder, ensure_ascii=False) for part in parts]
    return "\t".join(map(copy_text, (roster_import.pk, sheet, number, *texts, *jsons))) + "\n"


def _organization_line(roster_import: RosterImport, planned: Planned) -> str:
    row = planned.row
    changes = {
        key: list(map(_kind_label, pair)) if key == "kind" else pair for key, pair in planned.changes.items()
    }
    return _line(
        roster_import,
        ORGANIZATION,
        row.number,
        planned.outcome,
        (row.get("name") or "")[:200],
        (row.get("superior") or (planned.existing.parent_name if planned.existing else ""))[:200],
        parts=(changes if planned.outcome == "changed" else {}, row.problems, planned.warnings),
    )


def _kind_label(kind: Any) -> str:
    return str(Kind(kind).label) if kind else ""


def _post_line(roster_import: RosterImport, planned: PlannedPost) -> str:
    row = planned.row
    who = str(planned.user) if planned.user else row.get("person") or row.get("username") or ""
    return _line(
        roster_import,
        POST,
        row.number,
        planned.outcome,
        f"{who} {post_label(row)}".strip()[:200],
        planned.place_name[:200],
        parts=(planned.changes if planned.outcome == "changed" else {}, row.problems, []),
    )


def _store_members(roster_import: RosterImport) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO organizations_rosterimportrow{_COLUMNS}
            SELECT %s, %s, row, outcome, coalesce(name, ''), left(place_name, 200),
                   CASE WHEN outcome = 'changed' THEN {MASKED_CHANGES} ELSE '{{}}' END,
                   problems, warnings
            FROM judged_member ORDER BY row
            """,  # noqa: S608 -- constants
            [roster_import.pk, MEMBER],
        )


def _suggest_superiors(plan: Plan) -> None:
    """找不到“城建局机关党委”: say which names come close."""
    unknown = {p[2] for row in plan.tree.rows for p in row.row.problems if p[0] == "superior_unknown"}
    near = suggest_places(plan.scope, plan.tree, sorted(unknown))
    for row in plan.tree.rows:
        row.row.problems = [_with_hint(problem, near) for problem in row.row.problems]


def _with_hint(problem: tuple[str, str, str], near: dict[str, list[str]]) -> tuple[str, str, str]:
    kind, column, name = problem
    if kind != "superior_unknown" or name not in near:
        return problem
    return kind, column, f"{name}”。是否为“{'”或“'.join(near[name])}"


def _suggest_branches(roster_import: RosterImport, plan: Plan) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT place_name FROM judged_member, jsonb_array_elements(problems) p"
            " WHERE p->>0 = 'branch_unknown' LIMIT 50"
        )
        names = [name for (name,) in cursor.fetchall()]
        for name, near in suggest_places(plan.scope, plan.tree, names).items():
            cursor.execute(
                """
                UPDATE organizations_rosterimportrow SET problems = (
                    SELECT jsonb_agg(CASE WHEN p->>0 = 'branch_unknown' THEN jsonb_set(p, '{2}', to_jsonb(%s::text))
                                     ELSE p END) FROM jsonb_array_elements(problems) p)
                WHERE roster_import_id = %s AND sheet = %s AND outcome = 'error' AND place = %s
                """,
                [f"{name}”。是否为“{'”或“'.join(near)}", roster_import.pk, MEMBER, name[:200]],
            )


def _summary(roster_import: RosterImport, staged: Staged, book: Workbook) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sheet, outcome, count(*) FROM organizations_rosterimportrow WHERE roster_import_id = %s"
            " GROUP BY 1, 2",
            [roster_import.pk],
        )
        counted = {(sheet, outcome): count for sheet, outcome, count in cursor.fetchall()}
    outcomes = [outcome.value for outcome in RosterImportRow.Outcome]
    sheets = {
        sheet: {"title": title} | {outcome: counted.get((sheet, outcome), 0) for outcome in outcomes}
        for sheet, title in staged.titles.items()
    }
    total = {outcome: sum(sheet[outcome] for sheet in sheets.values()) for outcome in outcomes}
    stops = roster_import.mode == RosterImport.Mode.STOP
    updates = roster_import.mode == RosterImport.Mode.UPDATE
    return {
        "sheets": sheets,
        "errors": _kinds(roster_import, "problems"),
        "warnings": _kinds(roster_import, "warnings"),
        "headings": staged.headings,
        "notes": [str(note) for note in book.notes[:50]],
        "more_notes": book.more_notes + max(0, len(book.notes) - 50),
        "dropped": {title: staged.dropped.get(sheet, []) for sheet, title in staged.titles.items()},
        "columns": {sheet: _letters(staged, sheet) for sheet in staged.titles},
        "blocking": total["error"] + (total["changed"] if stops else 0),
        "writes": total["new"] + (total["changed"] if updates else 0),
    }


def _letters(staged: Staged, sheet: str) -> dict[str, int]:
    """Column key -> its place in the sheet, so that a problem can name its cell."""
    return {key: index + 1 for key, index in staged.positions[sheet].items()}


def _kinds(roster_import: RosterImport, column: str) -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT p->>0, count(DISTINCT r.id)
            FROM organizations_rosterimportrow r, jsonb_array_elements(r.{column}) p
            WHERE r.roster_import_id = %s GROUP BY 1 ORDER BY 2 DESC, 1
            """,  # noqa: S608 -- one of two words
            [roster_import.pk],
        )
        return [[kind, group_of(kind), count] for kind, count in cursor.fetchall()]


def heading_of(sheet: str, key: str) -> str:
    """What a changed field is called; "holder" is no column of the posts' sheet."""
    return "担任人" if key == "holder" else BY_SHEET[RosterImportRow.Sheet(sheet)].heading(key)
