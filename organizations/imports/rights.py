"""Who may write which row of the organizations' sheet: the rights of the pages, asked row by row.

Importing a roster (``import_roster``) is a secretary's right too; founding an organization or changing what is
known of one is not. A workbook is no way round: those rows ask for ``manage_organization`` as well, where the
service would (``services.organizations``): at the superior to found or reorder, at the organization to amend.
"""

from __future__ import annotations

from typing import Any

from organizations.access import holders_of, may
from organizations.imports.tree import Existing, Planned, TreePlan
from organizations.models import Organization
from organizations.services.refusals import MANAGE

_NOBODY_YET = "上级党委办公室"


def refuse_without_right(tree: TreePlan, by: Any, *, updates: bool) -> None:
    """Give each row that ``by`` may not write its problem. ``updates``: rows that differ would be written."""
    contacts: dict[str, str] = {}
    for planned in tree.rows:
        denied = _denied(planned, by, updates)
        if denied is None:
            continue
        kind, column, path = denied
        # who manages the whole import's place manages all below it: one question for thousands of rows
        asked = path if len(path) < len(tree.scope.path) else tree.scope.path
        if asked not in contacts:
            contacts[asked] = _contact(asked)
        planned.row.problems.append((kind, column, contacts[asked]))


def _denied(planned: Planned, by: Any, updates: bool) -> tuple[str, str, str] | None:
    """(problem, column, path of where the right is missing) of a row that would be written."""
    existing, above = planned.existing, planned.superior
    if existing is None:
        if above is None or may(by, MANAGE, Organization(path=path_of(above))):
            return None
        return "found_denied", "name", path_of(above)
    if not updates:
        return None
    for column in planned.changes:
        path = _superior_path(existing.path) if column == "order" else existing.path
        if not may(by, MANAGE, Organization(path=path)):
            return "amend_denied", column, path
    return None


def path_of(place: Planned | Existing) -> str:
    """Where it stands; of a new organization, where it will: enough for a permission to be asked."""
    if isinstance(place, Existing):
        return place.path
    if place.existing is not None:
        return place.existing.path
    return f"{path_of(place.superior) if place.superior else ''}0."


def _superior_path(path: str) -> str:
    """The root has none and orders itself."""
    head, _, _ = path[:-1].rpartition(".")
    return f"{head}." if head else path


def _contact(path: str) -> str:
    """Whom to ask, the nearest first: 中共吴江市委员会 领导小组办公室."""
    holders = holders_of(MANAGE, Organization(pk=int(path[:-1].rpartition(".")[2]), path=path))
    return str(holders[0][1]) if holders else _NOBODY_YET
