"""日历订阅: whoever has the address reads what its owner has to do today, and nobody else's."""

import datetime as dt
import hashlib
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from campaigns.models import CalendarFeed, Obligation, Phase
from campaigns.services import assignments, calendar_feeds
from common.models import Event
from organizations.services import relieve

D = dt.date


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2010, 9, 1, 4, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def owes(chain, campaign, settings):
    settings.SITE_URL = "https://portal.example"

    def make(expects="plan", name="报送活动方案", **values):
        obligation = Obligation.objects.create(
            phase=Phase.objects.get(number=1), expects=expects, name=name, opens_on=D(2010, 8, 19),
            due_on=D(2010, 9, 30), made_on=D(2010, 8, 1), **values,
        )  # fmt: skip
        assignments.refresh(obligation)
        return obligation

    return make


@pytest.fixture
def address(person):
    return reverse("campaigns:calendar_feed", args=[calendar_feeds.make(by=person("secretary", "branch"))])


def events(client, address):
    found = client.get(address)
    assert found.status_code == 200
    return Calendar.from_ical(found.content).walk("VEVENT")


def test_what_is_open_stands_on_its_last_day_with_a_word_the_day_before(owes, client, address, chain):
    plan = owes()
    (event,) = events(client, address)
    assert event["summary"] == "报送活动方案（震泽镇财政所党支部）"
    assert event["description"] == "未办，2010年9月30日截止。"
    assert (event["dtstart"].dt, event["dtend"].dt) == (D(2010, 9, 30), D(2010, 10, 1))
    assert event["uid"] == f"obligation-{plan.pk}-{chain['branch'].pk}@portal.example"
    assert event["url"].startswith("https://portal.example/desk/plans/")
    assert event["dtstamp"].dt.date() == D(2010, 9, 1)
    (alarm,) = event.walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", dt.timedelta(hours=-15))
    plan.assignments.update(state="done", done_on=D(2010, 9, 1))
    assert events(client, address) == []


def test_nobody_keeps_it_and_it_asks_for_no_session(owes, client, address):
    owes()
    answer = client.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert not answer.cookies
    assert b"\r\n" in answer.content
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75


def test_what_the_posts_of_today_let_one_do_and_no_more(owes, client, address, person):
    owes()
    owes("pledge", "作出公开承诺", posts=["liaison"])
    assert [event["summary"][:6] for event in events(client, address)] == ["报送活动方案"]
    person("secretary", "branch").appointments.get()  # still holds it
    relieve(person("secretary", "branch").appointments.get(), on=D(2010, 8, 31))
    assert events(client, address) == []


def test_an_account_that_was_disabled_and_a_phase_that_is_frozen_tell_nothing(owes, client, address, person):
    plan = owes()
    Phase.objects.filter(pk=plan.phase_id).update(frozen_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC))
    assert events(client, address) == []
    secretary = person("secretary", "branch")
    secretary.is_active = False
    secretary.save()
    assert client.get(address).status_code == 404


def test_renewed_revoked_and_unknown_are_all_not_found(client, address, person):
    secretary = person("secretary", "branch")
    renewed = reverse("campaigns:calendar_feed", args=[calendar_feeds.make(by=secretary)])
    assert [client.get(each).status_code for each in [address, renewed]] == [404, 200]
    assert calendar_feeds.revoke(by=secretary)
    assert not calendar_feeds.revoke(by=secretary)
    unknown = reverse("campaigns:calendar_feed", args=["a" * 43])
    answers = [client.get(each) for each in [renewed, unknown]]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_secret_is_kept_as_a_hash_and_stands_neither_in_the_audit_nor_in_the_log(client, address, caplog):
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    assert len(token) == 43
    assert CalendarFeed.objects.get().token_hash == hashlib.sha256(token.encode()).hexdigest()
    caplog.set_level("INFO")
    assert client.get(address).status_code == 200
    assert "/calendar/….ics" in caplog.text
    assert token not in caplog.text + json.dumps(list(Event.objects.values()), default=str)


def test_ten_things_are_asked_for_like_one(owes, client, address):
    def asked():
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return len(seen)

    owes()
    one = asked()
    for number in range(3):
        owes("pledge", f"作出公开承诺{number}")
    assert len(events(client, address)) == 4
    assert asked() == one == 4


def test_made_renewed_and_revoked_on_the_page(client, person):
    client.force_login(person("secretary", "branch"), backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("campaigns:calendar")
    assert "还没有订阅地址" in client.get(page).content.decode()
    addresses = []
    for _ in range(2):
        made = client.post(page).content.decode()
        addresses += re.findall(r'value="(http://testserver/calendar/[^"]+\.ics)"', made)
        assert [client.get(each).status_code for each in addresses] == [404] * (len(addresses) - 1) + [200]
    assert len(set(addresses)) == 2
    again = client.get(page).content.decode()
    assert ".ics" not in again
    assert "现在有效" in again
    client.post(reverse("campaigns:calendar_revoke"))
    assert not CalendarFeed.objects.exists()
    assert client.get(addresses[-1]).status_code == 404
