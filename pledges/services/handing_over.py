"""转由并入后的党组织办理, on record: alike for pledges, plans and opinions."""

from __future__ import annotations

from typing import Any

from common.events import record
from organizations.models import Organization
from organizations.services.refusals import MANAGE


def record_hand_over(row: Any, before: Organization, after: Organization, *, by: Any, reason: str) -> None:
    record(
        row,
        "hand_over",
        by=by,
        permission=MANAGE,
        before={"organization": before.pk, "organization_name": before.name},
        after={"organization": after.pk, "organization_name": after.name},
        reason=reason,
    )
