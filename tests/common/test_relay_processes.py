"""Real processes on a real database: several share the work, some are killed, every event takes effect once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from common import events
from common.models import Delivery
from tests.common import proof

ROOT = Path(__file__).parents[2]
EVENTS = 400

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(tmp_path):
    """The processes work on the database of this test."""
    url = urlsplit(os.environ["DATABASE_URL"])
    queue = tmp_path / "queue"
    (queue / "control").mkdir(parents=True)
    return {
        **os.environ,
        "DATABASE_URL": urlunsplit(url._replace(path="/" + connection.settings_dict["NAME"])),
        "DJANGO_SETTINGS_MODULE": "chuangxian.settings.test",
        "PROOF_QUEUE": str(queue),
    }


@pytest.fixture
def due():
    """400 events that wait, and tables in which each effect of each delivery can be counted."""
    with connection.cursor() as cursor:
        cursor.execute(proof.DROP)
        cursor.execute(proof.TABLES)
    user = get_user_model().objects.create(username="prover", name="证人")
    made = [events.record(user, "prove", by=None).pk for _ in range(EVENTS)]
    yield made
    with connection.cursor() as cursor:
        cursor.execute(proof.DROP)


def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def done():
    return ask("SELECT count(*) FROM proof_effect")[0][0]


def assert_each_once(due):
    assert sorted(pk for (pk,) in ask("SELECT event_id FROM proof_effect")) == due
    assert ask("SELECT total FROM proof_count") == [(EVENTS,)]
    assert not Delivery.objects.pending().exists()
    assert not Delivery.objects.exclude(attempts=0).exists()


def wait_until(is_so, seconds):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.01)


@pytest.fixture
def relays(environment):
    """relays(4) starts four processes that relay and gives their numbers; relays() waits, gives exit codes."""
    command = [sys.executable, "-m", "tests.common.proof"]
    starter = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def ask_starter(number=""):
        starter.stdin.write(f"{number}\n")
        starter.stdin.flush()
        return [int(word) for word in starter.stdout.readline().split()]

    yield ask_starter
    starter.communicate(timeout=60)


def test_four_processes_deliver_each_event_once(due, relays):
    started = relays(4)
    assert relays() == [0] * 4
    assert_each_once(due)
    assert {pid for (pid,) in ask("SELECT process FROM proof_effect")} == set(started), "all have worked"


def test_killing_relays_in_the_middle_loses_and_doubles_nothing(due, relays):
    for goal in [40, 110, 180]:
        running = relays(2)
        wait_until(lambda goal=goal: done() >= goal, 30)
        for process in running:
            os.kill(process, signal.SIGKILL)
        assert relays() == [-signal.SIGKILL] * 2
    assert done() < EVENTS
    relays(1)
    assert relays() == [0]
    assert_each_once(due)


def start_worker(environment, folder):
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "tests.common.proof",
        "worker",
        "--pool",
        "solo",
        "--beat",
    ]
    command += ["--schedule", str(folder / "beat"), "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def end(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_worker_killed_in_the_middle_of_its_task_is_made_good_by_the_next(due, environment, tmp_path):
    """The file-system broker forgets a message that is being worked on; the table remembers the work."""
    environment |= {"PROOF_PAUSE": "0.005"}
    first = start_worker(environment, tmp_path)
    try:
        wait_until(lambda: done() >= 30, 60)
    finally:
        end(first)
    assert done() < EVENTS
    second = start_worker(environment, tmp_path)
    try:
        wait_until(lambda: not Delivery.objects.pending().exists(), 60)
    finally:
        end(second)
    assert_each_once(due)
