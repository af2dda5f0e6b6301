"""Who is told: a batch is one notice a person; new holders and new superiors learn what waits for them."""

import datetime as dt

import pytest

from common import events
from common.models import Event
from notifications.models import Notice
from organizations.services import affiliate, appoint, merge
from pledges import services
from pledges.models import Pledge, PledgeItem
from pledges.receivers import handover, member

pytestmark = pytest.mark.django_db
CAST = [
    ("secretary", "branch"),
    ("deputy_secretary", "branch"),
    ("liaison", "branch"),
    ("secretary", "general"),
    ("liaison", "general"),
    ("secretary", "committee"),
    ("secretary", "neighbour"),
    ("office", "city"),
    ("office_director", "city"),
]
TODAY = dt.date(2010, 9, 1)


@pytest.fixture
def told(person, relay):
    """told() -> {username: [subjects]} of what was told since the last time."""
    for who in CAST:
        person(*who)

    def since():
        relay()
        found = {}
        for notice in Notice.objects.order_by("pk").select_related("recipient"):
            found.setdefault(notice.recipient.username, []).append(notice.subject)
        Notice.objects.all().delete()
        return found

    since()
    return since


def test_a_batch_is_one_notice_a_person_all_the_way(write, person, also, told):
    users = {name: person("group_member", at) for name, at in [("陈实", "foreign"), ("陆平", "sibling")]}
    pks = [write(name=f"沈{n}").pk for n in range(10)] + [write(name=n, user=u).pk for n, u in users.items()]
    rows, items = Pledge.objects.filter(pk__in=pks), PledgeItem.objects.filter(pledge__in=pks)
    told()
    services.submit_all(rows, by=person("liaison", "branch"))
    asked = ["请审定：震泽镇财政所党支部的党员承诺（12 份）"]
    assert told() == {"secretary-branch": asked, "deputy_secretary-branch": asked}
    services.vet_all(items, "approve", by=person("deputy_secretary", "branch"))
    settled = ["党员承诺已审定，可以申请公开：震泽镇财政所党支部（12 份）"]
    assert told() == {"secretary-branch": settled, "liaison-branch": settled}
    services.propose_all(rows, scope="outside", by=person("liaison", "branch"))
    review = ["请作保密审查：震泽镇财政所党支部的党员承诺（12 份）"]
    assert told() == {
        "deputy_secretary-branch": review,
        "secretary-general": review,
        "liaison-general": review,
    }
    services.clear_all(rows, by=person("liaison", "general"))
    assert told() == {"secretary-branch": ["请批准公开：震泽镇财政所党支部的党员承诺（12 份）"]}
    services.publish_all(rows, by=person("secretary", "branch"))
    mine = ["您的公开承诺已公开"]
    assert told() == {"group_member-foreign": mine, "group_member-sibling": mine}


def test_a_return_tells_the_member_and_whoever_wrote_it(write, person, told):
    user = person("group_member", "foreign")
    pledge = write(name="陈实", user=user)
    services.submit(pledge, by=person("liaison", "branch"))
    told()
    services.vet(
        pledge,
        {pledge.items.get().key: services.Verdict(False, "写明户数")},
        by=person("deputy_secretary", "branch"),
    )
    events.relay()
    assert "第1项：写明户数" in Notice.objects.get(recipient=user).body
    assert told() == {
        "group_member-foreign": ["您的公开承诺被退回，请修改"],
        "liaison-branch": ["党员承诺被退回，请修改：陈实"],
    }


def test_telling_twice_tells_once(write, person, told, relay):
    pks = [write(name=f"沈{n}").pk for n in range(3)]
    services.submit_all(Pledge.objects.filter(pk__in=pks), by=person("liaison", "branch"))
    relay()
    before = Notice.objects.count()
    for event in Event.objects.filter(kind="pledge.submit"):
        member.tell(event)
    assert Notice.objects.count() == before


def test_taking_back_and_withdrawing(member_in, person, told):
    pledge = member_in("proposed")
    services.recall(pledge, by=person("liaison", "branch"), reason="时限要改")
    found = told()
    assert set(found) == {"deputy_secretary-branch", "secretary-general", "liaison-general"}
    assert found["secretary-general"] == ["震泽镇财政所党支部收回了党员承诺，暂不需办理：沈清"]
    other = member_in("cleared", name="陆平")
    services.publish(other, by=person("secretary", "branch"))
    told()
    services.withdraw(other, by=person("office_director", "city"), reason="数字有误")
    assert told() == {"liaison-branch": ["党员承诺已从公开页面撤下：陆平"]}


# -- posts and superiors change --------------------------------------------------------------------


def test_a_new_holder_gets_one_notice_of_all_that_waits(member_in, person, told, chain):
    for n in range(3):
        member_in("submitted", name=f"沈{n}")
    member_in("proposed", name="陆平")
    fresh = person("group_member", "foreign")
    told()
    appoint(user=fresh, post="deputy_secretary", organization=chain["branch"], on=TODAY)
    appoint(user=fresh, post="liaison", organization=chain["sibling"], on=TODAY)  # nothing waits there
    appoint(user=fresh, post="liaison", organization=chain["foreign"], on=TODAY + dt.timedelta(days=9))
    assert told() == {
        "group_member-foreign": ["您已任震泽镇财政所党支部副书记，有 4 件事等您办理"],
    }


def test_after_a_move_the_new_superior_and_those_who_filed_are_told(
    member_in, pledge_in, person, told, chain, django_assert_max_num_queries
):
    pledge_in("submitted")  # the branch's own
    member_in("submitted", name="陆平", is_leading=True)
    member_in("submitted", name="沈清")  # vetted at home: nothing changes for it
    office = person("office", "city")
    told()
    affiliate(chain["branch"], superior=chain["neighbour"], on=TODAY, by=office, reason="体制调整")
    assert told() == {
        "secretary-neighbour": ["隶属关系变动，2 件报送的事项转由您办理"],
        "secretary-branch": ["隶属关系变动，报送的 2 件事项转由新的上级办理"],
        "deputy_secretary-branch": ["隶属关系变动，报送的 1 件事项转由新的上级办理"],
        "liaison-branch": ["隶属关系变动，报送的 1 件事项转由新的上级办理"],
    }
    event = Event.objects.get(kind="organization.affiliate")
    handover.tell_after_a_move(event)
    handover.tell_after_a_move(event)
    assert Notice.objects.count() == 4


def test_after_the_superior_was_merged_its_successor_is_told(pledge_in, person, told, chain):
    pledge_in("submitted")
    told()
    merge(chain["general"], into=chain["committee"], on=TODAY, by=person("office", "city"))
    found = told()
    assert found["secretary-committee"] == ["隶属关系变动，1 件报送的事项转由您办理"]
    assert found["secretary-branch"] == ["隶属关系变动，报送的 1 件事项转由新的上级办理"]


def test_what_a_merged_branch_had_filed_is_told_to_the_successors_superior(pledge_in, person, told, chain):
    pledge_in("submitted")
    told()
    merge(chain["branch"], into=chain["foreign"], on=TODAY, by=person("office", "city"))
    found = told()
    assert found["secretary-neighbour"] == [
        "“震泽镇财政所党支部”并入“丝绸市场第一党支部”，它报送的承诺转由您办理"
    ]
    assert "secretary-general" not in found
