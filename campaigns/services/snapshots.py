"""统计留存: the figures of a day, kept for the sheet and the 通报 that are handed in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase, Snapshot
from campaigns.queries import progress
from campaigns.queries.circular import circular
from campaigns.queries.sheets import sheet
from common.events import record
from organizations.models import Organization


class SnapshotRefused(Exception):
    """It cannot be kept so; the message is a sentence for the person."""


@transaction.atomic
def take(organization: Organization, phase: Phase, *, remedy_by: dt.date | None = None, by: Any) -> Snapshot:
    """留存 what stands today. ``phase`` comes with its campaign. Raises PermissionDenied, SnapshotRefused."""
    if not progress.reads_below(by, organization):
        raise PermissionDenied(f"您的职务不能留存“{organization.name}”的进度统计。")
    today = timezone.localdate()
    if phase.starts_on > today:
        raise SnapshotRefused(f"“{phase.name}”还没有开始。")
    if remedy_by is not None and remedy_by <= today:
        raise SnapshotRefused("整改时限须晚于今天。")
    figures = {
        "sheet": sheet(organization, phase, today).as_json(),
        "circular": circular(organization, phase, today).as_json(),
    }
    taken = Snapshot.objects.create(
        organization=organization, phase=phase, as_of=today, remedy_by=remedy_by, figures=figures, made_by=by
    )
    after = {"phase": phase.name, "as_of": today, "remedy_by": remedy_by}
    record(taken, "take", by=by, permission=progress.VIEW, after=after)
    return taken
