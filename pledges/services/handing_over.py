"""转由并入后的党组织办理: what the record of it says, alike for pledges, plans and opinions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from campaigns.services.assignments import refresh_places
from organizations.models import Organization
from organizations.services.refusals import MANAGE


def as_handed_over(organization: Organization, into: Organization) -> dict[str, Any]:
    """Keywords for ``record(row, "hand_over", …)``."""
    return {
        "permission": MANAGE,
        "before": {"organization": organization.pk, "organization_name": organization.name},
        "after": {"organization": into.pk, "organization_name": into.name},
    }


def count_where_it_was(organization: Organization, phases: Iterable[int], *codes: str) -> None:
    """The record counts where a thing is now; where it was, the expectations ``codes`` have lost it."""
    for phase in sorted(set(phases)):
        refresh_places(phase, codes, [organization.pk])
