"""提醒 on real parts: Redis, PostgreSQL, worker and beat. Whatever is killed, doubled, lost or put back, in the end every
due reminder is there once, and stands once in one notice of its recipient. Each test prints what it counted.
"""

import collections
import datetime as dt
import os
import random
import re
import signal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from campaigns.models import Obligation, Reminder
from campaigns.services import assignments
from notifications.models import Mail, Notice
from organizations.kinds import Kind
from organizations.services import appoint, found
from tests.integration.conftest import wait_until

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = dt.date(2010, 9, 30)
BRANCHES, OBLIGATIONS = 24, ("plan", "pledge", "quarter")
LADDER = [
    {"days": -14, "to": "owner"},
    {"days": -3, "to": "owner"},
    {"days": 1, "to": "owner", "urgent": True},
    {"days": 3, "to": "superior"},
    {"days": 10, "to": "office"},
]
pytestmark = pytest.mark.django_db(transaction=True)


def at(month, day, hour=10):
    return dt.datetime(2010, month, day, hour, tzinfo=SHANGHAI)


def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def runs():
    return ask("SELECT count(*) FROM proof_run WHERE name = 'campaigns.remind'")[0][0]


@pytest.fixture(autouse=True)
def proof_table():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE proof_run (name text, outcome text)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE proof_run")


@pytest.fixture
def city(campaign, chain):
    """24 branches with a secretary who has mail, a superior, the office; each branch owes three things."""
    campaign.ladder = LADDER
    campaign.save()
    users = get_user_model().objects
    for number in range(BRANCHES):
        place = found(
            name=f"第{number:02}党支部", kind=Kind.BRANCH, code=f"x{number}", parent=chain["general"], on=dt.date(2010, 6, 2)
        )  # fmt: skip
        mail = f"s{number}@example.invalid"
        user = users.create(username=f"s{number}", name=f"书记{number}", email=mail)
        appoint(user=user, post="secretary", organization=place, on=dt.date(2010, 6, 2))
    for post, where in [("secretary", "general"), ("office", "city")]:
        user = users.create(username=where, name=where)
        appoint(user=user, post=post, organization=chain[where], on=dt.date(2010, 6, 2))
    for number, expects in enumerate(OBLIGATIONS):
        row = Obligation.objects.create(
            phase=campaign.phases.get(number=1), expects=expects, name=f"第{number}件事", opens_on=dt.date(2010, 8, 19),
            due_on=DUE, made_on=dt.date(2010, 8, 1), kinds=["branch"],
        )  # fmt: skip
        assignments.refresh(row)
    assert row.assignments.open().count() >= BRANCHES
    return row


def told():
    return Reminder.objects.exclude(told_at=None)


def all_told(number):
    return lambda: told().count() >= number and not Reminder.objects.waiting().exists()


def of_secretaries():
    return Reminder.objects.filter(recipient__username__startswith="s", recipient__email__contains="@")


def assert_each_once(what):
    """Of every reminder, the lines that its recipient can read: exactly one. And nobody has two digests of a day."""
    lines = collections.Counter()
    for notice in Notice.objects.filter(key__startswith="reminders"):
        for name, thing in re.findall(r"^· (?:下级未办：)?(.+?)：(第\d件事)", notice.body, re.MULTILINE):
            lines[notice.recipient_id, name, thing, notice.key[:14]] += 1
    shown = {
        (r.recipient_id, r.organization.name, r.obligation.name)
        for r in told().select_related("organization", "obligation")
    }
    twice = ask("SELECT recipient_id, key FROM notifications_notice GROUP BY 1, 2 HAVING count(*) > 1")
    print(
        f"{what}: reminders {Reminder.objects.count()}, told {told().count()}, waiting"
        f" {Reminder.objects.waiting().count()}, dropped {Reminder.objects.filter(is_dropped=True).count()},"
        f" notices {Notice.objects.count()}, runs {runs()}"
    )
    assert twice == [] and not Reminder.objects.waiting().exists()
    assert {key[:3] for key in lines} <= shown, "nobody reads of what is not marked as told"
    return lines


def once_for_every_secretary(lines, times=1):
    """Each of the 24 reads of each of the three things this often, all in all."""
    wanted = {
        (r.recipient_id, r.organization.name, r.obligation.name)
        for r in of_secretaries().select_related("organization", "obligation")
    }
    assert len(wanted) == BRANCHES * len(OBLIGATIONS)
    found_lines = collections.Counter()
    for key, number in lines.items():
        found_lines[key[:3]] += number
    assert {key: found_lines[key] for key in wanted} == dict.fromkeys(wanted, times)


