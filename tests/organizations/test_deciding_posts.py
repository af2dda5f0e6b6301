"""Who resets a password may sign in with it: the posts that decide are in nobody's hand at the same organization."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import UserSession
from chuangxian.matrix import MATRIX
from common.models import Event
from notifications.models import Notice
from organizations.access import may
from organizations.appointing import fillable
from organizations.posts import DECIDING, Post
from organizations.services import (
    account_refusal,
    appoint,
    disable_account,
    open_account,
    relieve,
    reset_password,
)

User = get_user_model()
DECIDES = [
    "pledges.submit_pledge",
    "pledges.approve_pledge",
    "pledges.propose_pledge",
    "pledges.publish_pledge",
    "organizations.view_audit",
]
ORDINARY = set(Post) - DECIDING


@pytest.fixture
def administrator(db):
    return User.objects.create_superuser("admin", name="潘守正", password="Test-pass-1")


@pytest.fixture
def newcomer(db):
    return User.objects.create_user("newcomer", name="钱新民", password="Test-pass-1")


def test_every_post_with_a_deciding_right_is_named():
    assert {post for permission in DECIDES for post in MATRIX[permission]} <= DECIDING


def test_who_fills_which_post_where(chain, person, administrator):
    """(who, where held, at which organization) -> the posts in their hand, by hand."""
    everything = set(Post)
    for post in ["office", "office_director"]:
        for at, place, expected in [
            ("city", "city", ORDINARY),
            ("city", "committee", everything),
            ("city", "branch", everything),
            ("committee", "city", set()),
            ("committee", "committee", ORDINARY),
            ("committee", "branch", everything),
            ("committee", "neighbour", set()),
            ("neighbour", "foreign", everything),
        ]:
            assert set(fillable(person(post, at), chain[place])) == expected, (post, at, place)
    for place in chain:
        assert set(fillable(administrator, chain[place])) == (everything if place == "city" else set())
        for post in set(Post) - {Post.OFFICE, Post.OFFICE_DIRECTOR}:
            assert fillable(person(post, "committee"), chain[place]) == []


@pytest.mark.parametrize("post", sorted(DECIDING))
@pytest.mark.parametrize("clerk", ["office", "office_director"])
def test_the_office_cannot_become_those_who_decide_beside_it(chain, person, newcomer, clerk, post):
    by, place = person(clerk, "committee"), chain["committee"]
    person("office", "city")
    for attempt in [
        lambda: appoint(user=newcomer, post=post, organization=place, by=by),
        lambda: open_account(
            username="second.me", name="张伟", post=post, organization=place, on=timezone.localdate(), by=by
        ),
    ]:
        with pytest.raises(PermissionDenied, match="最近的是中共吴江市委员会 领导小组办公室"):
            attempt()
    if (post, clerk) == ("office_director", "office_director"):
        return
    holder = person(post, "committee")
    for attempt in [
        lambda: reset_password(holder, by=by),
        lambda: disable_account(holder, by=by),
        lambda: relieve(holder.appointments.get(), by=by),
    ]:
        with pytest.raises(PermissionDenied, match="由上级党组织的领导小组办公室办理"):
            attempt()
    assert User.objects.get(pk=holder.pk).check_password("Test-pass-1")
    assert not User.objects.filter(username="second.me").exists()
    assert reset_password(holder, by=person("office", "city"))


def test_on_the_person_whoever_also_holds_a_post_there_leaves_it_to_a_colleague(chain, person):
    """Office of the city and director of the committee: he would approve what its secretary, he too, vetted."""
    both, secretary = person("office", "city"), person("secretary", "committee")
    assert account_refusal(both, secretary) is None
    appoint(user=both, post="office_director", organization=chain["committee"])
    both = User.objects.get(pk=both.pk)
    assert "由上级党组织的领导小组办公室办理" in account_refusal(both, secretary)
    assert account_refusal(person("office_director", "city"), secretary) is None


def test_the_root_is_the_system_administrators(chain, person, administrator, newcomer):
    director, clerk = person("office_director", "city"), person("office", "city")
    for by in [clerk, person("office", "committee")]:
        with pytest.raises(PermissionDenied, match="系统管理员办理|共同的上级"):
            reset_password(director, by=by)
    appoint(user=director, post="liaison", organization=chain["branch"])  # whatever else is held below
    assert reset_password(director, by=administrator)
    appoint(user=newcomer, post="secretary", organization=chain["city"], by=administrator)
    with pytest.raises(PermissionDenied):
        appoint(user=newcomer, post="secretary", organization=chain["committee"], by=administrator)
    with pytest.raises(PermissionDenied):
        reset_password(person("secretary", "committee"), by=administrator)
    assert not may(administrator, "pledges.view_pledge", chain["city"])


def test_an_administrator_with_a_post_is_none(chain, person):
    clerk = person("office", "city")
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    assert set(fillable(User.objects.get(pk=clerk.pk), chain["city"])) == ORDINARY


class TestPages:
    def test_the_administrator_finds_the_way_and_replaces_the_secretary(
        self, chain, client, person, administrator
    ):
        old = person("secretary", "city")
        client.force_login(administrator)
        there = reverse("organizations:posts", args=[chain["city"].pk])
        assert f'href="{there}"' in client.get(reverse("portal:system")).content.decode()
        assert reverse("organizations:person", args=[old.pk]) in client.get(there).content.decode()
        to = reverse("organizations:appoint", args=[chain["city"].pk, "account"])
        typed = {"name": "张伟", "username": "zhangwei", "post": "secretary", "on": timezone.localdate()}
        assert client.post(to, typed).status_code == 422
        answer = client.post(to, typed | {"replacing": "on"}, follow=True)
        assert "首次密码" in answer.content.decode()
        assert may(User.objects.get(username="zhangwei"), "pledges.propose_pledge", chain["city"])
        page = client.get(reverse("organizations:person", args=[old.pk])).content.decode()
        assert "重置密码" in page
        assert "有哪些权限" not in page

    def test_the_office_is_offered_what_it_may_give_and_told_who_gives_the_rest(self, chain, client, person):
        director = person("office_director", "committee")
        client.force_login(person("office", "committee"))
        to = reverse("organizations:appoint", args=[chain["committee"].pk, "appoint"])
        page = client.get(to).content.decode()
        assert 'value="liaison"' in page
        assert 'value="office_director"' not in page
        asked = {"person": "office-committee", "post": "office_director", "on": timezone.localdate()}
        answer = client.post(to, asked)
        assert answer.status_code == 422
        assert "由上级党组织的领导小组办公室办理" in str(answer.context["form"].errors["post"])
        there = client.get(reverse("organizations:posts", args=[chain["committee"].pk])).content.decode()
        assert "由上级党组织的领导小组办公室办理" in there
        given = director.appointments.get()
        assert reverse("organizations:relieve", args=[given.pk]) not in there
        page = client.get(reverse("organizations:person", args=[director.pk])).content.decode()
        assert "由上级党组织的领导小组办公室办理" in page
        assert reverse("organizations:account", args=[director.pk, "reset"]) not in page


def test_a_reset_ends_every_session_and_is_told_and_on_record(chain, client, person, relay):
    secretary, clerk = person("secretary", "branch"), person("office", "city")
    client.force_login(secretary)
    assert client.get(reverse("portal:desk")).status_code == 200
    reset_password(User.objects.get(pk=secretary.pk), by=clerk)
    assert not UserSession.objects.filter(user=secretary).exists()
    assert client.get(reverse("portal:desk")).status_code == 302
    event = Event.objects.get(kind="organization.reset_password")
    assert (event.actor, event.place_id, event.post) == (
        clerk,
        chain["branch"].pk,
        "中共吴江市委员会 领导小组办公室",
    )
    relay()
    relay()
    notice = Notice.objects.get(recipient=secretary)
    assert "office-city（中共吴江市委员会 领导小组办公室）重置了您的密码" in notice.body
