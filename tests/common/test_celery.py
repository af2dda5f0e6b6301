"""A request never waits for the broker; a task survives the death of its worker."""

import ast
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from chuangxian.celery import app
from common import events
from common.models import Heartbeat
from common.tasks import beat
from notifications import services

ROOT = Path(__file__).parents[2]
PACKAGES = [
    path.parent
    for path in sorted(ROOT.glob("*/__init__.py"))
    if path.parent.name not in ("tests", "templates", "static", "docs")
]


def senders(source):
    """Lines that put a task on the queue."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"delay", "apply_async", "send_task"}
    ]


def test_nothing_but_beat_puts_tasks_on_the_queue():
    """reliability.md R6: with a frozen Redis, a .delay() in a request hung for two minutes."""
    found = {
        path.relative_to(ROOT).as_posix(): lines
        for package in PACKAGES
        for path in package.rglob("*.py")
        if path.name != "tasks.py" and path.parent.name != "bench" and (lines := senders(path.read_text()))
    }
    assert found == {}


def test_the_check_itself_bites():
    assert senders("relay.delay()\nx.apply_async()\napp.send_task('x')") == [1, 2, 3]


def test_every_task_of_the_beat_table_exists():
    app.loader.import_default_modules()
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert planned <= set(app.tasks)


def test_poked_tasks_expire_before_they_pile_up():
    """After a night without a worker, thousands of stale pokes must not run one after the other."""
    every = [e for e in settings.CELERY_BEAT_SCHEDULE.values() if isinstance(e["schedule"], float)]
    often = [e for e in every if e["schedule"] <= 60]
    assert all(entry["options"]["expires"] <= max(60, 10 * entry["schedule"]) for entry in often)


def configuration(**environment):
    """The Celery configuration of production, read in a process of its own."""
    script = (
        "import json, django; django.setup(); from chuangxian.celery import app; c = app.conf;"
        "print(json.dumps({k: c[k] for k in ('task_acks_late', 'task_reject_on_worker_lost',"
        "'worker_prefetch_multiplier', 'task_time_limit', 'task_ignore_result', 'broker_url',"
        "'broker_transport_options', 'worker_hijack_root_logger')}))"
    )
    given = {
        "DJANGO_SETTINGS_MODULE": "chuangxian.settings.production",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "portal.example",
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=os.environ | given, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_with_redis_a_task_outlives_its_worker_and_nobody_waits_long():
    """reliability.md R7, findings 8 and 9."""
    found = configuration(REDIS_URL="redis://queue.example:6379/0")
    assert found["broker_url"] == "redis://queue.example:6379/0"
    assert found["task_acks_late"] and found["task_reject_on_worker_lost"]
    assert found["worker_prefetch_multiplier"] == 1
    assert found["task_ignore_result"] is True
    assert found["worker_hijack_root_logger"] is False
    options = found["broker_transport_options"]
    assert found["task_time_limit"] < options["visibility_timeout"]
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (5, 1)
    assert options["socket_timeout"] <= 2 and options["socket_connect_timeout"] <= 1


def test_without_redis_the_queue_is_a_folder():
    assert configuration(REDIS_URL="")["broker_url"] == "filesystem://"


@contextlib.contextmanager
def broker_at(url, **options):
    before = app.conf.broker_url, app.conf.broker_transport_options
    app.conf.update(broker_url=url, broker_transport_options=options)
    try:
        yield
    finally:
        app.conf.update(broker_url=before[0], broker_transport_options=before[1])


def test_requests_that_write_never_speak_to_the_broker(client, db):
    """A broker that accepts nobody: whoever calls it would hang here, and be seen."""
    user = get_user_model().objects.create_user("zhangwen", name="张文", password="Right-pass-1")
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        frozen.setblocking(False)
        with broker_at(f"redis://127.0.0.1:{frozen.getsockname()[1]}/0"):
            client.post("/accounts/login/", {"login": "zhangwen", "password": "Right-pass-1"})
            services.notify([user], subject="消息", key="k")
            events.record(user, "prove", by=user)
            assert client.get("/desk/").status_code == 200
        with pytest.raises(BlockingIOError):
            frozen.accept()


@pytest.fixture
def redis(tmp_path):
    program = shutil.which("redis-server")
    if program is None and os.environ.get("REQUIRE_REDIS") == "1":
        pytest.fail("REQUIRE_REDIS=1: apt-get install redis-server")
    if program is None:
        pytest.skip("apt-get install redis-server")
    where = tmp_path / "redis.sock"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(where), "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 10
    while not where.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    yield process, f"redis+socket://{where}"
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()


def test_a_frozen_redis_stops_no_page(client, db, redis):
    process, url = redis
    with broker_at(url, socket_timeout=2, socket_connect_timeout=1, max_retries=0):
        beat.apply_async(retry=False)  # while it is well, it takes tasks
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        assert client.get("/accounts/login/").status_code == 200
        assert client.get("/").status_code == 200
        assert time.monotonic() - began < 2
        began = time.monotonic()
        with pytest.raises(Exception, match="(?i)time"):
            beat.apply_async(retry=False)
        assert time.monotonic() - began < 10  # beat itself waits no longer than this for one poke


@pytest.mark.django_db
def test_the_heartbeat_says_when_beat_broker_and_worker_last_worked_together():
    assert Heartbeat.last() is None
    beat()
    first = Heartbeat.last().beaten_at
    beat()
    assert Heartbeat.last().beaten_at > first
    assert Heartbeat.objects.count() == 1
