"""bench reminders: rows written set by set, notices handed over in chunks, and what a task for each person would cost.

``ratio_to_insert``: against one bare INSERT … SELECT … ON CONFLICT DO NOTHING of as many rows into a like table.
``ratio_to_chunks``: against as many persons told in chunks. Both in the same process, on the same data. With
redis-server on this machine tasks go through it, otherwise through a folder; the sender alone is measured, not a worker.
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from celery import Celery
from django.core.management.base import CommandParser
from django.db import connection
from django.utils import timezone

from campaigns.models import Assignment, Obligation, Phase, Reminder
from campaigns.queries import current_phase, progress
from campaigns.services import assignments, reminders
from chuangxian.bench import own_database
from chuangxian.bench.lists import Row, sample
from chuangxian.demo import scale as scales
from notifications.models import Notice

NAME, HELP = (
    "reminders",
    "60,000 reminders: written set by set, told in chunks, against a task for each person",
)
AS_MANY = 60_000
MAX_RATIO = 5
SENT = 5_000  # tasks for a person each that are really sent; the rest in proportion

_BARE = """
    CREATE TEMPORARY TABLE bare_reminder (LIKE campaigns_reminder INCLUDING ALL) ON COMMIT DROP;
    INSERT INTO bare_reminder SELECT * FROM campaigns_reminder ON CONFLICT DO NOTHING;
"""


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--scale", nargs="+", choices=scales.LEVELS, default=["s"], help="one or several")


def run(options: dict[str, Any]) -> Iterator[Row]:
    logging.disable(logging.INFO)
    for scale in options["scale"]:
        with own_database():
            scales.build(scale, say=lambda text: None)
            phase = current_phase(timezone.localdate())
            assert phase is not None  # noqa: S101 -- for mypy
            yield from _scale(scale, phase)


def _scale(scale: str, phase: Phase) -> Iterator[Row]:
    day = _owed_by(phase)
    row = partial(_row, scale)
    rows = list(written(row, day))
    yield from rows
    count, ratio = rows[0]["rows"], rows[0]["ratio_to_insert"]
    noon = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    told = row("told in chunks of 1,000", partial(reminders.tell, noon, is_forced=True))
    people = Notice.objects.filter(key__startswith="reminders").count()
    each = told["ms"] / people
    yield told | {"rows": count, "people": people, "each_ms": round(each, 3), "ratio_to_chunks": 1}
    yield row("told again, nothing new", partial(reminders.tell, noon, is_forced=True))
    yield from _sent_one_by_one(scale, people, told["ms"])
    verdict = "pass" if ratio <= MAX_RATIO else "miss"
    yield {"name": f"goal: written within {MAX_RATIO} times a bare insert", "scale": scale, "measured": ratio,
           "verdict": verdict}  # fmt: skip


def written(row: Callable[[str, Callable[[], Any]], Row], day: dt.date) -> Iterator[Row]:
    """Reminders that fall due on ``day`` beside as many rows put in without a thought; ``row`` takes the time."""
    found = row("reminders written", partial(reminders.generate, day))
    count = Reminder.objects.count()
    bare = row("bare INSERT … SELECT … ON CONFLICT of as many", _bare)
    yield found | {"rows": count, "ratio_to_insert": round(found["ms"] / bare["ms"], 2)}
    yield bare | {"rows": count, "ratio_to_insert": 1}
    yield row("written again, nothing new", partial(reminders.generate, day)) | {"rows": count}


def _owed_by(phase: Phase) -> dt.date:
    """A day on which about 60,000 reminders fall due at once, or as many as the scale has."""
    Obligation.objects.update(made_on=phase.starts_on)
    assignments.refresh_phase(phase)
    Assignment.objects.exclude(obligation__phase=phase).delete()
    surplus = Assignment.objects.open().order_by("pk").values("pk")[AS_MANY:]
    Assignment.objects.filter(pk__in=surplus).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE campaigns_assignment")
    return max(each.due_on for each in progress.tracked(phase)) + dt.timedelta(
        days=1
    )  # the owners' rung alone


def _row(scale: str, name: str, work: Any) -> Row:
    ms, sql_ms, queries = sample(work)
    return {"name": name, "scale": scale, "ms": round(ms, 1), "sql_ms": round(sql_ms, 1), "queries": queries}


def _bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_BARE)


def _sent_one_by_one(scale: str, people: int, chunks_ms: float) -> Iterator[Row]:
    """What is not done: a message for each person, only put into the queue."""
    sent = min(SENT, people)
    with _broker() as (kind, app):
        began = time.perf_counter()
        for pk in range(sent):
            app.send_task("bench.tell", args=[pk])
        ms = (time.perf_counter() - began) * 1000 * people / sent
    yield {"name": f"a task for each person, sent through {kind}, {sent} taken", "scale": scale, "ms": round(ms, 1),
           "queries": 0, "people": people, "ratio_to_chunks": round(ms / chunks_ms, 2)}  # fmt: skip


@contextmanager
def _broker() -> Iterator[tuple[str, Celery]]:
    program = shutil.which("redis-server")
    with tempfile.TemporaryDirectory() as folder:
        if program is None:
            options = {f"data_folder_{way}": folder for way in ("in", "out")} | {"control_folder": folder}
            app = Celery("bench", broker="filesystem://", set_as_current=False)
            app.conf.broker_transport_options = options
            yield "a folder", app
            return
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            _until_it_answers(port)
            yield "Redis", Celery("bench", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
        finally:
            server.kill()
            server.wait()


def _until_it_answers(port: int) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
