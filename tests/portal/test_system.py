"""系统状态: the administrator sees what is stuck, sets it going again, and reads nobody's business."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from campaigns.services import reminders
from common import events, failures
from common.models import Delivery, Event, FailedTask, Heartbeat
from common.tasks import beat
from common.templatetags.cn import cn_datetime
from notifications import services
from notifications.models import Mail
from portal import queue_state

User = get_user_model()
PAGE = "/desk/system/"
# session, person, posts, unread count, topmost organization, heartbeat, oldest event, counts, dead events and mails,
# and group messages, failed tasks, the latest forced run, the last check
QUERIES = 14


@pytest.fixture
def administrator(db):
    return User.objects.create(
        username="operator", name="系统管理员", email="op@example.invalid", is_staff=True
    )


@pytest.fixture
def client(administrator):
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def dead_event(chain):
    event = events.record(chain["branch"], "rename", by=None, reason="机密理由")
    Delivery.objects.filter(event=event).update(is_dead=True, attempts=10, error="ValueError: 机密标题")
    return event


@pytest.fixture
def dead_mail(administrator):
    services.notify([administrator], subject="机密主题", key="k")
    Mail.objects.update(is_dead=True, attempts=10, error="SMTPRecipientsRefused: x@example.invalid")
    return Mail.objects.get()


def page(client):
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("post", ["secretary", "office_director"])
def test_nobody_else_knows_that_it_exists(person, dead_event, post):
    other = Client()
    other.force_login(person(post, "branch"))
    assert other.get(PAGE).status_code == 404
    assert other.post(f"{PAGE}event/{dead_event.pk}/revive/").status_code == 404
    assert Delivery.objects.dead().count() == 1


def test_letters_are_shown_by_kind_and_number_without_their_text(client, dead_event, dead_mail):
    shown = page(client)
    assert (
        f"更名（事件 {dead_event.pk}）" in shown and f"organization.rename #{dead_event.subject_id}" in shown
    )
    assert f"邮件 #{dead_mail.pk}" in shown and "mail #" not in shown
    assert "ValueError" in shown and "SMTPRecipientsRefused" in shown
    for text in ["机密", "财政所", "x@example.invalid"]:
        assert text not in shown


@pytest.mark.parametrize("verb", ["revive", "dismiss"])
def test_a_dead_event_is_set_going_or_given_up_on_record(client, administrator, dead_event, verb):
    client.post(f"{PAGE}event/{dead_event.pk}/{verb}/")
    assert not Delivery.objects.dead().exists()
    assert Delivery.objects.pending().filter(event=dead_event).exists() == (verb == "revive")
    assert Event.objects.get(kind=f"delivery.{verb}").actor == administrator
    client.post(f"{PAGE}event/{dead_event.pk}/{verb}/")
    assert Event.objects.filter(kind=f"delivery.{verb}").count() == 1


@pytest.mark.parametrize("verb", ["revive", "dismiss"])
def test_a_dead_mail_too(client, dead_mail, verb):
    client.post(f"{PAGE}mail/{dead_mail.pk}/{verb}/")
    assert not Mail.objects.dead().exists()
    assert Event.objects.filter(kind=f"mail.{verb}").count() == 1


def test_looking_treats_nothing(client, dead_event):
    assert client.get(f"{PAGE}event/{dead_event.pk}/revive/").status_code == 405


@pytest.mark.parametrize("path", ["event/1/delete/", "pledge/1/revive/"])
def test_there_is_nothing_else_to_do(client, path):
    assert client.post(PAGE + path).status_code == 404


def test_a_silent_worker_is_seen(client):
    assert "没有心跳" in page(client)
    beat()
    assert "没有心跳" not in page(client)
    Heartbeat.objects.update(beaten_at=timezone.now() - dt.timedelta(minutes=6))
    assert "没有心跳" in page(client)


def test_events_that_wait_too_long_are_seen(client, chain):
    beat()
    events.relay()
    assert "还没有送达" not in page(client)
    Event(kind="a.b", created_at=timezone.now() - dt.timedelta(hours=1)).save()
    Delivery.objects.create(event=Event.objects.get(kind="a.b"))
    assert "还没有送达" in page(client)


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_with_any_number_of_letters(client, chain, number, django_assert_num_queries):
    for each in range(number):
        events.record(chain["branch"], "rename", by=None)
        failures.keep(f"some.task{each}", "1", ValueError())
    Delivery.objects.update(is_dead=True)
    with django_assert_num_queries(QUERIES):
        page(client)


def test_a_task_that_failed_is_shown_without_its_text_until_it_is_dismissed_on_record(client, administrator):
    failures.keep("campaigns.remind", "4f3a2b1c-0000", ValueError("机密理由"))
    failures.keep("campaigns.remind", "5f3a2b1c-0000", KeyError("机密理由"))
    shown = page(client)
    assert "生成和发出提醒<small><code>campaigns.remind</code>" in shown
    assert "KeyError" in shown and "5f3a2b1c" in shown
    assert "机密" not in shown
    failed = FailedTask.objects.get()
    assert client.post(f"{PAGE}task/{failed.pk}/revive/").status_code == 404
    for _ in range(2):
        client.post(f"{PAGE}task/{failed.pk}/dismiss/")
    assert "没有失败的任务" in page(client)
    assert Event.objects.get(kind="failedtask.dismiss").actor == administrator


def test_a_queue_that_does_not_answer_is_said_in_words(client, monkeypatch):
    assert "没有应答" not in page(client)
    monkeypatch.setattr(queue_state, "length", lambda: None)
    assert "没有应答" in page(client)


def test_what_is_planned_stands_with_its_next_time(client, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    planned = {job.task: job for job in queue_state.jobs()}
    assert planned["common.beat"].every_words == "每 1 分钟"
    assert planned["campaigns.remind"].every_words == "每 10 分钟"
    assert planned["campaigns.check"].every_words == "按时刻"
    assert planned["campaigns.remind"].next_at <= timezone.now() + dt.timedelta(minutes=10)
    shown = page(client)
    for job in planned.values():
        line = shown[shown.index(f"{job.name}<small><code>{job.task}</code>") :].partition("</tr>")[0]
        assert job.every_words in line
        assert ("随时" if job.is_soon else cn_datetime(job.next_at)) in line


def test_the_next_beat_of_the_reminders_is_forced_through_the_outbox(
    chain, client, administrator, campaign, relay, monkeypatch
):
    ran = []
    monkeypatch.setattr(reminders, "run_now", lambda: ran.append(1))
    client.post(f"{PAGE}remind/")
    assert ran == [], "a page runs nothing itself"
    assert "等待后台运行" in page(client)
    relay()
    assert ran == [1]
    assert Event.objects.get(kind="campaign.remind_now").actor == administrator
    shown = page(client)
    assert "上一次立即运行" in shown and "完成" in shown


def test_without_a_campaign_there_is_nothing_to_force(client):
    assert "没有正在进行的活动" in client.post(f"{PAGE}remind/", follow=True).content.decode()


@pytest.mark.parametrize("post", ["secretary", "office"])
def test_nobody_else_forces_it(person, campaign, post):
    other = Client()
    other.force_login(person(post, "city"))
    assert other.post(f"{PAGE}remind/").status_code == 404
    with pytest.raises(PermissionDenied):
        reminders.ask_now(by=person(post, "city"))
    assert not Event.objects.filter(kind="campaign.remind_now").exists()


def test_every_planned_task_is_told_in_chinese_and_its_next_time_to_the_minute():
    for job in queue_state.jobs():
        assert any("一" <= sign <= "鿿" for sign in job.name), job.task
        assert job.every or job.next_at.second == 0
