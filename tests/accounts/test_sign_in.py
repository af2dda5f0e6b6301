"""One way in: a name and a password. Nobody signs up, nobody learns which accounts exist."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse

from accounts.models import UserSession
from common.models import Event

User = get_user_model()
LOGIN = "/accounts/login/"
PASSWORD = "Right-pass-1"


@pytest.fixture
def user(db):
    return User.objects.create_user("zhangwen", name="张文", password=PASSWORD)


def sign_in(client, username="zhangwen", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": username, "password": password}, **extra)


def kinds():
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def test_the_right_password_opens_the_desk(client, user):
    assert sign_in(client).headers["Location"] == reverse("portal:desk")
    assert client.get(reverse("portal:desk")).status_code == 200
    event = Event.objects.get(kind="user.sign_in")
    assert (event.actor, event.address, len(event.request_id)) == (user, "127.0.0.1", 32)


def test_after_sign_in_the_page_that_was_asked_for_opens(client, user):
    asked = client.get("/desk/")
    assert asked.headers["Location"] == "/accounts/login/?next=%2Fdesk%2F&ended=1"
    there = client.post(f"{LOGIN}?next=/accounts/sessions/", {"login": "zhangwen", "password": PASSWORD})
    assert there.headers["Location"] == "/accounts/sessions/"


def test_nobody_is_led_out_of_the_site(client, user):
    there = client.post(f"{LOGIN}?next=https://evil.example/", {"login": "zhangwen", "password": PASSWORD})
    assert there.headers["Location"] == reverse("portal:desk")


def test_the_session_has_a_new_key_after_sign_in(client, user):
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = session.session_key
    sign_in(client)
    assert client.session.session_key != session.session_key
    assert not UserSession.objects.filter(session_key=session.session_key).exists()


def test_a_wrong_password_and_an_unknown_account_get_the_same_page(client, user):
    def page(username):
        answer = sign_in(client, username, "Wrong-pass-1")
        body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        return answer.status_code, body.replace(username, "NAME")

    assert page("zhangwen") == page("nobody")


def test_a_disabled_account_looks_like_a_wrong_password(client, user):
    User.objects.update(is_active=False)
    assert "账号或密码不正确" in sign_in(client).content.decode()


def test_failures_are_on_record_for_accounts_that_exist(client, user):
    sign_in(client, password="Wrong-pass-1")
    sign_in(client, "Wrong-pass-1", "typed into the wrong field")
    event = Event.objects.get()
    assert (event.kind, event.actor, event.subject_id) == ("user.fail_sign_in", None, str(user.pk))


@pytest.mark.parametrize(
    "path", ["signup/", "password/reset/", "email/", "reauthenticate/", "login/code/", ""]
)
def test_nothing_else_of_the_sign_in_library_has_an_address(client, db, path):
    assert client.get(f"/accounts/{path}").status_code == 404
    assert client.post(f"/accounts/{path}", {"username": "x", "password1": PASSWORD}).status_code == 404


def test_sign_up_has_no_name_either():
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


def test_signing_out_ends_the_session_and_empties_the_browser(client, user):
    sign_in(client)
    key = client.session.session_key
    answer = client.post("/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not UserSession.objects.filter(session_key=key).exists()
    assert client.get("/desk/").status_code == 302
    assert kinds() == ["user.sign_in", "user.sign_out"]


def test_looking_at_the_sign_out_page_signs_nobody_out(client, user):
    sign_in(client)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/desk/").status_code == 200


def test_the_demo_offers_its_accounts_and_production_offers_none(client, db, settings):
    settings.DEMO_ACCOUNTS, settings.DEMO_PASSWORD = f"{__name__}.OFFERED", f"{__name__}.PASSWORD"
    assert "震泽镇财政所党支部书记" in client.get(LOGIN).content.decode()
    settings.DEMO = False
    assert "震泽镇财政所党支部书记" not in client.get(LOGIN).content.decode()


OFFERED = [("zhangwen", "党支部书记", "震泽镇财政所党支部书记")]


@pytest.mark.parametrize("password", ["Abzdef13", "abc-1234-x", "张ABCDEF12a"])
def test_three_of_four_classes_and_eight_characters_are_enough(password, user):
    validate_password(password, user)


@pytest.mark.parametrize("password", ["Abc-12", "abcdefgh1", "12345678-", "Zhangwen1", "Password1"])
def test_short_plain_personal_and_common_passwords_are_refused(password, user):
    with pytest.raises(ValidationError):
        validate_password(password, user)
