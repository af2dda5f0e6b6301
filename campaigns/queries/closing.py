"""The check-list before a phase is closed (时段归档), and the sums that its archive tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from campaigns import closing
from campaigns.closing import Finding
from campaigns.models import Obligation, Phase
from campaigns.queries import progress
from common.templatetags.cn import cn_date
from organizations.models import Organization


def check_list(phase: Phase, day: dt.date) -> list[Finding]:
    """What is still missing: first what the campaign counts itself, then what each app found."""
    return [*_time_left(phase, day), *_open_assignments(phase), *closing.findings(phase)]


def missing(found: Sequence[Finding]) -> list[Finding]:
    return [each for each in found if each.count]


def _time_left(phase: Phase, day: dt.date) -> list[Finding]:
    if phase.ends_on is None or phase.ends_on <= day:
        return []
    left = (phase.ends_on - day).days
    return [Finding("时段还没有结束", left, "天", f"{cn_date(phase.ends_on)}结束；归档后不再办理")]


def _open_assignments(phase: Phase) -> list[Finding]:
    tracked = {each.pk for each in progress.tracked(phase)}
    rows = Obligation.objects.filter(pk__in=tracked).annotate(
        open=Count("assignments", filter=Q(assignments__state="open"))
    )
    address = reverse("campaigns:owing")
    return [
        Finding(
            f"{each.name}未办",
            each.open,
            "个党组织",
            f"{cn_date(each.due_on)}截止；按未办归档",
            f"{address}?obligation={each.pk}",
        )
        for each in rows
    ]


def totals(phase: Phase, day: dt.date) -> list[tuple[Obligation, progress.Count]]:
    """Each obligation of the phase with the sums of the whole tree."""
    obligations = progress.tracked(phase)
    root = Organization.objects.get(parent=None)
    line = progress.total(progress.level(root, obligations, day))
    return [(each, line.of(each)) for each in obligations]


def reads_everything(user: Any) -> bool:
    """Does somebody read the progress of the whole tree, so that the whole archive may be handed to them?"""
    return progress.reads_below(user, Organization.objects.get(parent=None))
