"""The figures of a 通报: what was asked for so far, and how each direct subordinate stands with it (domain.md 6)."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from campaigns.models import Obligation, Phase
from campaigns.queries import progress
from campaigns.queries.progress import Count
from organizations.access import path_end
from organizations.models import Organization

NAMED = 12  # so many addressees are named one by one; more are addressed together

_LATEST = """
    SELECT split_part(o.path, '.', %(depth)s) AS branch, max(COALESCE(s.done_on, %(day)s) - s.due_on)
    FROM campaigns_assignment s JOIN organizations_organization o ON o.id = s.organization_id
    WHERE s.obligation_id = ANY(%(obligations)s) AND o.path >= %(low)s AND o.path < %(high)s
        AND s.state <> 'exempt' AND COALESCE(s.done_on, %(day)s) > s.due_on
    GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """One line: an obligation over all, or a subordinate over all obligations (counted in 项次)."""

    name: str
    due: int  # 应报, without the exempt
    done: int  # 已报
    on_time: int  # 按时
    overdue: int  # 逾期未报
    returned: int  # 退回待修改, in 份: one 项次 of members' pledges can have several
    exempt: int = 0
    extended: int = 0
    days_late: int = 0  # 逾期天数: of the latest of them, done or not
    due_on: str = ""  # of an obligation, ISO

    @property
    def problems(self) -> str:
        """问题: in numbers, nothing more is known here."""
        overdue = f"逾期未报{self.overdue}项次" if self.overdue else ""
        returned = f"退回待修改{self.returned}份" if self.returned else ""
        return "，".join(filter(None, [overdue, returned]))


@dataclass(frozen=True, slots=True)
class Circular:
    organization: str
    campaign: str
    phase: str
    as_of: dt.date
    addressees: list[str]
    obligations: list[Standing]
    lines: list[Standing]
    total: Standing

    def as_json(self) -> dict[str, Any]:
        stored = asdict(self)
        del stored["as_of"]
        return stored

    @classmethod
    def of_json(cls, stored: dict[str, Any], as_of: dt.date) -> Circular:
        told = {name: [Standing(**each) for each in stored[name]] for name in ("obligations", "lines")}
        return cls(**stored | told | {"as_of": as_of, "total": Standing(**stored["total"])})


def circular(place: Organization, phase: Phase, day: dt.date) -> Circular:
    """As of ``day``: what has opened by then. Five queries, whatever hangs below. ``phase`` with its campaign."""
    obligations = [each for each in progress.tracked(phase) if each.opens_on <= day]
    lines = progress.level(place, obligations, day)
    late = _days_late(place, obligations, day)
    whole = progress.total(lines)
    told = [_standing(each.name, whole.of(each), due_on=each.due_on.isoformat()) for each in obligations]
    below = Organization.objects.living().filter(parent=place).in_protocol_order()
    names = [each.label for each in below.only("name", "short_name")]
    return Circular(
        place.name,
        phase.campaign.name,
        phase.name,
        day,
        names if len(names) <= NAMED else ["各直属党组织"],
        told,
        [
            _standing(each.name, _summed(each), late.get(each.organization_id or place.pk, 0))
            for each in lines
        ],
        _standing("合计", _summed(whole), max(late.values(), default=0)),
    )


def _summed(line: progress.Line) -> Count:
    return sum(line.counts.values(), Count())


def _standing(name: str, count: Count, days_late: int = 0, due_on: str = "") -> Standing:
    return Standing(
        name,
        count.due,
        count.done,
        count.on_time,
        count.overdue,
        count.returned,
        count.exempt,
        count.extended,
        days_late,
        due_on,
    )


def _days_late(place: Organization, obligations: list[Obligation], day: dt.date) -> dict[int, int]:
    params: dict[str, Any] = {
        "depth": place.depth + 1,
        "day": day,
        "obligations": [each.pk for each in obligations],
        "low": place.path,
        "high": path_end(place.path),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, params)
        return {int(branch or place.pk): days for branch, days in cursor.fetchall()}
