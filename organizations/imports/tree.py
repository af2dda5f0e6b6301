"""The organizations of a workbook against the tree: which is which, what hangs where, what would change.

Organizations are thousands at most and lean on each other (a superior may come later in the sheet), so
they are planned in memory. Only those the workbook names are loaded.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils import timezone

from common.spreadsheets.values import match_key
from organizations.access import path_end
from organizations.imports.similar import pairs_one_sign_apart
from organizations.imports.staging import IncomingRow, Problem, Staged
from organizations.kinds import RULES
from organizations.models import Organization
from organizations.services.tree import MAX_DEPTH

# The same comparison as values.match_key, inside PostgreSQL.
KEY_SQL = r"lower(regexp_replace(normalize({}, NFKC), '[\s\u200b\ufeff]+', '', 'g'))"
_DEEPEST = 60  # of recursion, well below Python's own limit
_UPDATED = ("code", "name", "short_name", "kind", "order", "hotline")


@dataclass(slots=True)
class Existing:
    """One organization of the tree that the workbook names."""

    pk: int
    code: str
    name: str
    short_name: str
    kind: str
    parent_id: int | None
    parent_name: str
    parent_code: str
    order: int
    hotline: str
    founded_on: dt.date
    dissolved_on: dt.date | None
    path: str
    key: str


@dataclass(slots=True)
class Planned:
    """One row of the sheet: the organization it is (or None: a new one), where it hangs, what changes."""

    row: IncomingRow
    key: str
    existing: Existing | None = None
    superior: Planned | Existing | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    state: int = 0  # 0 untouched, 1 being resolved, 2 resolved
    new_pk: int = 0

    @property
    def ref(self) -> int:
        """The id, or minus the row number while there is none."""
        return self.existing.pk if self.existing else self.new_pk or -self.row.number

    @property
    def kind(self) -> str:
        return self.row.get("kind") or (self.existing.kind if self.existing else "")

    @property
    def founded_on(self) -> dt.date | None:
        return self.existing.founded_on if self.existing else self.row.get("founded_on")

    @property
    def is_faulty(self) -> bool:
        return bool(self.row.problems)

    @property
    def outcome(self) -> str:
        if self.row.problems:
            return "error"
        if self.existing is None:
            return "new"
        return "changed" if self.changes else "unchanged"

    @property
    def depth(self) -> int:
        if self.existing is not None:
            return self.existing.path.count(".")
        above = self.superior
        if above is None:
            return 0
        return 1 + (above.depth if isinstance(above, Planned) else above.path.count("."))


class TreePlan:
    """Resolves the rows of the organizations' sheet inside ``scope``."""

    def __init__(self, staged: Staged, scope: Organization, effective_on: dt.date) -> None:
        self.scope = scope
        self.effective_on = effective_on
        self._posts = staged.posts
        self.rows = [Planned(row, match_key(row.get("name"))) for row in staged.organizations]
        self._load()
        self._index()
        for planned in self.rows:
            self._resolve(planned, 0)
        self._refuse_twins()
        for planned in self.rows:
            if planned.existing is None:
                self._check_new(planned)
            else:
                self._compare(planned, planned.existing)
        self._check_kinds()
        self._check_renames()
        self._blame_superiors()
        self._warn_of_similar()

    # -- what the tree has -------------------------------------------------------------------

    def _load(self) -> None:
        codes = {row.row.get(key) for row in self.rows for key in ("code", "superior_code")}
        keys = {row.key for row in self.rows} | {match_key(row.row.get("superior")) for row in self.rows}
        codes = (codes | {post.get("organization_code") for post in self._posts}) - {None}
        keys |= {match_key(post.get("organization")) for post in self._posts}
        with connection.cursor() as cursor:
            key = KEY_SQL.format("o.name")
            cursor.execute(
                f"""
                SELECT o.id, o.code, o.name, o.short_name, o.kind, o.parent_id, coalesce(p.name, ''),
                       coalesce(p.code, ''), o."order", o.hotline, o.founded_on, o.dissolved_on, o.path, {key}
                FROM organizations_organization o
                LEFT JOIN organizations_organization p ON p.id = o.parent_id
                WHERE o.path >= %s AND o.path < %s AND (o.code = ANY(%s) OR {key} = ANY(%s))
                """,  # noqa: S608 -- KEY_SQL is a constant
                [self.scope.path, path_end(self.scope.path), list(codes), list(keys - {""})],
            )
            self.found = [Existing(*row) for row in cursor.fetchall()]
            cursor.execute(
                "SELECT code FROM organizations_organization WHERE code = ANY(%s) AND NOT (path >= %s AND path < %s)",
                [list(codes), self.scope.path, path_end(self.scope.path)],
            )
            self.codes_outside = {code for (code,) in cursor.fetchall()}

    def _index(self) -> None:
        self.by_code = {one.code: one for one in self.found}
        self.by_pk = {one.pk: one for one in self.found}
        living = [one for one in self.found if one.dissolved_on is None]
        self.by_key: dict[str, list[Existing]] = defaultdict(list)
        self.children: dict[tuple[int | None, str], Existing] = {}
        for one in living:
            self.by_key[one.key].append(one)
            self.children[one.parent_id, one.key] = one
        self.rows_by_key: dict[str, list[Planned]] = defaultdict(list)
        self.rows_by_code: dict[str, Planned] = {}
        for planned in self.rows:
            self.rows_by_key[planned.key].append(planned)
            if code := planned.row.get("code"):
                if code in self.rows_by_code:
                    first = self.rows_by_code[code].row.number
                    planned.row.problems.append(("code_twice", "code", str(first)))
                else:
                    self.rows_by_code[code] = planned

    # -- which is which ----------------------------------------------------------------------

    def _resolve(self, planned: Planned, depth: int) -> None:
        if planned.state:
            return
        planned.state = 1
        code = planned.row.get("code")
        if code in self.codes_outside:
            planned.row.problems.append(("outside", "code", f"代码 {code} "))
        elif code and code in self.by_code:
            planned.existing = self.by_code[code]
        planned.superior = self._superior(planned, depth)
        if planned.existing is None and planned.key:
            above = _pk_of(planned.superior)
            planned.existing = self.children.get((above, planned.key)) if above else self._as_scope(planned)
        planned.state = 2

    def _as_scope(self, planned: Planned) -> Existing | None:
        """The top of the scope is known by its name although its superior lies outside."""
        own = self.by_pk.get(self.scope.pk)
        superior = match_key(planned.row.get("superior"))
        if own is None or own.key != planned.key or planned.superior is not None:
            return None
        if superior and superior != match_key(own.parent_name):
            return None
        planned.row.problems = [p for p in planned.row.problems if not p[0].startswith("superior")]
        return own

    def _superior(self, planned: Planned, depth: int) -> Planned | Existing | None:
        code, name = planned.row.get("superior_code"), planned.row.get("superior")
        if planned.existing is not None and self._says_the_same(planned.existing, code, name):
            return self.by_pk.get(planned.existing.parent_id or 0)
        if depth > _DEEPEST:
            planned.row.problems.append(("deep", "superior", str(MAX_DEPTH)))
            return None
        if code:
            return self._superior_by_code(planned, code, depth)
        if name:
            return self._superior_by_name(planned, name, depth)
        planned.row.problems.append(("superior_blank", "superior", ""))
        return None

    @staticmethod
    def _says_the_same(existing: Existing, code: str | None, name: str | None) -> bool:
        """Blank, or exactly the superior it has: nothing to resolve."""
        return (not code or code == existing.parent_code) and (
            not name or match_key(name) == match_key(existing.parent_name)
        )

    def _superior_by_code(self, planned: Planned, code: str, depth: int) -> Planned | Existing | None:
        if code in self.codes_outside:
            planned.row.problems.append(("outside", "superior_code", f"代码为 {code} 的上级"))
            return None
        row = self.rows_by_code.get(code)
        if row is planned:
            planned.row.problems.append(("cycle", "superior_code", planned.row.get("name") or ""))
            return None
        if row is not None:
            return self._through_row(planned, row, depth)
        if code in self.by_code:
            return self.by_code[code]
        planned.row.problems.append(("superior_unknown", "superior_code", code))
        return None

    def _superior_by_name(self, planned: Planned, name: str, depth: int) -> Planned | Existing | None:
        key = match_key(name)
        candidates: dict[int, Planned | Existing] = {one.pk: one for one in self.by_key[key]}
        rows = [row for row in self.rows_by_key[key] if row is not planned]
        open_rows = [row for row in rows if row.state == 1]
        for row in rows:
            if row.state != 1 and self._through_row(planned, row, depth) is not None:
                candidates[row.ref] = row
        if len(candidates) > 1:
            planned.row.problems.append(("superior_ambiguous", "superior", name))
            return None
        if candidates:
            return next(iter(candidates.values()))
        if open_rows or key == planned.key:
            planned.row.problems.append(("cycle", "superior", " → ".join(self._circle(planned, open_rows))))
        else:
            planned.row.problems.append(("superior_unknown", "superior", name))
        return None

    def _through_row(self, planned: Planned, row: Planned, depth: int) -> Planned | None:
        if row.state == 1:
            planned.row.problems.append(("cycle", "superior", " → ".join(self._circle(planned, [row]))))
            return None
        self._resolve(row, depth + 1)
        return row

    @staticmethod
    def _circle(planned: Planned, others: list[Planned]) -> list[str]:
        names = [planned.row.get("name") or "", *(row.row.get("name") or "" for row in others[:1])]
        return [*names, names[0]] if len(names) > 1 else names * 2

    def find(self, code: str | None, name: str | None) -> Planned | Existing | str:
        """An organization as another sheet names it: itself, or the kind of problem."""
        if code:
            return self.rows_by_code.get(code) or self.by_code.get(code) or "place_unknown"
        key = match_key(name)
        found: dict[int, Planned | Existing] = {one.pk: one for one in self.by_key[key]}
        found |= {row.ref: row for row in self.rows_by_key[key]}
        if len(found) > 1:
            return "place_ambiguous"
        return next(iter(found.values()), "place_unknown")

    # -- what is wrong, what changes ---------------------------------------------------------

    def _refuse_twins(self) -> None:
        seen: dict[Any, Planned] = {}
        for planned in self.rows:
            place: Any = (
                planned.existing.pk if planned.existing else (_pk_or_row(planned.superior), planned.key)
            )
            if planned.superior is None and planned.existing is None:
                continue
            first = seen.setdefault(place, planned)
            if first is not planned and not any(p[0] == "code_twice" for p in planned.row.problems):
                planned.row.problems.append(("name_twice", "name", str(first.row.number)))

    def _check_new(self, planned: Planned) -> None:
        problems, founded = planned.row.problems, planned.row.get("founded_on")
        if founded and founded > timezone.localdate():
            problems.append(("future", "founded_on", founded.isoformat()))
        above = planned.superior
        if above is None:
            return
        if isinstance(above, Existing) and above.dissolved_on is not None:
            problems.append(("dissolved", "superior", above.name))
        if above.kind and not RULES[above.kind].has_subordinates:
            problems.append(("superior_kind", "superior", _name_of(above)))
        if planned.depth > MAX_DEPTH:
            problems.append(("deep", "superior", str(MAX_DEPTH)))

    def _compare(self, planned: Planned, existing: Existing) -> None:
        problems = planned.row.problems
        if existing.dissolved_on is not None:
            problems.append(("dissolved", "name", existing.name))
            return
        same = self._says_the_same(existing, planned.row.get("superior_code"), planned.row.get("superior"))
        if not same and planned.superior is not None and _pk_of(planned.superior) != existing.parent_id:
            problems.append(("move", "superior", existing.parent_name))
        for column in _UPDATED:
            new, old = planned.row.get(column), getattr(existing, column)
            if new is not None and new != old:
                planned.changes[column] = [old, new]
        founded = planned.row.get("founded_on")
        if founded and founded != existing.founded_on:
            planned.warnings.append(("founded_differs", "founded_on", existing.founded_on.isoformat()))
        taken = self.children.get((existing.parent_id, planned.key), existing)
        if "name" in planned.changes and taken.pk != existing.pk:
            problems.append(("name_taken", "name", taken.name))

    def _check_kinds(self) -> None:
        """A new kind must fit the members and subordinates that are there already."""
        turned = [row for row in self.rows if row.existing and "kind" in row.changes]
        members = _counts(
            "SELECT organization_id, count(*) FROM organizations_member"
            " WHERE left_on IS NULL AND organization_id = ANY(%s) GROUP BY 1",
            [row.ref for row in turned],
        )
        below = _counts(
            "SELECT parent_id, count(*) FROM organizations_organization"
            " WHERE dissolved_on IS NULL AND parent_id = ANY(%s) GROUP BY 1",
            [row.ref for row in turned],
        )
        for row in turned:
            rule = RULES[row.kind]
            if not rule.holds_members and (count := members.get(row.ref)):
                row.row.problems.append(("kind_members", "kind", str(count)))
            if not rule.has_subordinates and (count := below.get(row.ref)):
                row.row.problems.append(("kind_subordinates", "kind", f"{count} 个"))

    def _check_renames(self) -> None:
        renamed = {
            row.ref: row for row in self.rows if row.existing and {"name", "short_name"} & row.changes.keys()
        }
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT organization_id, max(used_until) FROM organizations_formername"
                " WHERE organization_id = ANY(%s) GROUP BY 1",
                [list(renamed)],
            )
            last = dict(cursor.fetchall())
        for pk, row in renamed.items():
            since = row.existing.founded_on if row.existing else self.effective_on
            if pk in last:
                since = last[pk] + dt.timedelta(days=2)
            if self.effective_on < since:
                row.row.problems.append(("rename_date", "name", since.isoformat()))

    def _blame_superiors(self) -> None:
        """A new organization below a faulty row cannot be founded either; said once, without repeating why."""
        for row in sorted(self.rows, key=lambda row: row.depth):
            above = row.superior
            if (
                row.existing is None
                and isinstance(above, Planned)
                and above.existing is None
                and above.is_faulty
            ):
                row.row.problems.append(("superior_faulty", "superior", str(above.row.number)))

    def _warn_of_similar(self) -> None:
        """New names one sign away from a sibling's: 财政所党支部, 财政局党支部."""
        groups: dict[int, list[Planned]] = defaultdict(list)
        for row in self.rows:
            if row.existing is None and row.superior is not None:
                groups[_pk_or_row(row.superior)].append(row)
        siblings: dict[int, list[tuple[int, str]]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT parent_id, id, name FROM organizations_organization"
                " WHERE dissolved_on IS NULL AND parent_id = ANY(%s)",
                [[pk for pk in groups if pk > 0]],
            )
            for parent, pk, name in cursor.fetchall():
                siblings[parent].append((pk, name))
        for parent, rows in groups.items():
            new = {row.ref: row for row in rows}
            names = dict(siblings[parent]) | {ref: row.row.get("name") or "" for ref, row in new.items()}
            for left, right in pairs_one_sign_apart(names.items()):
                later, other = (left, right) if left in new else (right, left)
                if later in new:
                    where = f"第 {-other} 行" if other < 0 else "系统中"
                    new[later].warnings.append(("similar", "name", f"{where}的“{names[other]}”"))


def _pk_of(superior: Planned | Existing | None) -> int | None:
    """The id of a superior that is in the tree already."""
    if isinstance(superior, Planned):
        superior = superior.existing
    return superior.pk if superior else None


def _pk_or_row(superior: Planned | Existing | None) -> int:
    if superior is None:
        return 0
    return superior.ref if isinstance(superior, Planned) else superior.pk


def _name_of(superior: Planned | Existing) -> str:
    return (superior.row.get("name") or "") if isinstance(superior, Planned) else superior.name


def _counts(sql: str, pks: list[int]) -> dict[int, int]:
    if not pks:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [pks])
        return dict(cursor.fetchall())
