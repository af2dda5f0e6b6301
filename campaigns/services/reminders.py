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
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Count, F, Max, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from campaigns.deadlines import left
from campaigns.expectations import expectation, known, owner_posts
from campaigns.models import Audience, Campaign, Obligation, Reminder
from campaigns.services import robots
from campaigns.services.assignments import Part, parts
from campaigns.services.telling import one_at_a_time
from common.events import record
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
    WHERE s.obligation_id = %(obligation)s AND s.state = 'open' AND s.due_on + %(first)s <= %(today)s {place}
    GROUP BY s.obligation_id, s.organization_id, held.user_id, rung.audience, s.due_on, rung.days, rung.is_urgent
    ON CONFLICT (obligation_id, organization_id, recipient_id, occurrence) DO NOTHING
"""


def generate(today: dt.date) -> int:
    """All rungs that have come by ``today`` and were not written yet; returns how many. Safe to repeat."""
    return sum(generate_of(campaign, today) for campaign in Campaign.objects.running_on(today))


def generate_of(campaign: Campaign, today: dt.date) -> int:
    """Those of one campaign."""
    with one_at_a_time():
        return _generate_all(campaign, today)


def _generate_all(campaign: Campaign, today: dt.date) -> int:
    rungs = [rung for rung in campaign.ladder if rung["to"] in Audience.values]
    if not rungs:
        return 0
    obligations = Obligation.objects.tracked().filter(
        phase__campaign=campaign, phase__frozen_at=None, expects__in=known()
    )
    common = {
        "root": campaign.organization.pk,
        "today": today,
        "now": timezone.now(),
        "audiences": [rung["to"] for rung in rungs],
        "days": [rung["days"] for rung in rungs],
        "urgent": [bool(rung.get("urgent")) for rung in rungs],
        "first": min(rung["days"] for rung in rungs),
        "superiors": _codenames(_superiors()),
        "office": _codenames(OFFICE),
    }
    return sum(_generate(each, part, common) for each in obligations for part in parts(each))


def _generate(obligation: Obligation, part: Part, common: dict[str, Any]) -> int:
    expected = expectation(obligation.expects)
    assert expected is not None  # noqa: S101 -- generate asks for known ones
    owners = _codenames(owner_posts(expected, part.rule.posts))
    with connection.cursor() as cursor:
        cursor.execute(
            _GENERATE.format(place=part.where("o")),
            common | part.params | {"obligation": obligation.pk, "owners": owners},
        )
        return cursor.rowcount


def _superiors() -> list[str]:
    return [post for post, reach in MATRIX["campaigns.urge"].items() if reach is not Reach.OWN]


def _codenames(posts: Sequence[str]) -> list[str]:
    return [CODENAME.format(post) for post in posts]


@transaction.atomic
def ask_now(*, by: Any) -> bool:
    """立即运行: the administrator asks, the worker does it when the event reaches it. False: no campaign is running."""
    if not by.is_staff:
        raise PermissionDenied("只有系统管理员可以立即运行提醒。")
    campaign = Campaign.objects.running_on(timezone.localdate()).first()
    if campaign is not None:
        record(campaign, "remind_now", by=by)
    return campaign is not None


def run_now() -> tuple[int, int]:
    """All that is due, whatever the hour; returns (written, told). A repeat on the same day tells nobody twice."""
    return generate(timezone.localdate()), tell(timezone.now(), is_forced=True)


# -- telling ---------------------------------------------------------------------------------------

LINES = 20  # of a digest; an office with a hundred late below it opens the list

# What nobody was told of waits as long as the campaign runs, the thing is owed with that last day and no later rung has
# come; whoever is sent back to it, or loses an extension again, is told after all.
_SETTLE = """
    UPDATE campaigns_reminder r SET is_dropped = NOT r.is_dropped
    WHERE r.told_at IS NULL AND r.is_dropped = (
        EXISTS (
            SELECT FROM campaigns_assignment s
            JOIN campaigns_obligation b ON b.id = s.obligation_id
            JOIN campaigns_phase p ON p.id = b.phase_id AND p.frozen_at IS NULL
            JOIN campaigns_campaign c ON c.id = p.campaign_id AND (c.closed_on IS NULL OR c.closed_on >= %(today)s)
            WHERE s.organization_id = r.organization_id AND s.obligation_id = r.obligation_id
                AND s.state = 'open' AND s.due_on = r.due_on
        ) AND NOT EXISTS (
            SELECT FROM campaigns_reminder later
            WHERE later.obligation_id = r.obligation_id AND later.organization_id = r.organization_id
                AND later.recipient_id = r.recipient_id AND later.audience = r.audience
                AND later.due_on = r.due_on AND later.fell_on > r.fell_on
        )
    )