def test_two_beats_and_four_workers_at_once_tell_each_once(city, redis, parts_on):
    parts = parts_on(redis.url)
    parts.set_clock(at(9, 16))
    parts.worker(concurrency=4, PROOF_PAUSE="0.002")
    for _ in range(2):
        parts.beat()
    wait_until(all_told(72))
    already = runs()
    wait_until(lambda: runs() >= already + 6)
    once_for_every_secretary(assert_each_once("two beats"))
    assert Mail.objects.count() == BRANCHES
    assert ask("SELECT DISTINCT outcome FROM proof_run") == [("SUCCESS",)]


def is_at_it():
    at_it = "SELECT count(*) FROM pg_stat_activity WHERE query ILIKE '%reminder%' AND pid <> pg_backend_pid()"
    return ask(at_it)[0][0]


def children(process):
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_a_worker_killed_anywhere_loses_and_doubles_nothing(city, redis, parts_on):
    """Pool processes and whole workers, at seeded moments, while rows are written and while they are told."""
    dice = random.Random(20100401)
    parts = parts_on(redis.url)
    parts.set_clock(at(9, 16, hour=8))  # before work begins: rows are written, nobody is told
    parts.beat()
    kills = collections.Counter()
    worker = parts.worker(PROOF_PAUSE="0.04")

    def kill_a_child(when):
        wait_until(lambda: children(worker))
        ask(f"SELECT pg_sleep({dice.uniform(0, 0.35)})")
        for pid in children(worker):
            os.kill(pid, signal.SIGKILL)
        kills[when] += 1

    wait_until(is_at_it)
    for _ in range(3):
        kill_a_child("writing")
    wait_until(lambda: of_secretaries().count() == 72)
    parts.set_clock(at(9, 16))
    for goal in [1, 20, 40]:
        wait_until(lambda goal=goal: told().count() >= goal)
        kill_a_child("telling")
    parts.kill(worker)
    kills["whole worker"] += 1
    left = Reminder.objects.waiting().count()
    parts.worker()
    wait_until(all_told(72))
    once_for_every_secretary(assert_each_once(f"killed {dict(kills)}, {left} left to the healthy run"))


def test_redis_away_for_an_hour_loses_nothing(city, redis, parts_on):
    """Its messages are gone too; the rung falls while it is away."""
    parts = parts_on(redis.url)
    parts.set_clock(at(9, 15))
    parts.beat()
    parts.worker()
    wait_until(lambda: runs() >= 2)
    assert Reminder.objects.count() == 0
    redis.stop()
    parts.set_clock(at(9, 16, hour=11))
    before = runs()
    redis.start()
    wait_until(all_told(72), 60)
    lines = assert_each_once(f"Redis away (runs before {before})")
    once_for_every_secretary(lines)
    assert all(process.poll() is None for process in parts.started), "neither worker nor beat gave up"


def test_a_clock_put_back_and_forward_tells_each_once(city, redis, parts_on):
    parts = parts_on(redis.url)
    moments = [at(9, 16), at(9, 14), at(9, 16, 15), at(8, 30), at(9, 27), at(9, 20), at(9, 16), at(9, 28)]
    parts.set_clock(moments[0])
    parts.worker(has_beat=True)
    for moment in moments:
        parts.set_clock(moment)
        before = runs()
        wait_until(lambda before=before: runs() >= before + 2)
    wait_until(all_told(144))
    once_for_every_secretary(assert_each_once("clock moved"), times=2)  # T-14 and T-3, and neither again


def test_a_week_of_downtime_is_one_late_word_for_each_audience(city, redis, parts_on):
    """T-14 and T-3 missed, T+1 and T+3 too: the latest of the owner's is told, and one of the superior's."""
    parts = parts_on(redis.url)
    parts.set_clock(at(10, 8))
    parts.worker(has_beat=True)
    wait_until(all_told(72))
    lines = assert_each_once("a week away")
    once_for_every_secretary(lines)
    mine = Notice.objects.filter(recipient__username="s3", key__startswith="reminders")
    assert [notice.key.partition(":")[0] for notice in mine] == ["reminders.urgent"]
    superior = Notice.objects.get(recipient__username="general")
    assert superior.body.count("下级未办") == 20 and "共 " in superior.body
    parts.set_clock(at(10, 11))
    wait_until(lambda: Notice.objects.filter(recipient__username="city").exists())
    assert (
        "补发" not in Notice.objects.get(recipient__username="city").body
    )  # Sunday's, told on Monday: in time


def test_the_queue_in_a_folder_of_the_demo_delivers_too(city, parts_on, settings):
    parts = parts_on("")
    parts.set_clock(at(9, 16))
    worker = parts.worker(concurrency=1, has_beat=True, PROOF_PAUSE="0.02")
    wait_until(lambda: told().count() >= 15)
    parts.kill(worker)  # its message is lost with it, what it had to do is not
    assert told().count() < 72
    parts.worker(concurrency=1, has_beat=True)
    wait_until(all_told(72))
    once_for_every_secretary(assert_each_once("queue in a folder"))
