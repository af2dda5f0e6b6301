"""消息队列: does the broker answer, and how much waits in it? The one place of a page that asks the broker."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from celery import current_app
from celery.schedules import crontab
from django.core.cache import cache
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import ChannelError

PATIENCE = 1  # second; a frozen Redis must not hang the page (reliability.md, finding 8)
KEPT = 5  # seconds; anybody may ask ``readyz``

# What the worker is called to do, as the administrator reads it.
NAMES = {
    "common.relay_events": "投递事件",
    "common.beat": "心跳",
    "notifications.deliver": "发送邮件",
    "campaigns.remind": "生成和发出提醒",
    "campaigns.check": "核对办理情况",
    "campaigns.fold_tallies": "汇总办理情况",
    "campaigns.deliver_robots": "发送群消息",
    "organizations.run_imports": "导入名册",
    "organizations.sweep_imports": "清理导入文件",
    "organizations.apply_appointments": "任职到期生效",
    "pledges.check_new_items": "比对新事项",
    "pledges.compare_items": "比对全部事项",
    "pledges.tend_opinions": "整理群众意见",
    "accounts.tidy": "清理登录记录",
}


def name_of(task: str) -> str:
    """The task itself when nobody named it."""
    return NAMES.get(task, task)


def length() -> int | None:
    """How many messages wait for a worker; None: the broker does not answer."""
    conf = current_app.conf
    short = {
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "interval_start": 0,
        "max_retries": 0,
    }
    options = dict(conf.broker_transport_options) | short
    try:
        with Connection(conf.broker_url, transport_options=options) as broker:
            queue = conf.task_default_queue
            return int(broker.default_channel.queue_declare(queue, passive=True).message_count)
    except ChannelError:  # a queue in Redis is there only while something is in it
        return 0
    except Exception:  # each transport has its own errors, and all of them say the same here
        return None


def is_up() -> bool:
    """The same for a machine that asks often."""
    known = cache.get("queue-is-up")
    if known is None:
        known = length() is not None
        cache.set("queue-is-up", known, KEPT)
    return bool(known)


def is_redis() -> bool:
    return str(current_app.conf.broker_url).startswith("redis")


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the beat table."""

    task: str
    name: str
    every: dt.timedelta | None  # None: at fixed hours
    next_at: dt.datetime
    is_soon: bool  # what runs all day by the second: only beat knows which

    @property
    def every_words(self) -> str:
        if self.every is None:
            return "按时刻"
        seconds = int(self.every.total_seconds())
        return f"每 {seconds // 60} 分钟" if seconds % 60 == 0 else f"每 {seconds} 秒"


def jobs() -> list[Job]:
    """What beat calls, the next first; what runs every few seconds is due at once."""
    now = timezone.now()
    found = [_job(entry, now) for entry in current_app.conf.beat_schedule.values()]
    return sorted(found, key=lambda job: (job.next_at, job.name))


def _job(entry: dict[str, object], now: dt.datetime) -> Job:
    task, schedule = str(entry["task"]), entry["schedule"]
    name = name_of(task)
    if isinstance(schedule, int | float):
        every = dt.timedelta(seconds=schedule)
        return Job(task, name, every, now + every, is_soon=every <= dt.timedelta(hours=1))
    assert isinstance(schedule, crontab)  # noqa: S101 -- for mypy
    next_at = now + schedule.remaining_estimate(now) + dt.timedelta(seconds=1)
    all_day = dt.timedelta(hours=1) / len(schedule.minute) if len(schedule.hour) == 24 else None
    return Job(task, name, all_day, next_at.replace(second=0, microsecond=0), is_soon=False)
