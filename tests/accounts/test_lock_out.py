"""Five failures lock this account from this address for fifteen minutes; twenty from anywhere, from everywhere."""

import datetime as dt

import pytest
import time_machine
from django.contrib.auth import get_user_model

from common.models import Event
from tests.accounts.test_sign_in import PASSWORD, sign_in

User = get_user_model()
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def user(db):
    return User.objects.create_user("zhangwen", name="张文", password=PASSWORD)


def fail(client, times, username="zhangwen", **extra):
    return [sign_in(client, username, "Wrong-pass-1", **extra) for _ in range(times)]


def test_the_fifth_failure_locks_and_says_for_how_long(client, user):
    with time_machine.travel(NOW, tick=False) as clock:
        answers = fail(client, 5)
        assert [a.status_code for a in answers] == [200, 200, 200, 200, 429]
        assert "15 分钟" in answers[-1].content.decode()
        clock.shift(dt.timedelta(minutes=4, seconds=30))
        again = sign_in(client)
        assert again.status_code == 429
        assert "11 分钟" in again.content.decode()


def test_it_opens_after_fifteen_minutes_however_often_one_tried(client, user):
    with time_machine.travel(NOW, tick=False) as clock:
        fail(client, 5)
        for _ in range(3):
            clock.shift(dt.timedelta(minutes=4))
            assert sign_in(client).status_code == 429
        clock.shift(dt.timedelta(minutes=3, seconds=1))
        assert sign_in(client).status_code == 302


def test_nobody_can_lock_a_colleague_out_from_elsewhere(client, user):
    fail(client, 6, REMOTE_ADDR="192.0.2.66")
    assert sign_in(client, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_changing_the_browser_or_inventing_a_proxy_does_not_help(client, user):
    fail(client, 5)
    assert sign_in(client, HTTP_USER_AGENT="another").status_code == 429
    assert sign_in(client, HTTP_X_REAL_IP="192.0.2.9", HTTP_X_FORWARDED_FOR="192.0.2.9").status_code == 429


def test_behind_the_proxy_each_visitor_counts_alone(client, user, settings):
    settings.CLIENT_ADDRESS_HEADER = "HTTP_X_REAL_IP"
    fail(client, 5, HTTP_X_REAL_IP="192.0.2.66")
    assert sign_in(client, HTTP_X_REAL_IP="192.0.2.1").status_code == 302


def test_accounts_that_do_not_exist_lock_in_the_same_way(client, user):
    known, unknown = fail(client, 6), fail(client, 6, "nobody")
    assert [a.status_code for a in known] == [a.status_code for a in unknown]
    assert known[-1].content == unknown[-1].content


def test_a_success_wipes_the_failures(client, user):
    fail(client, 4)
    sign_in(client)
    client.post("/accounts/logout/")
    assert [a.status_code for a in fail(client, 4)] == [200] * 4


def test_the_lock_is_on_record_once(client, user):
    fail(client, 8)
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["user.fail_sign_in"] * 5 + ["user.lock_out"]


def from_everywhere(client, times, username="zhangwen", first=1):
    """One guess from each of many addresses."""
    return [
        fail(client, 1, username, REMOTE_ADDR=f"203.0.113.{number}")[0].status_code
        for number in range(first, first + times)
    ]


def test_guesses_from_many_addresses_are_limited_together(client, user):
    with time_machine.travel(NOW, tick=False) as clock:
        assert from_everywhere(client, 10) == [200] * 10
        clock.shift(dt.timedelta(minutes=5))
        assert from_everywhere(client, 12, first=101) == [200] * 9 + [429] * 3
        fresh = sign_in(client, REMOTE_ADDR="198.51.100.7")
        assert fresh.status_code == 429
        assert "10 分钟" in fresh.content.decode()
        clock.shift(dt.timedelta(minutes=10, seconds=1))
        assert sign_in(client, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_where_the_person_has_signed_in_before_the_door_stays_open(client, user):
    """Nobody locks a secretary out on the day a pledge is due; five failures there lock it as ever."""
    sign_in(client, REMOTE_ADDR="192.0.2.1")
    client.post("/accounts/logout/")
    from_everywhere(client, 25)
    assert sign_in(client, REMOTE_ADDR="192.0.2.2").status_code == 429
    assert sign_in(client, REMOTE_ADDR="192.0.2.1").status_code == 302
    client.post("/accounts/logout/")
    assert fail(client, 5, REMOTE_ADDR="192.0.2.1")[-1].status_code == 429


def test_the_limit_over_all_addresses_is_the_same_for_accounts_that_do_not_exist(client, user):
    assert from_everywhere(client, 22) == from_everywhere(client, 22, "nobody")
    assert Event.objects.filter(kind="user.lock_out").count() == 1


def test_writing_the_name_otherwise_buys_no_guesses(client, user):
    answers = [
        fail(client, 1, name)[0].status_code for name in ["zhangwen", "ZhangWen", " zhangwen", "ZHANGWEN"]
    ]
    assert [*answers, fail(client, 1, "zhangWEN")[0].status_code] == [200] * 4 + [429]
