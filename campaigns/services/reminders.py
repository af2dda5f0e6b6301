"""提醒: who is told of what they still owe, once for each rung of the ladder, in one digest a working day.

``generate`` writes rows set by set; ``tell`` hands them to the notices in chunks. Either may be killed anywhere and run
again: a row is unique by (obligation, organization, recipient, occurrence), a digest by (recipient, day).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from campaigns.expectations import expectation, known, owner_posts
from campaigns.models import Assignment, AssignmentState, Audience, Campaign, Obligation, Reminder
from campaigns.services import robots
from common.templatetags.cn import cn_date
from common.workdays import Special, is_workday, special_days
from notifications.services import Message, notify_each
from organizations.access import MATRIX
from organizations.posts import CODENAME, Post, Reach

FROM_HOUR, TO_HOUR = 9, 18  # 上班时间
CHUNK = 1000
OFFICE = (Post.OFFICE, Post.OFFICE_DIRECTOR)

# Of the rungs that have come, an audience's latest alone: after a week of silence one word, not one for each day
# missed. A rung that fell before the thing was asked for is none of theirs.
_GENERATE = """
    INSERT INTO campaigns_reminder (obligation_id, organization_id, recipient_id, audience, occurrence, due_on,
        fell_on, is_urgent, created_at, is_dropped)
    SELECT s.obligation_id, s.organization_id, held.user_id, rung.audience,
        s.due_on || ' T' || CASE WHEN rung.days < 0 THEN '' ELSE '+' END || rung.days, s.due_on, s.due_on + rung.days, rung.is_urgent, %(now)s, false
    FROM campaigns_assignment s
    JOIN organizations_organization o ON o.id = s.organization_id
    CROSS JOIN LATERAL (
        SELECT DISTINCT ON (r.audience) r.audience, r.days, r.is_urgent
        FROM unnest(%(audiences)s::text[], %(days)s::int[], %(urgent)s::bool[]) AS r(audience, days, is_urgent)
        WHERE s.due_on + r.days <= %(today)s AND s.due_on + r.days > s.assigned_on
        ORDER BY r.audience, r.days DESC
    ) AS rung
    JOIN organizations_organizationuserpost held
        ON held.content_object_id = CASE rung.audience
            WHEN 'owner' THEN o.id WHEN 'superior' THEN o.parent_id ELSE %(root)s END
        AND (held.valid_until IS NULL OR held.valid_until >= %(today)s)
    JOIN auth_permission p ON p.id = held.permission_id AND p.codename = ANY(CASE rung.audience
        WHEN 'owner' THEN %(owners)s WHEN 'superior' THEN %(superiors)s ELSE %(office)s END::text[])
    JOIN accounts_user u ON u.id = held.user_id AND u.is_active
    WHERE s.obligation_id = %(obligation)s AND s.state = 'open' AND s.due_on + %(first)s <= %(today)s
    GROUP BY s.obligation_id, s.organization_id, held.user_id, rung.audience, s.due_on, rung.days, rung.is_urgent
    ON CONFLICT (obligation_id, organization_id, recipient_id, occurrence) DO NOTHING
"""


def generate(today: dt.date) -> int:
    """All rungs that have come by ``today`` and were not written yet; returns how many. Safe to repeat."""
    count = 0
    for campaign in Campaign.objects.running_on(today):
        rungs = [rung for rung in campaign.ladder if rung["to"] in Audience.values]
        if not rungs:
            continue
        obligations = Obligation.objects.tracked().filter(
            phase__campaign=campaign, phase__frozen_at=None, expects__in=known()
        )
        count += sum(_generate(each, rungs, campaign.organization.pk, today) for each in obligations)
    return count


def _generate(obligation: Obligation, rungs: Sequence[dict[str, Any]], root: int, today: dt.date) -> int:
    expected = expectation(obligation.expects)
    assert expected is not None  # noqa: S101 -- generate asks for known ones
    params = {
        "obligation": obligation.pk,
        "root": root,
        "today": today,
        "now": timezone.now(),
        "audiences": [rung["to"] for rung in rungs],
        "days": [rung["days"] for rung in rungs],
        "urgent": [bool(rung.get("urgent")) for rung in rungs],
        "first": min(rung["days"] for rung in rungs),
        "owners": _codenames(owner_posts(expected.permission, obligation.posts)),
        "superiors": _codenames(_superiors()),
        "office": _codenames(OFFICE),
    }
    with connection.cursor() as cursor:
        cursor.execute(_GENERATE, params)
        return cursor.rowcount


def _superiors() -> list[str]:
    return [post for post, reach in MATRIX["campaigns.urge"].items() if reach is not Reach.OWN]


def _codenames(posts: Sequence[str]) -> list[str]:
    return [CODENAME.format(post) for post in posts]


# -- telling ---------------------------------------------------------------------------------------


def tell(now: dt.datetime) -> int:
    """Everything that waits, in the working hours of a working day; returns how many reminders were told."""
    local = timezone.localtime(now)
    if not is_workday(local.date(), special := special_days()) or not FROM_HOUR <= local.hour < TO_HOUR:
        return 0
    _drop_what_is_done()
    told = 0
    for recipients in _recipients():
        told += _tell(recipients, local.date(), special)
    robots.tell(now)
    return told


def _drop_what_is_done() -> int:
    """Nobody is reminded of what they have done since, and not of a last day that is no longer the last."""
    still = Assignment.objects.filter(
        obligation=OuterRef("obligation"), organization=OuterRef("organization"), state=AssignmentState.OPEN
    )
    waiting = Reminder.objects.waiting().annotate(still=Subquery(still.values("due_on")[:1]))
    return waiting.filter(still=None).update(is_dropped=True) + waiting.exclude(still=F("due_on")).update(
        is_dropped=True
    )


def _recipients() -> Iterator[list[int]]:
    """Persons with about a thousand reminders together: a person's are never torn apart."""
    counted = Reminder.objects.waiting().order_by("recipient").values_list("recipient")
    batch: list[int] = []
    size = 0
    for recipient, rows in itertools.groupby(counted.iterator(), key=lambda row: row[0]):
        batch.append(recipient)
        size += sum(1 for _ in rows)
        if size >= CHUNK:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@transaction.atomic
