"""群机器人: what an organization is told also goes to its group chat. Written here, delivered by the worker.

A digest a working day (``tell``) and each 催办 (``tell_urged``): once for each robot and key. What is told are counts,
names of obligations and last days; no member, no draft.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from campaigns import robots
from campaigns.deadlines import left
from campaigns.models import Audience, Robot, RobotMessage, Urging
from campaigns.services.telling import one_at_a_time
from common.events import record
from common.templatetags.cn import cn_date
from organizations.access import may
from organizations.models import Organization

logger = structlog.get_logger(__name__)
SET_ROBOT = "campaigns.set_robot"
BATCH = 10  # of a lease: ten that answer slowly are done before it ends
LINES = 20


class RobotRefused(Exception):
    """With a sentence for the person."""


# -- setting ---------------------------------------------------------------------------------------


def _require(by: Any, organization: Organization) -> None:
    if not may(by, SET_ROBOT, organization):
        raise PermissionDenied("群机器人由本组织的书记或领导小组办公室设置。")


@transaction.atomic
def set_robot(organization: Organization, *, address: str, secret: str, by: Any) -> Robot:
    """设置: the organization's one robot, in the place of the one before. It is on from now.

    A secret goes with 钉钉 alone: the form refuses another, and so does the database.

    :raises RobotRefused: no robot of 企业微信 or 钉钉 is there.
    """
    _require(by, organization)
    kind = robots.kind_of(address)
    if kind is None:
        raise RobotRefused("这不是企业微信或钉钉群机器人的地址。请从群设置里完整复制。")
    said = {"kind": kind, "address": address, "secret": secret, "is_on": True, "set_at": timezone.now()}
    Robot.objects.update_or_create(organization=organization, defaults={**said, "set_by": by})
    robot = Robot.objects.get(organization=organization)
    RobotMessage.objects.dead().filter(robot=robot).delete()  # they were for an address that did not work
    record(robot, "set", by=by, permission=SET_ROBOT, after={"kind": kind.label, "host": robot.host})
    return robot


@transaction.atomic
def switch(robot: Robot, *, on: bool, by: Any) -> None:
    """停用: what still waits, or could not be delivered, is not sent later. 启用: from now on, nothing from before."""
    _require(by, robot.organization)
    now = {"is_on": on, "set_at": timezone.now(), "set_by": by}
    if not Robot.objects.filter(pk=robot.pk).exclude(is_on=on).update(**now):
        return
    RobotMessage.objects.unsent().filter(robot=robot).delete()
    if on:
        record(robot, "switch_on", by=by, permission=SET_ROBOT)
    else:
        record(robot, "switch_off", by=by, permission=SET_ROBOT)


@transaction.atomic
def try_out(robot: Robot, *, by: Any) -> bool:
    """试发: False when one was written in this minute already.

    :raises RobotRefused: it is off.
    """
    _require(by, robot.organization)
    if not robot.is_on:
        raise RobotRefused("群机器人已停用，请先启用再试发。")
    name = robots.plain(robot.organization.label)
    lines = [f"**群机器人试发（{name}）**", "收到这条消息，说明提醒和催办可以发到本群。"]
    now = timezone.localtime()
    return bool(_write([(robot, f"test:{now:%Y-%m-%d %H:%M}", "群机器人试发", lines)]))


# -- writing ---------------------------------------------------------------------------------------


Draft = tuple[Robot, str, str, Sequence[str]]  # the key, the title, the lines


def _write(drafts: Sequence[Draft]) -> int:
    """Those that were not there yet, in two queries; two at once write each of them once."""
    keys = {key for _, key, _, _ in drafts}
    there = set(RobotMessage.objects.filter(key__in=keys).values_list("robot", "key"))
    fresh = [
        RobotMessage(robot=robot, key=key, title=title[:100], body=robots.cut(lines))
        for robot, key, title, lines in drafts
        if (robot.pk, key) not in there
    ]
    RobotMessage.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def tell_urged(urgings: Sequence[Urging]) -> None:
    """催办 goes to the group of whoever was urged, too."""
    found = Robot.objects.filter(is_on=True, organization__in=[each.organization_id for each in urgings])
    by_place = {robot.organization_id: robot for robot in found}
    _write([_urged(by_place[u.organization_id], u) for u in urgings if u.organization_id in by_place])


def _urged(robot: Robot, urging: Urging) -> Draft:
    title = f"催办：{robots.plain(urging.obligation.name)}（{robots.plain(urging.organization.label)}）"
    return robot, f"urging:{urging.pk}", title, [f"**{title}**", robots.plain(urging.text), *_link()]


def _link() -> list[str]:
    return [f"[打开工作台]({settings.SITE_URL}/desk/)"] if settings.SITE_URL else []


# Counted, not listed: an office's group hears of a thousand branches in one line.
_TOLD = """
    SELECT r.id, m.audience, b.name, m.due_on, count(DISTINCT m.organization_id)
    FROM campaigns_robot r
    CROSS JOIN LATERAL (
        SELECT greatest(r.set_at, max(x.created_at)) AS told FROM campaigns_robotmessage x
        WHERE x.robot_id = r.id AND x.key LIKE 'reminders:%%'
    ) AS last
    JOIN campaigns_reminder m ON m.told_at > last.told AND m.told_at > %(floor)s
    JOIN organizations_organization o ON o.id = m.organization_id
    JOIN campaigns_obligation b ON b.id = m.obligation_id
    WHERE r.is_on AND r.organization_id = CASE m.audience
        WHEN 'owner' THEN o.id WHEN 'superior' THEN o.parent_id ELSE split_part(o.path, '.', 1)::bigint END
    GROUP BY r.id, m.audience, b.id, b.name, m.due_on
    ORDER BY r.id, m.due_on, b.id, m.audience
