"""夜间核对: do the rows of 办理情况 say what the facts say? Looked at before they are put right, so that a fault of the
portal is known and not only repaired.

Every step counts what it changes in its own transaction, and no state depends on today: where a phase is open, any
difference is a fault, but for what no event tells. That is an import whose event still waits for the worker, the
receiving organization that a member has just left (``member.edit`` names the new one alone), what a merger hung
elsewhere under an office's variation, and rows that somebody or a migration changed past the services.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns.expectations import Expectation, expectation
from campaigns.models import Assignment, AssignmentCheck, Obligation
from campaigns.services.assignments import COLUMNS, Part, asked, columns, open_obligations, parts
from notifications.services import notify

logger = structlog.get_logger(__name__)

SAMPLES = 20
_DIFFERENT = """
    SELECT count(*) OVER (), COALESCE(w.organization_id, s.organization_id), w.organization_id IS NULL,
        s.organization_id IS NULL, {there}, {wanted_columns}
    FROM ({wanted}) AS w FULL JOIN (
        SELECT s.* FROM campaigns_assignment s JOIN organizations_organization place ON place.id = s.organization_id
        WHERE s.obligation_id = %(obligation)s {place}
    ) AS s ON s.organization_id = w.organization_id
    WHERE (w.organization_id, {wanted_columns}) IS DISTINCT FROM (s.organization_id, {there})
    ORDER BY 2 LIMIT %(shown)s
"""


@dataclass(slots=True)
class Differences:
    """How many rows are not as the facts say, and the first of them."""

    count: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)


def compare(obligations: Iterable[Obligation]) -> Differences:
    """One statement a rule, whatever the number of rows; nothing is written."""
    found = Differences()
    for obligation in obligations:
        expected = expectation(obligation.expects)
        if expected is None:
            continue
        for part in parts(obligation):
            _compare(obligation, part, expected, found)
    return found


def _compare(obligation: Obligation, part: Part, expected: Expectation, found: Differences) -> None:
    rule = asked(obligation, part, expected)
    sql = _DIFFERENT.format(
        wanted=rule.wanted, place=rule.place, there=columns("s."), wanted_columns=columns("w.")
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, rule.params | {"shown": SAMPLES})
        rows = cursor.fetchall()
    found.count += rows[0][0] if rows else 0
    room = SAMPLES - len(found.samples)
    found.samples += [_sample(obligation, *row[1:]) for row in rows[:room]]


def _sample(
    obligation: Obligation, organization: int, is_extra: bool, is_missing: bool, *values: Any
) -> dict[str, Any]:
    there, wanted = values[: len(COLUMNS)], values[len(COLUMNS) :]
    kind = "extra" if is_extra else "missing" if is_missing else "changed"
    differ = [name for name, old, new in zip(COLUMNS, there, wanted, strict=True) if old != new]
    return {
        "obligation": obligation.pk,
        "organization": organization,
        "kind": kind,
        "columns": differ if kind == "changed" else [],
    }


@transaction.atomic
def check() -> AssignmentCheck:
    """Compare what is open, keep the result, and tell the administrators (系统管理员) of a difference, once a day."""
    obligations = list(open_obligations())
    found = compare(obligations)
    kept = AssignmentCheck.objects.create(
        rows=Assignment.objects.filter(obligation__in=obligations).count(),
        differences=found.count,
        samples=found.samples,
    )
    log = logger.warning if found.count else logger.info
    log("assignments_checked", rows=kept.rows, differences=kept.differences, samples=found.samples)
    if found.count:
        _alert(kept)
    return kept


def _alert(kept: AssignmentCheck) -> None:
    administrators = get_user_model().objects.filter(is_staff=True, is_active=True)
    notify(
        administrators,
        subject=f"办理情况核对：{kept.differences} 行与事实不一致",
        body=f"共核对 {kept.rows} 行，其中 {kept.differences} 行与报送、名册等记录不一致，随后会按记录重新计算。"
        "请在“系统状态”中查看是哪些行，并查明原因。",
        link=reverse("portal:system"),
        key=f"assignments.check:{timezone.localdate(kept.checked_at)}",
    )
