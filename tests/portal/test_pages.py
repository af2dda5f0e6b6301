import json
import re

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.template import loader
from django.test import Client, RequestFactory
from django.urls import reverse

from common.tasks import beat
from portal import navigation, queue_state
from portal.views import errors, health

PUBLIC = ["/", "/accessibility/"]


@pytest.fixture
def secretary(client, person):
    client.force_login(person("secretary", "branch"))
    return client


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_the_same_for_everyone(secretary, path):
    stranger = Client().get(path)
    known = secretary.get(path, headers={"cookie": "size=lg"})
    assert stranger.status_code == 200
    assert stranger.content == known.content
    text = stranger.content.decode()
    assert "csrf" not in text.lower()
    assert "secretary-branch" not in text
    assert "Set-Cookie" not in stranger.headers


@pytest.mark.parametrize("path", [p for p in PUBLIC if p != "/"])
def test_public_pages_ask_the_database_nothing(db, client, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(path)


def test_large_type_without_script(client, db):
    assert b'data-size="lg"' not in client.get("/").content
    large = client.get("/?size=lg").content.decode()
    assert '<html lang="zh-CN" data-size="lg">' in large
    assert 'href="/?size=lg"' in large


def test_large_type_without_script_keeps_what_was_asked_for(client, db):
    def toggle(query):
        page = client.get(f"/organizations/{query}").content.decode()
        return re.search(r'href="([^"]*)" data-size-toggle', page)[1]

    assert toggle("") == "?size=lg"
    assert toggle("?q=%E9%9C%87&page=2") == "?q=%E9%9C%87&amp;page=2&amp;size=lg"
    assert toggle("?q=%E9%9C%87&size=lg&page=2") == "?q=%E9%9C%87&amp;page=2"
    assert toggle("?size=x") == "?size=lg"


def test_large_type_is_remembered_and_never_sends_elsewhere(secretary):
    answer = secretary.get("/size/", {"to": "lg", "next": "/desk/?a=1"})
    assert answer.headers["Location"] == "/desk/?a=1"
    assert 'data-size="lg"' in secretary.get("/desk/").content.decode()
    assert secretary.get("/size/", {"next": "https://example.org/"}).headers["Location"] == "/"
    for elsewhere in ["//example.org/", "abc", "0", "-1", "javascript:alert(1)", "\\\\example.org"]:
        assert secretary.get("/size/", {"next": elsewhere}).headers["Location"] == "/"
    assert 'data-size="lg"' not in secretary.get("/desk/").content.decode()


def test_the_desk_needs_a_sign_in(client, db):
    assert client.get("/desk/").status_code == 302


def test_the_desk_shows_the_person_and_the_post(secretary):
    text = secretary.get("/desk/").content.decode()
    assert "secretary-branch · 书记" in text
    assert "震泽镇财政所党支部" in text
    assert 'aria-current="page"' in text


def test_a_person_of_several_posts_may_choose_one(client, person, chain):
    from organizations.services import appoint
    from tests.conftest import DAY

    user = person("secretary", "branch")
    appoint(user=user, post="liaison", organization=chain["general"], on=DAY)
    client.force_login(user)
    text = client.get("/desk/").content.decode()
    assert "全部职务" in text
    if navigation.url_of("organizations:act_as"):
        assert f'value="liaison@{chain["general"].pk}"' in text


def test_a_person_without_a_post_is_told_what_to_do(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody", name="无职"))
    assert "您还没有任职" in client.get("/desk/").content.decode()


def test_administration_is_shown_to_the_administrator_only(rf, django_user_model):
    entries = (navigation.Entry("audit", "操作记录", "portal:desk", "", navigation._administrator),)
    request = rf.get("/")
    request.user = django_user_model(is_staff=False)
    assert navigation.links(entries, request) == []
    request.user = django_user_model(is_staff=True)
    assert [link.label for link in navigation.links(entries, request)] == ["操作记录"]


@pytest.mark.parametrize("name", ["index", "published", "vetting", "publication_batches", "changes"])
def test_the_pages_beside_the_pledges_stand_under_them_in_the_navigation(secretary, name):
    page = secretary.get(reverse(f"pledges:{name}"))
    current = [link.label for group in page.context["nav"] for link in group.links if link.current]
    assert current == ["公开承诺"]


def test_keepalive_answers_nothing_and_only_to_a_signed_in_person(secretary):
    assert secretary.post(reverse("portal:keepalive")).status_code == 204
    assert Client().post(reverse("portal:keepalive")).status_code == 302


def test_the_component_page_exists_in_the_demo_only(secretary, settings):
    assert "组件" in secretary.get("/desk/style/").content.decode()
    settings.DEMO = False
    assert secretary.get("/desk/style/").status_code == 404


READY = {"database": "up", "pending_migrations": 0, "queue": "up", "worker": "alive"}


def test_health(client, db, monkeypatch):
    assert client.get("/healthz").content == b"ok\n"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert json.loads(ready.content) == READY | {"worker": "silent"}
    beat()
    assert json.loads(client.get("/readyz").content) == READY


def test_without_a_queue_the_pages_are_served_and_it_is_said(client, db, monkeypatch):
    beat()
    monkeypatch.setattr(queue_state, "length", lambda: None)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert json.loads(answer.content) == READY | {"queue": "down"}


def test_asking_often_costs_two_queries(client, db, settings, django_assert_num_queries):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    beat()
    client.get("/readyz")
    with django_assert_num_queries(2):
        assert json.loads(client.get("/readyz").content) == READY
    cache.clear()


def test_not_ready_while_the_database_is_away(client, db, monkeypatch):
    def gone(connection):
        raise OperationalError

    monkeypatch.setattr(health, "MigrationExecutor", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert json.loads(answer.content)["database"] == "down"


def test_a_missing_page_says_what_to_do(client, secretary):
    at_desk = secretary.get("/desk/nowhere/")
    assert at_desk.status_code == 404
    assert "底部导航" in at_desk.content.decode()
    text = Client().get("/nowhere/").content.decode()
    assert "没有找到这个页面" in text
    assert "csrf" not in text.lower()


def test_the_address_of_a_button_opened_by_itself_says_what_it_is(secretary):
    page = secretary.get("/desk/keepalive/", headers={"accept": "text/html"})
    assert page.status_code == 405
    assert page["Allow"] == "POST"
    assert "这个地址不能直接打开" in page.content.decode()
    assert "回工作台" in page.content.decode()


def _posted(**data):
    request = RequestFactory().post("/desk/pledges/1/", data)
    request.id = "r-1"
    return request


def test_a_refusal_gives_the_reason_and_the_typed_text(db):
    answer = errors.permission_denied(
        _posted(content="设立窗口四个"), PermissionDenied("本人报送的承诺不能由本人审核")
    )
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "本人报送的承诺不能由本人审核" in text
    assert "设立窗口四个" in text
    assert "r-1" in text


def test_english_reasons_of_the_framework_are_not_shown(db):
    text = errors.permission_denied(_posted(), PermissionDenied("CSRF check")).content.decode()
    assert "CSRF check" not in text


def test_a_stale_form_loses_nothing_but_passwords(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("secretary", "branch"))
    answer = client.post(reverse("portal:keepalive"), {"content": "<b>承诺</b>", "password1": "geheim"})
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "&lt;b&gt;承诺&lt;/b&gt;" in text
    assert "geheim" not in text
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["password1", "new_password", "login", "csrfmiddlewaretoken"])
def test_what_signs_a_person_in_is_never_shown_again(db, name):
    shown = errors.csrf_failure(_posted(**{name: "geheim", "content": "承诺正文"})).content.decode()
    assert "承诺正文" in shown
    assert "geheim" not in shown


def test_the_error_page_of_a_crash_needs_nothing(settings):
    """No database mark on this test: the page must not touch one."""
    answer = errors.server_error(RequestFactory().get("/desk/"))
    assert answer.status_code == 500
    assert "系统出错了" in answer.content.decode()


@pytest.fixture
def database_away(settings, transactional_db):
    """Every new connection is refused, as by a server that is not there."""
    kept = {**connection.settings_dict}
    connection.close()
    connection.settings_dict.update(HOST="/nowhere", PORT="")
    yield
    connection.close()
    connection.settings_dict.update(kept)


@pytest.mark.parametrize("path", ["/pledges/", "/desk/"])
def test_while_the_database_is_away_visitors_are_asked_to_wait(client, database_away, path):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    answer = client.get(path)
    assert answer.status_code == 503
    assert "暂时无法使用" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["Retry-After"]


def test_what_was_sent_while_the_database_is_away_can_be_copied_out(client, database_away):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    answer = client.post("/desk/pledges/1/edit/", {"title": "刚写的主题", "password1": "geheim"})
    assert answer.status_code == 503
    assert "刚写的主题" in answer.content.decode()
    assert "geheim" not in answer.content.decode()


def test_a_deadlock_is_no_absence_of_the_database(rf):
    class Deadlock(Exception):
        pgcode = "40P01"

    try:
        raise OperationalError from Deadlock()
    except OperationalError:
        answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500


def test_a_bad_request_is_answered_in_chinese(db):
    assert "无法处理" in errors.bad_request(RequestFactory().get("/")).content.decode()


def test_names_a_page_uses_itself_do_not_disturb_the_frame(rf, person):
    request = rf.get("/desk/")
    request.user = person("secretary", "branch")
    own = dict.fromkeys(("site", "tabs", "nav", "size", "unread", "acting", "demo"), "页面自己的")
    text = loader.render_to_string("portal/desk.html", own, request)
    assert "工作台</a>" in text
    assert "全市创先争优活动领导小组办公室" in text
    assert "页面自己的" not in text
