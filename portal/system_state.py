"""What the system page shows: is everything that should follow from the work also following?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from campaigns.models import AssignmentCheck, Campaign, Reminder, RobotMessage
from campaigns.services import robots
from common import events, failures
from common.models import Delivery, FailedTask, Heartbeat
from common.paging import capped_counts
from common.sentences import label_of
from notifications import services as notices
from notifications.models import Mail
from portal import queue_state

SILENT_AFTER = dt.timedelta(minutes=5)  # reliability.md R2
SHOWN = 50  # dead letters of each kind


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter (死信) without a word of what it is about."""

    sort: str  # "event", "mail" or "robot"
    pk: int
    what: str
    code: str  # of an event, as the log has it
    attempts: int
    error: str
    since: dt.datetime


@dataclass(frozen=True, slots=True)
class SystemState:
    beaten_at: dt.datetime | None
    waiting: dict[str, int]
    oldest_at: dt.datetime | None
    letters: list[Letter]
    failed: list[tuple[str, FailedTask]]  # what the task does, in words
    queued: int | None  # None: the broker does not answer
    forced: Delivery | None  # the latest 立即运行提醒
    check: AssignmentCheck | None = None  # the last of every night's

    @property
    def is_silent(self) -> bool:
        return _is_silent(self.beaten_at)

    @property
    def queue_name(self) -> str:
        return "Redis" if queue_state.is_redis() else "本机文件夹"

    @property
    def jobs(self) -> list[queue_state.Job]:
        return queue_state.jobs()

    @property
    def is_late(self) -> bool:
        return self.oldest_at is not None and timezone.now() - self.oldest_at > SILENT_AFTER


# How each sort of letter is found and treated.
SORTS: dict[str, tuple[Any, Any]] = {
    "event": (Delivery, events),
    "mail": (Mail, notices),
    "robot": (RobotMessage, robots),
    "task": (FailedTask, failures),  # dismissed alone: beat calls it again anyway
}


def now() -> SystemState:
    heartbeat = Heartbeat.last()
    oldest = Delivery.objects.pending().order_by("event__created_at").select_related("event").first()
    return SystemState(
        beaten_at=heartbeat.beaten_at if heartbeat else None,
        waiting=capped_counts(
            {
                "events": Delivery.objects.pending(),
                "mails": Mail.objects.pending(),
                "messages": RobotMessage.objects.pending(),
                "reminders": Reminder.objects.waiting(),
            }
        ),
        oldest_at=oldest.event.created_at if oldest else None,
        letters=[*_dead_events(), *_dead_mails(), *_dead_messages()],
        failed=[(queue_state.name_of(task.name), task) for task in FailedTask.objects.dead()[:SHOWN]],
        queued=queue_state.length(),
        forced=_forced(),
        check=AssignmentCheck.objects.order_by("-pk").first(),
    )


def is_silent() -> bool:
    heartbeat = Heartbeat.last()
    return _is_silent(heartbeat.beaten_at if heartbeat else None)


def _is_silent(beaten_at: dt.datetime | None) -> bool:
    return beaten_at is None or timezone.now() - beaten_at > SILENT_AFTER


def _forced() -> Delivery | None:
    """Looked for among what was done with campaigns, which is little and indexed; kinds are not."""
    asked = Delivery.objects.filter(
        event__subject_label=Campaign._meta.label_lower, event__kind="campaign.remind_now"
    )
    return asked.select_related("event__actor").order_by("-pk").first()


def has_verb(sort: str, verb: str) -> bool:
    return sort in SORTS and hasattr(SORTS[sort][1], verb)


def dead_letter(sort: str, pk: int) -> Any | None:
    return SORTS[sort][0].objects.dead().filter(pk=pk).first()


def _dead_events() -> list[Letter]:
    dead = Delivery.objects.dead().select_related("event")[:SHOWN]
    return [
        Letter(
            "event",
            d.pk,
            f"{label_of(d.event.kind)}（事件 {d.pk}）",
            f"{d.event.kind} #{d.event.subject_id}",
            d.attempts,
            _kind(d.error),
            d.event.created_at,
        )
        for d in dead
    ]


def _dead_mails() -> list[Letter]:
    dead = Mail.objects.dead().select_related("notice")[:SHOWN]
    return [
        Letter("mail", m.pk, f"邮件 #{m.pk}", "", m.attempts, _kind(m.error), m.notice.created_at)
        for m in dead
    ]


def _dead_messages() -> list[Letter]:
    return [
        Letter("robot", m.pk, f"群消息 #{m.pk}", "", m.attempts, _kind(m.error), m.created_at)
        for m in RobotMessage.objects.dead()[:SHOWN]
    ]


def _kind(error: str) -> str:
    """What went wrong, not with what: the rest of the sentence may quote somebody's text. The log has it."""
    return error.partition(":")[0]