"""


def tell(now: dt.datetime, *, is_forced: bool = False) -> int:
    """Everything that waits, in the working hours of a working day; returns how many reminders were told.

    ``is_forced`` minds neither hour nor holiday, and no less that a person gets one digest a day.
    """
    local = timezone.localtime(now)
    special = special_days()
    if not is_forced and not (FROM_HOUR <= local.hour < TO_HOUR and is_workday(local.date(), special)):
        return 0
    _settle(local.date())
    told = sum(_tell(recipients, local.date(), special) for recipients in _recipients())
    robots.tell(now)
    return told


def _settle(today: dt.date) -> None:
    with one_at_a_time(), connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"today": today})


def _recipients() -> Iterator[list[int]]:
    """Persons with about a thousand reminders together: a person's are never torn apart."""
    counted = Reminder.objects.waiting().values_list("recipient").annotate(rows=Count("pk"))
    batch: list[int] = []
    size = 0
    for recipient, rows in list(counted.order_by("recipient")):
        batch.append(recipient)
        size += rows
        if size >= CHUNK:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _tell(recipients: list[int], day: dt.date, special: Special) -> int:
    """Notices and the mark that they are told, in one transaction: both or neither, wherever it is cut off."""
    with one_at_a_time():
        rows = _first_lines(recipients)
        told = 0
        for is_urgent in (True, False):
            chosen = [row for row in rows if row.is_urgent is is_urgent]
            told += _send(chosen, day, special, "urgent" if is_urgent else "digest")
        return told


def _first_lines(recipients: list[int]) -> list[Any]:
    """Of each person's what a digest shows, and how many there are: the top office may have a whole city's."""
    mine = [F("recipient"), F("is_urgent")]
    order = ["due_on", "organization__order_path", "pk"]
    return list(
        Reminder.objects.waiting()
        .filter(recipient__in=recipients)
        .annotate(
            place=Window(RowNumber(), partition_by=mine, order_by=order),
            total=Window(Count("pk"), partition_by=mine),
            last_due_on=Window(Max("due_on"), partition_by=mine),
        )
        .filter(place__lte=LINES)
        .select_related("obligation__phase", "organization")
        .order_by("recipient", "place")
    )


def _send(rows: list[Any], day: dt.date, special: Special, kind: str) -> int:
    """Whoever has had today's is told tomorrow: one a day and person."""
    by_person = {pk: list(mine) for pk, mine in itertools.groupby(rows, key=lambda row: row.recipient_id)}
    messages = [_message(pk, mine, day, special, kind) for pk, mine in by_person.items()]
    reached = notify_each(messages, key=f"reminders.{kind}:{day.isoformat()}")
    told = Reminder.objects.waiting().filter(recipient__in=reached, is_urgent=kind == "urgent")
    return told.update(told_at=timezone.now())


def _message(recipient: int, rows: list[Any], day: dt.date, special: Special, kind: str) -> Message:
    lines = [_line(row, day, special) for row in rows]
    total = rows[0].total
    if total > len(rows):
        lines.append(f"……共 {total} 项，其余请在“办理进度”中查看。")
    head = (
        _headline(rows[0], day)
        if total == 1
        else f"有 {total} 项应办事项{'已逾期' if rows[0].last_due_on < day else '待办理'}"
    )
    link = _address(rows[0]) if total == 1 else "/desk/"
    return Message(recipient, head, "\n".join(lines), link)


def _headline(row: Reminder, day: dt.date) -> str:
    return f"{row.obligation.name}：{left(row.due_on, day)}（{row.organization.label}）"


def _line(row: Reminder, day: dt.date, special: Special) -> str:
    late = "（补发）" if row.fell_on < day and not _quiet_since(row.fell_on, day, special) else ""
    whom = "" if row.audience == Audience.OWNER else "下级未办："
    return (
        f"· {whom}{row.organization.name}：{row.obligation.name}，{cn_date(row.due_on)}截止，"
        f"{left(row.due_on, day)}{late}　{settings.SITE_URL}{_address(row)}"
    )


def _quiet_since(fell_on: dt.date, day: dt.date, special: Special) -> bool:
    """Was every day from the rung's until this one a holiday? Then it is told in time."""
    days = (fell_on + dt.timedelta(days=n) for n in range((day - fell_on).days))
    return not any(is_workday(each, special) for each in days)


def _address(row: Reminder) -> str:
    expected = expectation(row.obligation.expects)
    if row.audience == Audience.OWNER and expected is not None:
        return expected.url(row.organization_id, row.obligation.phase)
    return f"{reverse('campaigns:owing')}?obligation={row.obligation_id}"
