"""What the administrator and the machines that watch are told of the queue, with a real one."""

import json
import os
import signal
import time

import pytest
from django.contrib.auth import get_user_model
from kombu import Connection

from chuangxian.celery import app
from common.tasks import beat
from portal import queue_state


@pytest.fixture
def broker():
    """broker(url, **options): from now on the portal's queue is there."""
    before = app.conf.broker_url, app.conf.broker_transport_options
    yield lambda url, **options: app.conf.update(broker_url=url, broker_transport_options=options)
    app.conf.update(broker_url=before[0], broker_transport_options=before[1])


@pytest.fixture
def administrator(client, db):
    client.force_login(get_user_model().objects.create(username="operator", name="系统管理员", is_staff=True))
    return client


def poke(times):
    """As beat does; by a connection of its own, because Celery keeps the one to the broker before."""
    with Connection(app.conf.broker_url, transport_options=app.conf.broker_transport_options) as connection:
        for _ in range(times):
            beat.apply_async(connection=connection)


def seen(client):
    """(how many wait by the page's figure, what readyz says, seconds for both)."""
    began = time.monotonic()
    answer = client.get("/readyz")
    assert client.get("/desk/system/").status_code == answer.status_code == 200
    return queue_state.length(), json.loads(answer.content)["queue"], time.monotonic() - began


def test_redis_well_frozen_away_and_back(administrator, redis, broker):
    broker(redis.url, socket_timeout=2, socket_connect_timeout=1, max_retries=0)
    assert seen(administrator)[:2] == (0, "up")
    poke(3)
    assert seen(administrator)[:2] == (3, "up")
    os.kill(redis.process.pid, signal.SIGSTOP)
    waiting, ready, seconds = seen(administrator)
    assert (waiting, ready) == (None, "down")
    assert seconds < 10, "a frozen one is waited for a second each time"
    redis.stop()
    assert seen(administrator)[:2] == (None, "down")
    redis.start()
    assert seen(administrator)[:2] == (0, "up")


def test_a_queue_in_a_folder_is_counted_by_its_files(administrator, broker, tmp_path):
    folder = str(tmp_path / "queue")
    (tmp_path / "queue" / "control").mkdir(parents=True)
    broker("filesystem://", data_folder_in=folder, data_folder_out=folder, control_folder=f"{folder}/control")
    assert seen(administrator)[:2] == (0, "up")
    poke(1)
    assert seen(administrator)[:2] == (1, "up")
