"""The real worker with a clock that can be set: ``celery -A tests.integration.proof worker|beat``.

``PROOF_CLOCK`` names a file with the moment that ``timezone.now()`` gives in these processes; ``PROOF_PAUSE`` is slept
before every statement, so that a kill lands between any two of them. Tasks, services and settings are the portal's own.
"""

import datetime as dt
import os
import time
from pathlib import Path

import celery.signals
import django
from django.conf import settings
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.utils import timezone

django.setup()

from campaigns.services import reminders  # noqa: E402
from chuangxian.celery import app  # noqa: E402

CLOCK = Path(os.environ["PROOF_CLOCK"])
PAUSE = float(os.environ.get("PROOF_PAUSE", "0"))
reminders.CHUNK = 5  # many small transactions, so that a kill finds some of them done
timezone.now = lambda: dt.datetime.fromisoformat(CLOCK.read_text())
app.conf.beat_schedule = {
    "remind": {"task": "campaigns.remind", "schedule": 0.3, "options": {"expires": 600}},
    "deliver": {"task": "notifications.deliver", "schedule": 0.5, "options": {"expires": 30}},
}
app.conf.worker_proc_alive_timeout = 20
app.conf.beat_max_loop_interval = 0.3
if settings.REDIS_URL:
    # The portal's own are 600 s and 5 s: what a killed worker held comes back while a test can wait for it.
    app.conf.broker_transport_options |= {"visibility_timeout": 2, "unacked_restore_interval": 0.5}


@receiver(connection_created, weak=False)
def slow_down(connection, **kwargs):
    def pause(execute, sql, params, many, context):
        time.sleep(PAUSE)
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(pause)


@celery.signals.task_postrun.connect(weak=False)
def count(task, state, **kwargs):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO proof_run VALUES (%s, %s)", [task.name, state])