"""


def tell(now: dt.datetime) -> int:
    """One digest a day and robot, of what its organization's people were told since the last one.

    Whatever comes after the day's digest is in the next working day's. Returns how many were written.
    """
    if not Robot.objects.filter(is_on=True).exists():
        return 0
    with one_at_a_time():
        with connection.cursor() as cursor:
            cursor.execute(_TOLD, {"floor": now - dt.timedelta(days=31)})
            told = cursor.fetchall()
        found = Robot.objects.select_related("organization").in_bulk({row[0] for row in told})
        day = timezone.localdate(now)
        by_robot = itertools.groupby(told, key=lambda row: row[0])
        return _write([_digest(found[pk], [row[1:] for row in rows], day) for pk, rows in by_robot])


def _digest(robot: Robot, rows: Sequence[Any], day: dt.date) -> Draft:
    title = f"应办事项提醒（{robots.plain(robot.organization.label)}）"
    lines = [_line(row, day) for row in rows[:LINES]]
    if len(rows) > LINES:
        lines.append(f"……共 {len(rows)} 项")
    return robot, f"reminders:{day.isoformat()}", title, [f"**{title}**", *lines, *_link()]


def _line(row: Sequence[Any], day: dt.date) -> str:
    audience, name, due_on, count = row
    what = f"{robots.plain(name)}，{cn_date(due_on)}截止，{left(due_on, day)}"
    return f"- {what}" if audience == Audience.OWNER else f"- 下级未办：{what}，{count} 个党组织"


# -- delivering ------------------------------------------------------------------------------------


def deliver(limit: int = 100) -> int:
    """Send what is due, oldest first; returns how many were taken. Several workers may run it at once.

    Leased, sent, marked, in this order, as mail is (``notifications.services.deliver``).
    """
    sent = 0
    for _ in range(0, limit, BATCH):
        messages = _lease()
        if not messages:
            break
        sent += _send(messages)
    return sent


@transaction.atomic
def _lease() -> list[RobotMessage]:
    keys = list(
        RobotMessage.objects.due()
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", flat=True)[:BATCH]
    )
    RobotMessage.lease(keys)
    return list(RobotMessage.objects.filter(pk__in=keys).select_related("robot").order_by("pk"))


def _send(messages: Sequence[RobotMessage]) -> int:
    """A robot that was too fast, and a server that is not there, are not tried again in this batch."""
    given_up: dict[Any, robots.NotSent] = {}
    return sum([_send_one(message, given_up) for message in messages])


def _send_one(message: RobotMessage, given_up: dict[Any, robots.NotSent]) -> bool:
    robot = message.robot
    try:
        if known := given_up.get(robot.pk) or given_up.get(robot.host):
            raise known
        _post(message)
    except robots.NotSent as error:
        _put_off(message, error, given_up)
        logger.warning("robot_message_not_sent", message_id=message.pk, error=type(error).__name__)
        return False
    message.settle()
    return True


def _put_off(message: RobotMessage, error: robots.NotSent, given_up: dict[Any, robots.NotSent]) -> None:
    if isinstance(error, robots.TooFast):
        given_up[message.robot_id] = error
        message.wait(error)
        return
    if isinstance(error, robots.NobodyThere):
        given_up[message.robot.host] = error
    message.postpone(error)


def _post(message: RobotMessage) -> None:
    """Whatever else goes wrong is told by its kind alone: its words, and its place, may hold the address."""
    try:
        robots.post(message.robot, message.title, message.body)
    except robots.NotSent:
        raise
    except OSError as error:
        raise robots.NobodyThere(f"连接不上对方（{type(error).__name__}）") from None
    except Exception as error:
        raise robots.NotSent(f"没有发出（{type(error).__name__}）") from None


@transaction.atomic
def revive(message: RobotMessage, *, by: Any) -> None:
    """The administrator asks for one more round of a dead letter (死信)."""
    dead = RobotMessage.objects.dead().filter(pk=message.pk)
    if dead.update(is_dead=False, attempts=0, retry_at=timezone.now()):
        record(message, "revive", by=by, reason=message.error)


@transaction.atomic
def dismiss(message: RobotMessage, *, by: Any) -> None:
    """The administrator gives a dead letter up."""
    if RobotMessage.objects.dead().filter(pk=message.pk).update(is_dead=False, sent_at=timezone.now()):
        record(message, "dismiss", by=by, reason=message.error)
