"""A session ends with the person's absence; what was typed does not."""

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts import services
from accounts.models import KeptText, UserSession
from tests.accounts.test_sign_in import PASSWORD, sign_in

User = get_user_model()
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
DESK, SESSIONS, KEEPALIVE = "/desk/", "/accounts/sessions/", "/desk/keepalive/"
FORM = "/accounts/sessions/revoke-others/"  # any form behind sign-in
PAGE = {"HTTP_REFERER": "http://testserver/accounts/sessions/?q=1"}


@pytest.fixture
def user(db):
    return User.objects.create_user("zhangwen", name="张文", password=PASSWORD)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield lambda **ahead: traveller.shift(dt.timedelta(**ahead))


@pytest.fixture
def signed_in(client, user, clock):
    sign_in(client)
    return client


def is_in(client, **headers):
    return client.get(SESSIONS, **headers).status_code == 200


def test_half_an_hour_without_a_person_ends_the_session(signed_in, clock):
    clock(minutes=29)
    assert is_in(signed_in)
    clock(minutes=29)
    assert is_in(signed_in)
    clock(minutes=30)
    assert not is_in(signed_in)
    assert not is_in(signed_in)


def test_pieces_that_refresh_themselves_do_not_keep_it_open(signed_in, clock):
    for _ in range(3):
        clock(minutes=9)
        assert is_in(signed_in, HTTP_X_POLL="1", HTTP_HX_REQUEST="true")
    clock(minutes=3)
    assert not is_in(signed_in)


def test_asking_to_stay_keeps_it_open(signed_in, clock):
    for _ in range(3):
        clock(minutes=25)
        assert signed_in.post(KEEPALIVE).status_code == 204


def test_after_twelve_hours_it_ends_whatever_was_done(signed_in, clock):
    for _ in range(28):
        clock(minutes=25)
        assert is_in(signed_in)
    clock(minutes=20)
    assert not is_in(signed_in)


def test_activity_is_written_at_most_once_a_minute(signed_in, clock, django_assert_max_num_queries):
    clock(seconds=61)
    signed_in.get(KEEPALIVE)
    clock(seconds=58)
    with django_assert_max_num_queries(2):  # the session and the person
        signed_in.post(KEEPALIVE)
    assert UserSession.objects.get(user__isnull=False).seen_at == NOW + dt.timedelta(seconds=61)


def test_a_public_page_asks_nothing_about_the_session(signed_in, clock, django_assert_num_queries):
    clock(hours=1)
    with django_assert_num_queries(0):
        signed_in.get("/healthz")


def test_after_the_time_out_a_page_says_so_and_leads_back(signed_in, clock):
    clock(minutes=31)
    asked = signed_in.get("/accounts/sessions/?q=1")
    assert asked.headers["Location"] == "/accounts/login/?next=%2Faccounts%2Fsessions%2F%3Fq%3D1&ended=1"
    assert "超过 30 分钟没有操作" in signed_in.get(asked.headers["Location"]).content.decode()


def send_late(client, clock, **extra):
    clock(minutes=31)
    typed = {"title": "为民服务承诺", "content": "一、……\n二、……", "password": "secret", "empty": ""}
    return client.post(FORM, typed, **PAGE | extra)


def kept_address(answer):
    return parse_qs(urlsplit(answer.headers.get("Location") or answer.headers["HX-Redirect"]).query)["next"][
        0
    ]


def test_a_form_sent_too_late_is_given_back_after_sign_in(signed_in, clock):
    late = send_late(signed_in, clock)
    assert "刚才填写的内容已经保留" in signed_in.get(late.headers["Location"]).content.decode()
    back = signed_in.post(late.headers["Location"], {"login": "zhangwen", "password": PASSWORD})
    page = signed_in.get(back.headers["Location"]).content.decode()
    assert "为民服务承诺" in page
    assert f'action="{FORM}"' in page
    assert 'href="/accounts/sessions/?q=1"' in page
    assert "secret" not in page
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    assert ("content", "一、……\n二、……") in fields


def test_a_draft_saved_by_script_too_late_is_kept_too(signed_in, clock):
    late = send_late(
        signed_in, clock, HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/desk/pledges/1/"
    )
    assert late.status_code == 200
    kept = KeptText.objects.get()
    assert kept_address(late) == reverse("accounts:kept", args=[kept.pk])
    assert (kept.action, kept.page) == ("", "/desk/pledges/1/")


def test_nobody_else_sees_it(signed_in, clock):
    there = kept_address(send_late(signed_in, clock))
    User.objects.create_user("liwu", name="李武", password=PASSWORD)
    sign_in(signed_in, "liwu")
    assert signed_in.get(there).status_code == 404


def test_it_lasts_a_day_or_until_it_is_cleared(signed_in, clock):
    there = kept_address(send_late(signed_in, clock))
    sign_in(signed_in)
    assert signed_in.get(there).status_code == 200
    assert signed_in.post(there).headers["Location"] == "/accounts/sessions/?q=1"
    assert signed_in.get(there).status_code == 404
    there = kept_address(send_late(signed_in, clock))
    clock(hours=25)
    sign_in(signed_in)
    assert signed_in.get(there).status_code == 404
    services.tidy()
    assert not KeptText.objects.exists()


def test_a_form_from_the_day_before_is_still_recognised(signed_in, clock):
    """The session has long expired; who it belonged to is remembered for a day."""
    clock(hours=20)
    late = signed_in.post(FORM, {"title": "昨天写的"}, **PAGE)
    assert kept_address(late).startswith("/accounts/kept/")
    assert KeptText.objects.get().user.username == "zhangwen"


def test_text_of_nobody_known_is_stored_nowhere_and_shown_at_once(client, db):
    answer = client.post(FORM, {"title": "为民服务承诺", "password": "secret"})
    assert answer.status_code == 403
    assert "为民服务承诺" in answer.content.decode()
    assert "secret" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert not KeptText.objects.exists()


def test_a_page_elsewhere_is_never_the_way_back(signed_in, clock):
    send_late(signed_in, clock, HTTP_REFERER="https://evil.example/desk/")
    assert KeptText.objects.get().page == "/desk/"


def test_a_path_that_reads_as_another_site_is_never_the_way_back(signed_in, clock):
    send_late(signed_in, clock, HTTP_REFERER="http://testserver//evil.example/desk/")
    assert KeptText.objects.get().page == "/%2Fevil.example/desk/"


def test_a_form_without_text_keeps_nothing(signed_in, clock):
    clock(minutes=31)
    late = signed_in.post(FORM, {"password": "secret", "title": " "}, **PAGE)
    assert kept_address(late) == "/accounts/sessions/?q=1"
    assert not KeptText.objects.exists()


def test_a_flood_of_forms_keeps_the_newest_twenty(user):
    for number in range(25):
        services.keep_text(user, [("title", f"第{number}份")], action="/a/", page="/")
    kept = KeptText.objects.order_by("created_at").values_list("fields", flat=True)
    assert [row[0][1] for row in kept] == [f"第{n}份" for n in range(5, 25)]


def test_tidy_forgets_ended_sessions_after_a_day(signed_in, clock):
    services.tidy()
    assert UserSession.objects.filter(user__isnull=False).count() == 1
    clock(hours=37)
    services.tidy()
    assert not UserSession.objects.exists()
