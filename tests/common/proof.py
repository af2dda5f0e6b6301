"""A receiver whose every effect can be counted, run in processes of their own (test_relay_processes).

``python -m tests.common.proof`` starts processes that relay until nothing is due. ``celery -A tests.common.proof`` is a worker
with the receiver, on a file-system broker in PROOF_QUEUE.
"""

import os
import sys
import time

import django

TABLES = """
CREATE TABLE proof_effect (event_id bigint, process int);
CREATE TABLE proof_count (total int);
INSERT INTO proof_count VALUES (0);
"""
DROP = "DROP TABLE IF EXISTS proof_effect, proof_count"
KIND = "user.prove"
PAUSE = float(os.environ.get("PROOF_PAUSE", "0.002"))


def effect(event):
    """Two effects that a second delivery would double: a row without any unique key, and a counter."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO proof_effect VALUES (%s, %s)", [event.pk, os.getpid()])
        time.sleep(PAUSE)
        cursor.execute("UPDATE proof_count SET total = total + 1")


def subscribe():
    from common import events

    events.subscribe(KIND)(effect)


def relay_until_nothing_is_due():
    from common import events

    while events.relay(limit=20):
        pass


def fork(number):
    """Processes that relay, all from this moment on; one start of Django serves them all."""
    children = []
    for _ in range(number):
        child = os.fork()
        if child == 0:
            relay_until_nothing_is_due()
            os._exit(0)
        children.append(child)
    return children


def serve():
    """Each line of input is a number of processes to start, or nothing: wait for them to end."""
    for line in sys.stdin:
        if line.strip():
            children = fork(int(line))
            answer = children
        else:
            answer = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(" ".join(map(str, answer)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    django.setup()
    subscribe()
    serve()
elif "PROOF_QUEUE" in os.environ:
    from chuangxian.celery import app

    queue = os.environ["PROOF_QUEUE"]
    app.conf.update(
        broker_url="filesystem://",
        broker_transport_options={
            "data_folder_in": queue,
            "data_folder_out": queue,
            "control_folder": f"{queue}/control",
        },
        beat_schedule={"relay": {"task": "common.relay_events", "schedule": 0.5, "options": {"expires": 5}}},
    )
    app.on_after_finalize.connect(lambda **kwargs: subscribe(), weak=False)
