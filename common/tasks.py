"""Tasks of the machinery, and what surrounds every task: its number in the audit and its line in the log."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import Any

import structlog
from celery import Task, shared_task, signals
from django.db import DatabaseError

from common import events, failures
from common.context import Origin, coming_from
from common.models import Heartbeat

logger = structlog.get_logger(__name__)


@shared_task(name="common.relay_events")
def relay_events() -> int:
    return events.relay()


@shared_task(name="common.beat")
def beat() -> None:
    Heartbeat.beat()


@signals.task_prerun.connect
def _begin(task_id: str, task: Task, **kwargs: Any) -> None:
    """As a request has a number, so has a task; it stands in what the task writes."""
    number = task_id.replace("-", "")[:32]
    task.request.surroundings = stack = ExitStack()
    stack.enter_context(coming_from(Origin(number)))
    stack.enter_context(structlog.contextvars.bound_contextvars(request_id=number))
    task.request.began = time.perf_counter()


@signals.task_postrun.connect
def _end(task_id: str, task: Task, state: str | None = None, retval: Any = None, **kwargs: Any) -> None:
    """A task that found nothing to do is no news: there is one every second."""
    ms = round((time.perf_counter() - task.request.began) * 1000, 1)
    level = logging.DEBUG if state == "SUCCESS" and not retval and ms < 1000 else logging.INFO
    with task.request.surroundings:
        logger.log(level, "task", name=task.name, id=task_id, ms=ms, outcome=state)


@signals.task_failure.connect
def _fail(sender: Task, task_id: str, exception: BaseException, **kwargs: Any) -> None:
    """Also called in the parent, of a process that was killed or took too long."""
    logger.error("task_failed", name=sender.name, id=task_id, exc_info=exception)
    try:
        failures.keep(sender.name, task_id, exception)
    except DatabaseError as error:  # perhaps why it failed
        logger.warning("failure_not_kept", name=sender.name, id=task_id, error=type(error).__name__)
