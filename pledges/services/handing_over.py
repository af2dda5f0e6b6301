"""转由并入后的党组织办理: what the record of it says, alike for pledges, plans and opinions."""

from __future__ import annotations

from typing import Any

from organizations.models import Organization
from organizations.services.refusals import MANAGE


def as_handed_over(organization: Organization, into: Organization) -> dict[str, Any]:
    """Keywords for ``record(row, "hand_over", …)``."""
    return {
        "permission": MANAGE,
        "before": {"organization": organization.pk, "organization_name": organization.name},
        "after": {"organization": into.pk, "organization_name": into.name},
    }
