"""The person's own notices: unread first, opened once and for all, nobody else's ever."""

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from notifications import services
from notifications.models import Notice

User = get_user_model()
INDEX = "/desk/notices/"
QUERIES = 5  # session, person, posts, unread count, the page


@pytest.fixture
def reader(db):
    return User.objects.create(username="reader", name="张文", email="reader@example.invalid")


@pytest.fixture
def client(reader):
    client = Client()
    client.force_login(reader)
    return client


def tell(reader, number, *, link="/desk/"):
    for n in range(number):
        services.notify([reader], subject=f"消息{n:03}", key=f"k{n}", link=link)
    first = timezone.now() - dt.timedelta(days=1)
    for notice in Notice.objects.all():
        notice.created_at = first + dt.timedelta(minutes=int(notice.key[1:]))
        notice.save(update_fields=["created_at"])


def shown(client, query=""):
    return re.findall(r"消息\d{3}", client.get(INDEX + query).content.decode())


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_list_costs_the_same_at_any_length(client, reader, number, django_assert_num_queries):
    tell(reader, number)
    with django_assert_num_queries(QUERIES):
        client.get(INDEX)


def test_every_page_shows_how_many_are_unread(client, reader):
    tell(reader, 3)
    assert "3<span" in client.get("/accounts/sessions/").content.decode()


def test_pages_run_through_all_of_them_and_back(client, reader):
    tell(reader, 45)
    seen, page = [], client.get(f"{INDEX}?show=all").content.decode()
    for _ in range(3):
        seen += re.findall(r"消息\d{3}", page)
        older = re.search(r'rel="next" href="([^"]*)"', page)
        page = client.get(INDEX + older.group(1).replace("&amp;", "&")).content.decode() if older else ""
    assert seen == [f"消息{n:03}" for n in range(44, -1, -1)]


def test_the_list_tells_what_a_message_says_without_the_addresses_that_mail_needs(client, reader):
    body = "· 报送活动方案，还有 3 天　/desk/plans/new/\n· 季度进展（一/二），还有 5 天　https://portal.example/desk/"
    services.notify([reader], subject="有 2 项", key="k", body=body, link="/desk/")
    page = client.get(INDEX).content.decode()
    assert "· 报送活动方案，还有 3 天\n· 季度进展（一/二），还有 5 天</span>" in page


def test_opening_leads_to_the_thing_and_marks_it_read(client, reader):
    tell(reader, 2, link="/desk/pledges/7/")
    notice = Notice.objects.get(key="k1")
    assert client.head(f"{INDEX}{notice.pk}/").status_code == 302
    assert shown(client) == ["消息001", "消息000"]
    assert client.get(f"{INDEX}{notice.pk}/").headers["Location"] == "/desk/pledges/7/"
    assert shown(client) == ["消息000"]
    assert shown(client, "?show=all") == ["消息001", "消息000"]


def test_a_notice_without_a_link_opens_by_itself(client, reader):
    services.notify([reader], subject="停机通知", body="今晚八点停机。", key="k")
    assert "今晚八点停机" in client.get(f"{INDEX}{Notice.objects.get().pk}/").content.decode()


def test_a_link_that_browsers_take_for_another_site_is_not_followed(client, reader):
    services.notify([reader], subject="甲", key="k", link="/\\evil.example/")
    assert client.get(f"{INDEX}{Notice.objects.get().pk}/").headers["Location"] == INDEX


def test_all_can_be_marked_read_at_once(client, reader):
    tell(reader, 3)
    assert client.post(f"{INDEX}read-all/").headers["Location"] == INDEX
    assert shown(client) == []


def test_mail_can_be_switched_off_and_on(client, reader):
    client.post(f"{INDEX}mail/", {"wanted": "0"})
    assert User.objects.get(pk=reader.pk).wants_mail is False
    client.post(f"{INDEX}mail/", {"wanted": "1"})
    assert User.objects.get(pk=reader.pk).wants_mail is True


def test_nobody_sees_opens_or_marks_the_notices_of_another(client, reader):
    other = User.objects.create(username="other", name="李武")
    tell(other, 2)
    assert shown(client, "?show=all") == []
    for notice in Notice.objects.all():
        assert client.get(f"{INDEX}{notice.pk}/").status_code == 404
    client.post(f"{INDEX}read-all/")
    assert Notice.objects.unread().count() == 2


@pytest.mark.parametrize("path", ["read-all/", "mail/"])
def test_looking_changes_nothing(client, path):
    assert client.get(INDEX + path).status_code == 405


@pytest.mark.parametrize("query", ["?before=x", "?after=1", "?before=9999999999999999999999-1", "?show=x"])
def test_a_broken_address_is_the_first_page(client, reader, query):
    tell(reader, 1)
    assert client.get(INDEX + query).status_code == 200
