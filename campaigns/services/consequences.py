"""What a change of the rules would change for whom: done for real inside a savepoint, compared, and undone."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from campaigns.models import Campaign, Obligation
from campaigns.services import reminders
from campaigns.services.assignments import refresh
from organizations.models import Organization

AHEAD = 14  # days
NAMES = 5

EFFECTS = {
    "owes": "新增应办",
    "freed": "不再应办",
    "moved": "截止日期变动",
    "overdue": "变为逾期未办",
    "in_time": "不再逾期",
    "late": "已办的变为迟办",
    "exempt": "改为免办",
    "due": "不再免办",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """How many organizations it befalls, below which direct subordinate, and the first of them by name."""

    label: str
    count: int
    branches: list[tuple[str, int]]
    names: list[str]

    @property
    def more(self) -> int:
        return self.count - len(self.names)


@dataclass(frozen=True, slots=True)
class Calls:
    """Reminders: those to persons that would be written at once, and those of organizations in the days ahead."""

    today: int
    ahead: int


@dataclass(frozen=True, slots=True)
class Consequences:
    effects: list[Effect] = field(default_factory=list)
    before: Calls | None = None
    after: Calls | None = None


class _Undo(Exception):
    pass


_SNAPSHOT = """
    CREATE TEMPORARY TABLE campaigns_before ON COMMIT DROP AS
    SELECT obligation_id, organization_id, state, due_on, done_on FROM campaigns_assignment
    WHERE obligation_id = ANY(%s)
"""
_COMPARE = """
    WITH changed AS (
        SELECT organization_id, b.organization_id IS NULL AS is_new, a.organization_id IS NULL AS is_gone,
            b.state AS was, a.state AS state, b.due_on AS was_due_on, a.due_on, b.done_on AS was_done_on, a.done_on
        FROM campaigns_before b
        FULL JOIN (
            SELECT obligation_id, organization_id, state, due_on, done_on FROM campaigns_assignment
            WHERE obligation_id = ANY(%(obligations)s)
        ) AS a USING (obligation_id, organization_id)
        WHERE (b.state, b.due_on, b.done_on) IS DISTINCT FROM (a.state, a.due_on, a.done_on)
    ), told AS (
        SELECT DISTINCT effect, organization_id FROM changed CROSS JOIN LATERAL unnest(ARRAY[
            CASE WHEN is_new THEN 'owes' END,
            CASE WHEN is_gone THEN 'freed' END,
            CASE WHEN was_due_on <> due_on THEN 'moved' END,
            CASE WHEN state = 'open' AND due_on < %(day)s AND (was = 'open' AND was_due_on < %(day)s) IS NOT TRUE
                THEN 'overdue' END,
            CASE WHEN was = 'open' AND was_due_on < %(day)s AND (state = 'open' AND due_on < %(day)s) IS NOT TRUE
                THEN 'in_time' END,
            CASE WHEN state = 'done' AND done_on > due_on AND (was = 'done' AND was_done_on > was_due_on) IS NOT TRUE
                THEN 'late' END,
            CASE WHEN state = 'exempt' AND was <> 'exempt' THEN 'exempt' END,
            CASE WHEN was = 'exempt' AND state <> 'exempt' THEN 'due' END
        ]) AS effect WHERE effect IS NOT NULL
    )
    SELECT effect, split_part(o.path, '.', %(depth)s), count(*),
        (array_agg(o.name ORDER BY o.order_path))[1:%(names)s], min(o.order_path)
    FROM told JOIN organizations_organization o ON o.id = told.organization_id
    GROUP BY 1, 2 ORDER BY 1, 5
"""
_AHEAD = """
    SELECT count(*) FROM campaigns_assignment s JOIN campaigns_obligation b ON b.id = s.obligation_id
    JOIN campaigns_phase p ON p.id = b.phase_id
    CROSS JOIN unnest(%(days)s::int[]) AS rung(days)
    WHERE p.campaign_id = %(campaign)s AND p.frozen_at IS NULL AND s.state = 'open'
      AND s.due_on + rung.days > %(today)s AND s.due_on + rung.days <= %(until)s
      AND s.due_on + rung.days > s.assigned_on
"""


def consequences(
    campaign: Campaign | None,
    place: Organization | None,
    touched: Collection[int],
    act: Callable[[], Collection[int]],
    *,
    day: dt.date,
    with_reminders: bool,
) -> Consequences:
    """What ``act`` would do, told by direct subordinate of ``place`` or of the root; nothing of it stays.

    ``touched``: obligations whose rows may change; ``act`` returns those it touched, new ones among them. They are
    counted before it too, so that what only waits for the nightly count is not laid at its door. Errors of ``act``
    pass through.
    """
    found = Consequences()
    with contextlib.suppress(_Undo), transaction.atomic():
        for rule in Obligation.objects.filter(pk__in=list(touched)).select_related("phase"):
            refresh(rule)
        before = _calls(campaign, day) if campaign and with_reminders else None
        _run(_SNAPSHOT, [list(touched)])
        after_ids = act()
        effects = _effects(place or Organization.objects.get(parent=None), {*touched, *after_ids}, day)
        found = Consequences(effects, before, _calls(campaign, day) if campaign and with_reminders else None)
        raise _Undo
    return found


def _run(sql: str, params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def _effects(place: Organization, obligations: Collection[int], day: dt.date) -> list[Effect]:
    rows = _run(
        _COMPARE, {"obligations": list(obligations), "day": day, "depth": place.depth + 1, "names": NAMES}
    )
    below = {int(branch) for _, branch, *_ in rows if branch}
    named = {each.pk: each.label for each in Organization.objects.filter(pk__in=below)}
    found = []
    for effect, label in EFFECTS.items():
        mine = [row for row in rows if row[0] == effect]
        if mine:
            branches = [
                (named[int(branch)] if branch else f"{place.label}（本级）", n) for _, branch, n, *_ in mine
            ]
            names = [name for row in mine for name in row[3]][:NAMES]
            found.append(Effect(label, sum(n for _, n in branches), branches, names))
    return found


def _calls(campaign: Campaign, day: dt.date) -> Calls:
    """Counted by making them, then undone."""
    current = Campaign.objects.get(pk=campaign.pk)
    today = 0
    with contextlib.suppress(_Undo), transaction.atomic():
        today = reminders.generate_of(current, day)
        raise _Undo
    ahead = _run(
        _AHEAD,
        {
            "campaign": campaign.pk,
            "today": day,
            "until": day + dt.timedelta(days=AHEAD),
            "days": [rung["days"] for rung in current.ladder],
        },
    )
    return Calls(today, int(ahead[0][0]))
