"""The password is the person's own; every device that is signed in can be seen and ended."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.models import UserSession
from common.models import Event
from tests.accounts.test_sign_in import PASSWORD, sign_in

User = get_user_model()
CHANGE, SESSIONS = "/accounts/password/change/", "/accounts/sessions/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0 Safari/537.36"
LIST_QUERIES = 5  # session, person, posts, unread notices, the list
NEW = "Brand-new-2"


@pytest.fixture
def user(db):
    return User.objects.create_user("zhangwen", name="张文", password=PASSWORD)


@pytest.fixture
def here(user):
    client = Client(REMOTE_ADDR="192.0.2.1", HTTP_USER_AGENT=CHROME)
    sign_in(client)
    return client


@pytest.fixture
def there(user):
    client = Client(REMOTE_ADDR="192.0.2.2")
    sign_in(client)
    return client


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": again or new})


def is_in(client):
    return client.get(SESSIONS).status_code == 200


def test_a_first_password_opens_nothing_but_the_page_to_change_it(here, user):
    User.objects.update(must_change_password=True)
    for path in ["/desk/", SESSIONS, "/accounts/kept/00000000-0000-0000-0000-000000000000/"]:
        assert here.get(path).headers["Location"] == CHANGE
    assert here.get("/desk/", HTTP_HX_REQUEST="true").headers["HX-Redirect"] == CHANGE
    assert here.get(CHANGE).status_code == 200
    assert change(here).headers["Location"] == "/desk/"
    assert here.get("/desk/").status_code == 200


def test_with_a_first_password_one_may_leave_and_look_at_public_pages(here, user):
    User.objects.update(must_change_password=True)
    assert here.get("/").status_code == 200
    assert here.post("/accounts/logout/").headers["Location"] == "/"


def test_a_new_password_ends_every_other_session_and_keeps_this_one(here, there, user):
    change(here)
    assert is_in(here) and not is_in(there)
    assert sign_in(Client(), password=NEW).headers["Location"] == "/desk/"
    assert list(UserSession.objects.filter(session_key=there.cookies["sessionid"].value)) == []
    assert Event.objects.filter(kind="user.change_password", actor=user).count() == 1


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"old": "Wrong-pass-1"}, "当前密码不正确"),
        ({"again": "Brand-new-3"}, "必须"),
        ({"new": PASSWORD}, "不能与当前密码相同"),
        ({"new": "short-1"}, "至少"),
    ],
)
def test_a_password_that_does_not_do_says_why_and_changes_nothing(here, user, given, complaint):
    answer = change(here, **given)
    assert complaint in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_disabled_person_is_out_with_the_next_click(here, user):
    User.objects.update(is_active=False)
    assert not is_in(here)


def test_the_list_shows_every_device_once_and_this_one_first(here, there):
    page = here.get(SESSIONS).content.decode()
    assert page.index("192.0.2.1") < page.index("192.0.2.2")
    assert "Chrome 浏览器，Windows 电脑" in page
    assert here.cookies["sessionid"].value not in page
    assert there.cookies["sessionid"].value not in page


def test_another_device_can_be_ended(here, there, user):
    other = UserSession.objects.get(session_key=there.cookies["sessionid"].value)
    here.post(f"{SESSIONS}{other.handle}/revoke/")
    assert is_in(here) and not is_in(there)
    event = Event.objects.get(kind="user.revoke_session")
    assert (event.actor, event.detail["signed_in_from"]) == (user, "192.0.2.2")
    here.post(f"{SESSIONS}{other.handle}/revoke/")
    assert Event.objects.filter(kind="user.revoke_session").count() == 1


def test_all_others_can_be_ended_at_once(here, there):
    here.post(f"{SESSIONS}revoke-others/")
    assert is_in(here) and not is_in(there)


def test_this_device_leaves_by_signing_out(here):
    mine = UserSession.objects.get(user__isnull=False)
    here.post(f"{SESSIONS}{mine.handle}/revoke/")
    assert is_in(here)


def test_nobody_sees_or_ends_the_sessions_of_another(here, user):
    User.objects.create_user("liwu", name="李武", password=PASSWORD)
    stranger = Client(REMOTE_ADDR="192.0.2.3")
    sign_in(stranger, "liwu")
    mine = UserSession.objects.get(user=user)
    assert "192.0.2.1" not in stranger.get(SESSIONS).content.decode()
    stranger.post(f"{SESSIONS}{mine.handle}/revoke/")
    stranger.post(f"{SESSIONS}revoke-others/")
    assert is_in(here)


def test_the_list_costs_the_same_for_any_number_of_devices(here, user, django_assert_num_queries):
    for number in range(3):
        with django_assert_num_queries(LIST_QUERIES):
            here.get(SESSIONS)
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number + 10}"))
