"""The roster in the browser: who sees whom, phones hidden until asked for, forms that work without script."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import Event
from organizations.models import Member
from organizations.services import add_member, transfer_member
from tests.conftest import DAY
from tests.organizations.pages import TODAY, text, url
from tests.organizations.test_organizations import MEMBER, MOVE

TYPED = {
    "name": "李秀兰",
    "sex": "f",
    "ethnicity": "汉族",
    "birth_month": "1980-02",
    "joined_on": "2005-07-01",
    "service": "serving",
    "phone": "139 0000 0002",
}


@pytest.fixture
def member(chain):
    return add_member(chain["branch"], values=MEMBER | {"phone": "13900009999"}, on=DAY, by=None)


@pytest.fixture
def stranger(chain):
    return add_member(chain["foreign"], values=MEMBER | {"name": "外人甲"}, on=DAY, by=None)


def test_only_those_within_reach_are_listed_and_counted(at_desk, member, stranger):
    page = text(at_desk("secretary", "committee").get(url("members")))
    assert "王建国" in page
    assert "外人甲" not in page
    assert "共 1 名党员" in page
    assert "13900009999" not in page
    assert "139****9999" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "建国"}, True),
        ({"name": "秀兰"}, False),
        ({"standing": "probationary"}, False),
        ({"service": "serving"}, True),
        ({"mobile": "1"}, False),
        ({"mobile": "0"}, True),
        ({"organization": "", "organization_q": "机关党总支"}, True),
        ({"organization": "", "organization_q": "文化站"}, False),
        ({"organization": "", "organization_q": "东方丝绸"}, False),  # out of reach: unknown
    ],
)
def test_filters(at_desk, member, asked, found):
    answer = at_desk("secretary", "committee").get(url("members"), asked)
    assert ("王建国" in text(answer)) is found


@pytest.mark.parametrize("name", ["member", "member_edit"])
def test_a_member_out_of_reach_does_not_exist(at_desk, stranger, name):
    assert at_desk("secretary", "committee").get(url(name, stranger.pk)).status_code == 404


@pytest.mark.parametrize("step", ["transfer", "leave", "confirm"])
def test_steps_out_of_reach_do_not_exist_and_within_sight_only_are_forbidden(at_desk, member, stranger, step):
    client = at_desk("secretary", "committee")
    before = Event.objects.count()
    assert client.post(url("member_step", stranger.pk, step), {"on": TODAY}).status_code == 404
    assert client.post(url("member_step", member.pk, step), {"on": TODAY}).status_code == 403
    assert Event.objects.count() == before
    assert client.get(url("member_step", member.pk, "explode")).status_code == 404


def test_the_whole_phone_is_one_click_and_on_record(at_desk, member):
    client = at_desk("secretary", "branch")
    assert "13900009999" not in text(client.get(url("member", member.pk)))
    assert client.get(url("member_phone", member.pk)).status_code == 405
    answer = client.post(url("member_phone", member.pk))
    assert "13900009999" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.filter(kind="member.show_phone").count() == 1
    assert at_desk("deputy_secretary", "general").post(url("member_phone", member.pk)).status_code == 403


def test_the_edit_form_neither_shows_nor_loses_the_phone(at_desk, member):
    client = at_desk("secretary", "branch")
    page = client.get(url("member_edit", member.pk))
    assert "13900009999" not in text(page)
    assert len(page.context["form"].fields) <= 12
    assert client.post(url("member_edit", member.pk), TYPED | {"phone": ""}).status_code == 302
    member.refresh_from_db()
    assert (member.name, member.phone) == ("李秀兰", "13900009999")
    assert client.post(url("member_edit", member.pk), TYPED | {"phone": "abc"}).status_code == 422


def test_adding_a_member(chain, at_desk):
    client = at_desk("liaison", "branch")
    to = url("member_add", chain["branch"].pk)
    form = client.get(to).context["form"]
    assert len(form.fields) <= 12
    typed = TYPED | {"standing": "probationary", "on": TODAY}
    wrong = client.post(to, typed | {"confirmed_on": "2006-07-01"})
    assert wrong.status_code == 422
    assert "预备党员还没有转正日期" in text(wrong)
    assert client.post(to, typed).status_code == 302
    new = Member.objects.get(name="李秀兰")
    assert (new.birth_month, new.phone, new.standing) == (dt.date(1980, 2, 1), "13900000002", "probationary")
    assert client.get(url("member_add", chain["sibling"].pk)).status_code == 403


def test_no_field_from_outside_the_form_is_taken(chain, at_desk, member, stranger):
    forged = TYPED | {
        "organization": chain["foreign"].pk,
        "left_on": TODAY,
        "left_reason": "died",
        "user": 1,
        "standing": "probationary",
    }
    at_desk("secretary", "branch").post(url("member_edit", member.pk), forged)
    member.refresh_from_db()
    assert (member.organization, member.left_on, member.standing) == (chain["branch"], None, "full")


def test_a_transfer_is_typed_without_script_within_reach_only(chain, at_desk, member):
    client = at_desk("office", "committee")
    to = url("member_step", member.pk, "transfer")
    away = client.post(to, {"to": "", "to_q": "丝绸市场第一党支部", "on": TODAY})
    assert away.status_code == 422
    assert client.post(to, {"to": "", "to_q": "文化站", "on": TODAY}).status_code == 302
    member.refresh_from_db()
    assert member.organization == chain["sibling"]


def test_who_keeps_one_roster_is_offered_no_transfer_and_opens_none(at_desk, member):
    client = at_desk("secretary", "branch")
    to = url("member_step", member.pk, "transfer")
    assert to not in text(client.get(url("member", member.pk)))
    for answer in (client.get(to), client.post(to, {"to": "", "to_q": "文化站", "on": TODAY})):
        assert answer.status_code == 403
        assert "请联系上级党组织的办公室" in text(answer)
    client = at_desk("office", "committee")
    assert to in text(client.get(url("member", member.pk)))
    assert client.get(to).status_code == 200


def test_a_branch_of_no_days_is_not_in_the_history(chain, at_desk, member):
    transfer_member(member, to=chain["sibling"], on=DAY, by=None)
    shown = at_desk("office", "committee").get(url("member", member.pk))
    assert [row.organization for row in shown.context["history"]] == [chain["sibling"]]


def test_after_a_transfer_the_former_branch_no_longer_sees_the_member(chain, at_desk, member):
    client = at_desk("secretary", "branch")
    assert client.get(url("member", member.pk)).status_code == 200
    transfer_member(member, to=chain["foreign"], on=MOVE, by=None)
    assert client.get(url("member", member.pk)).status_code == 404


def test_leaving_asks_for_a_reason(at_desk, member):
    client = at_desk("secretary", "branch")
    to = url("member_step", member.pk, "leave")
    assert client.post(to, {"on": TODAY, "reason": ""}).status_code == 422
    assert client.post(to, {"on": TODAY, "reason": "moved_away"}).status_code == 302
    assert "组织关系转出本市" in text(client.get(url("member", member.pk)))


def test_as_many_queries_for_three_members_as_for_one(chain, at_desk, member, django_assert_num_queries):
    client = at_desk("office", "city")
    client.get(url("members"))
    with CaptureQueriesContext(connection) as one:
        client.get(url("members"))
    add_member(chain["sibling"], values=MEMBER, on=DAY, by=None)
    add_member(chain["foreign"], values=MEMBER, on=DAY, by=None)
    with django_assert_num_queries(len(one)):
        client.get(url("members"))
