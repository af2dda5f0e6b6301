"""群机器人: what an organization is told reaches its group once, in the words of a real server on this machine."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from campaigns import robots as wire
from campaigns.models import Obligation, Phase, Reminder, Robot, RobotKind, RobotMessage
from campaigns.models.robot import MAX_ATTEMPTS
from campaigns.services import assignments, reminders, robots
from campaigns.services.urging import urge
from common.models import Event
from tests.campaigns.robot_server import serving

D = dt.date
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(dt.datetime(2010, 9, 1, 2, tzinfo=dt.UTC), tick=False)
    return time_machine


@pytest.fixture
def server(settings):
    with serving() as found:
        settings.ROBOT_ORIGINS = [found.origin]
        settings.SITE_URL = "https://portal.example"
        yield found


@pytest.fixture
def robot(chain, person, server):
    return robots.set_robot(
        chain["branch"], address=server.wecom, secret="", by=person("secretary", "branch")
    )


@pytest.fixture
def owes(chain, campaign):
    campaign.ladder = [
        {"days": -14, "to": "owner"},
        {"days": 1, "to": "owner", "urgent": True},
        {"days": 3, "to": "superior"},
        {"days": 10, "to": "office"},
    ]
    campaign.save()
    obligation = Obligation.objects.create(
        phase=Phase.objects.get(number=1), expects="plan", name="报送活动方案", opens_on=D(2010, 8, 19),
        due_on=D(2010, 9, 30), made_on=D(2010, 8, 1), kinds=["branch"],
    )  # fmt: skip
    assignments.refresh(obligation)
    return obligation


def a_day(clock, day, hour=10):
    clock.move_to(dt.datetime.combine(day, dt.time(hour), SHANGHAI), tick=False)
    reminders.generate(day)
    return reminders.tell(timezone.now())


def write(robot, key="k"):
    return RobotMessage.objects.create(robot=robot, key=key, title="提醒", body="**提醒**")


def contents(server):
    return [sent["markdown"]["content"] for _, sent in server.received]


def test_each_office_is_told_in_its_group_of_its_own_and_of_those_below(owes, chain, person, server, clock):
    for post, at in [
        ("secretary", "branch"),
        ("liaison", "branch"),
        ("secretary", "general"),
        ("office", "city"),
    ]:
        by = person(post, at)
        if post != "liaison":
            robots.set_robot(chain[at], address=server.wecom, secret="", by=by)
    for day in [D(2010, 9, 16), D(2010, 9, 17), D(2010, 10, 8), D(2010, 10, 11)]:
        a_day(clock, day)
        a_day(clock, day, 11)
    found = list(RobotMessage.objects.order_by("pk").values_list("robot__organization__code", "key"))
    assert found == [
        ("branch", "reminders:2010-09-16"),
        ("branch", "reminders:2010-10-08"),
        ("general", "reminders:2010-10-08"),
        ("city", "reminders:2010-10-11"),
    ]
    assert robots.deliver() == 4
    first, _, above, office = contents(server)
    assert first.splitlines() == [
        "**应办事项提醒（震泽镇财政所党支部）**",
        "- 报送活动方案，2010年9月30日截止，还有 14 天",
        "[打开工作台](https://portal.example/desk/)",
    ]
    assert "- 下级未办：报送活动方案，2010年9月30日截止，已逾期 8 天，2 个党组织" in above
    assert "3 个党组织" in office
    assert "secretary-branch" not in "".join(contents(server))
    assert robots.deliver() == 0


def test_what_comes_after_the_days_digest_is_in_the_next_one(owes, robot, clock):
    def told(name):
        clock.shift(dt.timedelta(seconds=1))
        moment = timezone.now()
        obligation = Obligation.objects.create(
            phase=owes.phase, expects="pledge", name=name, opens_on=D(2010, 8, 19), due_on=D(2010, 9, 30),
            made_on=D(2010, 8, 1), kinds=["branch"],
        )  # fmt: skip
        Reminder.objects.create(
            obligation=obligation, organization=robot.organization, recipient=robot.set_by, audience="owner",
            occurrence=name, due_on=D(2010, 9, 30), fell_on=moment.date(), told_at=moment,
        )  # fmt: skip
        clock.shift(dt.timedelta(minutes=10))
        return robots.tell(timezone.now())

    clock.move_to(dt.datetime(2010, 9, 16, 10, tzinfo=SHANGHAI), tick=False)
    assert [told("早上"), told("中午"), told("下午")] == [
        1,
        0,
        0,
    ]
    clock.shift(dt.timedelta(days=1))
    assert [robots.tell(timezone.now()), robots.tell(timezone.now())] == [1, 0]
    first, second = [message.body for message in RobotMessage.objects.order_by("pk")]
    assert ("早上" in first, "中午" in first) == (True, False)
    assert [name in second for name in ["早上", "中午", "下午"]] == [False, True, True]


def test_the_worker_may_die_between_telling_persons_and_groups(owes, robot, clock, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(robots, "tell", lambda now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            a_day(clock, D(2010, 9, 16))
    assert not RobotMessage.objects.exists()
    assert a_day(clock, D(2010, 9, 16), 11) == 0  # nobody is told twice
    assert RobotMessage.objects.count() == 1


def test_an_urging_goes_to_the_group_of_whoever_was_urged(owes, robot, person, server, chain):
    chosen = [owes.assignments.get(organization=chain["branch"]).pk]
    superior = person("secretary", "general")
    assert [urge(owes, chosen, text="请今天<@all>办好", by=superior) for _ in range(2)] == [1, 0]
    robots.deliver()
    (said,) = contents(server)
    assert said.splitlines()[:2] == [
        "**催办：报送活动方案（震泽镇财政所党支部）**",
        "请今天＜＠all＞办好",
    ]


def test_dingtalk_is_signed_with_time_and_secret(chain, person, server):
    robots.set_robot(
        chain["branch"], address=server.dingtalk, secret="SECabc", by=person("secretary", "branch")
    )
    write(Robot.objects.get())
    assert robots.deliver() == 1
    ((path, sent),) = server.received
    asked = parse_qs(urlsplit(path).query)
    said = f"{asked['timestamp'][0]}\nSECabc".encode()
    assert asked["sign"] == [base64.b64encode(hmac.new(b"SECabc", said, hashlib.sha256).digest()).decode()]
    assert asked["timestamp"] == [str(int(timezone.now().timestamp() * 1000))]
    assert sent == {"msgtype": "markdown", "markdown": {"title": "提醒", "text": "**提醒**"}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (200, {"errcode": 93000, "errmsg": "key=693a91f6"}),
            "机器人地址不对，或机器人已被移出群（错误码 93000）",
        ),
        ((200, {"errcode": False}), "对方没有接受（错误码 False）"),
        ((200, b"<html>"), "对方的答复看不懂"),
        ((200, []), "对方的答复看不懂"),
        ((302, b""), "对方答复 HTTP 302"),
        ((500, b""), "对方答复 HTTP 500"),
    ],
)
def test_sent_is_what_was_answered_with_errcode_0_alone(robot, server, answer, said):
    server.answers = [answer]
    message = write(robot)
    assert robots.deliver() == 0
    message.refresh_from_db()
    assert (message.outcome, message.attempts, message.sent_at) == (said, 1, None)
    assert len(server.received) == 1  # a redirect leads nowhere
    assert message.retry_at == timezone.now() + dt.timedelta(minutes=2)
    message.retry_at = timezone.now()
    message.save()
    assert robots.deliver() == 1


@pytest.mark.parametrize("answer", [(200, {"errcode": 45009}), (200, {"errcode": 130101}), (429, b"")])
def test_a_robot_that_was_too_fast_waits_with_all_it_has_and_loses_no_attempt(robot, server, answer, clock):
    server.answers = [answer]
    write(robot, "a"), write(robot, "b")
    assert robots.deliver() == 0
    assert len(server.received) == 1
    assert set(RobotMessage.objects.values_list("attempts", "is_dead")) == {(0, False)}
    clock.shift(dt.timedelta(minutes=10))
    assert robots.deliver() == 0
    clock.shift(dt.timedelta(minutes=2))
    assert robots.deliver() == 2


def test_after_ten_attempts_a_dead_letter_that_is_revived_or_dismissed(robot, server, clock, person):
    server.answers = [(200, {"errcode": 93000})] * MAX_ATTEMPTS
    write(robot)
    for _ in range(MAX_ATTEMPTS + 1):
        robots.deliver()
        clock.shift(dt.timedelta(minutes=257))
    dead = RobotMessage.objects.dead().get()
    assert (dead.attempts, len(server.received)) == (MAX_ATTEMPTS, MAX_ATTEMPTS)
    robots.revive(dead, by=person("secretary", "branch"))
    assert robots.deliver() == 1
    assert Event.objects.filter(kind="robotmessage.revive", place_id=robot.organization_id).exists()


def test_what_died_before_a_robot_was_switched_off_is_not_sent_to_it(robot, server, person):
    by = person("secretary", "branch")
    dead = write(robot)
    RobotMessage.objects.filter(pk=dead.pk).update(is_dead=True)
    robots.switch(robot, on=False, by=by)
    assert not RobotMessage.objects.exists(), "nobody is asked about a letter that goes nowhere"
    robots.revive(dead, by=by)
    assert robots.deliver() == 0
    robots.switch(Robot.objects.get(), on=True, by=by)
    assert (robots.deliver(), server.received) == (0, [])


def test_what_is_written_while_a_robot_is_switched_off_is_never_sent(robot, server, person):
    """A digest that read it as on may be written after it is off."""
    by = person("secretary", "branch")
    robots.switch(robot, on=False, by=by)
    write(robot)
    assert robots.deliver() == 0
    robots.switch(Robot.objects.get(), on=True, by=by)
    assert (robots.deliver(), server.received) == (0, [])


def test_nobody_there_is_asked_once_a_batch_and_told_by_kind(robot, server):
    server.shutdown()
    server.server_close()
    write(robot, "a"), write(robot, "b")
    assert robots.deliver() == 0
    assert set(RobotMessage.objects.values_list("error", flat=True)) == {
        "NobodyThere: 连接不上对方（ConnectionRefusedError）"
    }


def test_what_a_sender_that_died_had_leased_is_sent_by_the_next(robot, server, clock):
    RobotMessage.lease([write(robot).pk])
    assert robots.deliver() == 0
    clock.shift(RobotMessage.LEASE)
    assert robots.deliver() == 1


REAL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-0000"


def test_only_a_robots_own_address_is_one():
    assert wire.kind_of(REAL) == RobotKind.WECOM
    assert wire.kind_of("https://oapi.dingtalk.com/robot/send?access_token=5e1f0c3b9a") == RobotKind.DINGTALK
    for bad in [
        REAL.replace("https", "http"),
        REAL.replace(".com/", ".com.evil.example/"),
        REAL.replace(".com/", ".com:8443/"),
        REAL.replace(".com/", ".com@127.0.0.1/"),
        "https://evil@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-0000",
        REAL.replace("/cgi-bin", "/../cgi-bin"),
        f"{REAL}\r\nHost: evil",
        f"{REAL}&x=1",
        "http://169.254.169.254/cgi-bin/webhook/send?key=693a91f6-0000",
    ]:
        assert wire.kind_of(bad) is None, bad


def test_an_address_no_longer_allowed_is_not_asked(robot, server, settings):
    settings.ROBOT_ORIGINS = ["https://qyapi.weixin.qq.com"]
    write(robot)
    assert robots.deliver() == 0
    assert server.received == []


def test_a_long_message_is_cut_by_whole_lines_to_what_the_chat_takes():
    text = wire.cut(["事" * 100] * 30)
    assert len(text.encode()) <= wire.BYTES
    assert text.endswith("\n……其余请在平台中查看。")
    assert set(text.splitlines()[:-1]) == {"事" * 100}


def test_the_key_is_neither_shown_nor_logged_nor_in_the_audit(robot, person, client, server, caplog):
    server.answers = [(200, {"errcode": 93000, "errmsg": server.wecom})]
    write(robot)
    robots.deliver()
    client.force_login(person("secretary", "branch"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("campaigns:robot")).content.decode()
    assert "127.0.0.1/…5aaa" in page
    everywhere = page + caplog.text + json.dumps(list(Event.objects.values()), default=str)
    assert "693a91f6" not in everywhere + RobotMessage.objects.get().error
    assert Event.objects.get(kind="robot.set").after == {"kind": "企业微信", "host": "127.0.0.1"}


def test_set_tried_out_and_switched_off_from_the_page(chain, person, client, server):
    client.force_login(person("secretary", "branch"), backend="django.contrib.auth.backends.ModelBackend")
    at = {"pk": chain["branch"].pk}
    wrong = {"address": "https://evil.example/robot", "secret": "SECx"}
    refused = client.post(reverse("campaigns:robot_set", kwargs=at), wrong)
    assert refused.status_code == 422
    assert "这不是企业微信或钉钉群机器人的地址" in refused.content.decode()
    assert "https://evil.example/robot" in refused.content.decode()
    secret = client.post(
        reverse("campaigns:robot_set", kwargs=at), {"address": server.wecom, "secret": "SECx"}
    )
    assert "企业微信的群机器人没有加签密钥" in secret.content.decode()
    client.post(reverse("campaigns:robot_set", kwargs=at), {"address": server.wecom})
    tried = [client.post(reverse("campaigns:robot_test", kwargs=at), follow=True) for _ in range(2)]
    assert "已试发" in tried[0].content.decode()
    assert "刚刚试发过" in tried[1].content.decode()
    assert robots.deliver() == 1
    assert "群机器人试发" in contents(server)[0]
    assert "已发出" in client.get(reverse("campaigns:robot")).content.decode()
    write(Robot.objects.get(), "waiting")
    client.post(reverse("campaigns:robot_switch", kwargs=at), {"on": "0"})
    assert not RobotMessage.objects.pending().exists()
    off = client.post(reverse("campaigns:robot_test", kwargs=at), follow=True)
    assert "请先启用再试发" in off.content.decode()
    client.post(reverse("campaigns:robot_switch", kwargs=at), {"on": "1"})
    assert Robot.objects.get().is_on
    with pytest.raises(PermissionDenied):
        robots.switch(Robot.objects.get(), on=False, by=person("liaison", "branch"))


def test_the_page_asks_as_much_for_three_messages_as_for_one(robot, person, client):
    client.force_login(person("secretary", "branch"), backend="django.contrib.auth.backends.ModelBackend")

    def asked():
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("campaigns:robot"))
        return len(seen)

    write(robot, "a")
    asked()
    one = asked()
    write(robot, "b"), write(robot, "c")
    assert asked() == one