def _tell(recipients: list[int], day: dt.date, special: Special) -> int:
    robots.telling_persons()
    rows = list(
        Reminder.objects.waiting()
        .filter(recipient__in=recipients)
        .select_related("obligation__phase", "organization")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("recipient", "due_on", "organization__order_path", "pk")
    )
    told = 0
    for is_urgent in (True, False):
        chosen = [row for row in rows if row.is_urgent is is_urgent]
        told += _send(chosen, day, special, "urgent" if is_urgent else "digest")
    return told


def _send(rows: list[Reminder], day: dt.date, special: Special, kind: str) -> int:
    """Whoever has had today's is told tomorrow: one a day and person."""
    by_person = {pk: list(mine) for pk, mine in itertools.groupby(rows, key=lambda row: row.recipient_id)}
    messages = [_message(pk, mine, day, special, kind) for pk, mine in by_person.items()]
    reached = notify_each(messages, key=f"reminders.{kind}:{day.isoformat()}")
    keys = [row.pk for pk in reached for row in by_person[pk]]
    Reminder.objects.filter(pk__in=keys).update(told_at=timezone.now())
    return len(keys)


LINES = 20  # of a digest; an office with a hundred late below it opens the list


def _message(recipient: int, rows: list[Reminder], day: dt.date, special: Special, kind: str) -> Message:
    lines = [_line(row, day, special) for row in rows[:LINES]]
    if len(rows) > LINES:
        lines.append(f"……共 {len(rows)} 项，其余请在“办理进度”中查看。")
    head = (
        _headline(rows[0], day)
        if len(rows) == 1
        else f"有 {len(rows)} 项应办事项{'已逾期' if kind == 'urgent' else '待办理'}"
    )
    link = _address(rows[0]) if len(rows) == 1 else "/desk/"
    return Message(recipient, head, "\n".join(lines), link)


def _headline(row: Reminder, day: dt.date) -> str:
    return f"{row.obligation.name}：{_left(row.due_on, day)}（{row.organization.label}）"


def _line(row: Reminder, day: dt.date, special: Special) -> str:
    late = "（补发）" if row.fell_on < day and not _quiet_since(row.fell_on, day, special) else ""
    whom = "" if row.audience == Audience.OWNER else "下级未办："
    return (
        f"· {whom}{row.organization.name}：{row.obligation.name}，{cn_date(row.due_on)}截止，"
        f"{_left(row.due_on, day)}{late}　{settings.SITE_URL}{_address(row)}"
    )


def _quiet_since(fell_on: dt.date, day: dt.date, special: Special) -> bool:
    """Was every day from the rung's until this one a holiday? Then it is told in time."""
    days = (fell_on + dt.timedelta(days=n) for n in range((day - fell_on).days))
    return not any(is_workday(each, special) for each in days)


def _left(due_on: dt.date, day: dt.date) -> str:
    left = (due_on - day).days
    if left > 0:
        return f"还有 {left} 天"
    return "今天截止" if left == 0 else f"已逾期 {-left} 天"


def _address(row: Reminder) -> str:
    expected = expectation(row.obligation.expects)
    if row.audience == Audience.OWNER and expected is not None:
        return expected.url(row.organization_id, row.obligation.phase)
    return f"{reverse('campaigns:owing')}?obligation={row.obligation_id}"
