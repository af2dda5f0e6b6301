"""Who is told of what. The chain: city > committee > general branch > branch; the pledge is the branch's."""

import pytest

from notifications.models import Notice
from organizations.services import relieve
from pledges import services
from pledges.models import Pledge

CAST = [
    ("secretary", "branch"),
    ("liaison", "branch"),
    ("deputy_secretary", "branch"),
    ("secretary", "general"),
    ("secretary", "committee"),
    ("secretary", "sibling"),
    ("office_director", "city"),
    ("office_director", "neighbour"),
    ("office", "city"),
]


@pytest.fixture
def told(person, relay):
    """told() -> {(post, place): [subjects]} of what was told since the last time."""
    for who in CAST:
        person(*who)

    def since():
        relay()
        found = {}
        for notice in Notice.objects.order_by("pk"):
            found.setdefault(notice.recipient.username, []).append(notice.subject.split("：")[0])
        Notice.objects.all().delete()
        return found

    since()
    return since


def test_each_step_tells_whoever_is_next(person, draft, told):
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    director = person("office_director", "city")
    services.submit(draft, by=secretary)
    assert told() == {"secretary-general": ["请审定"]}
    services.return_(draft, by=superior, reason="请写明次数")
    assert told() == {"secretary-branch": ["承诺被退回，请修改"]}
    services.submit(draft, by=secretary)
    services.approve(draft, by=superior)
    told()
    services.propose(draft, by=secretary, scope="outside")
    assert told() == {"office-city": ["请作保密审查"]}
    services.clear(draft, by=person("office", "city"))
    assert told() == {"office_director-city": ["请审批公开"]}
    services.publish(draft, by=director)
    assert told() == {"secretary-branch": ["承诺已公开"]}
    services.withdraw(draft, by=director, reason="数字有误")
    assert told() == {"secretary-branch": ["承诺已从公开页面撤下"]}


def test_the_reason_and_the_link_are_in_the_notice(person, draft, relay):
    services.submit(draft, by=person("secretary", "branch"))
    services.return_(draft, by=person("secretary", "general"), reason="请写明次数")
    relay()
    notice = Notice.objects.get(recipient__username="secretary-branch", subject__startswith="承诺被退回")
    assert "请写明次数" in notice.body
    assert notice.link == draft.get_absolute_url()


def test_a_liaison_who_wrote_is_told_and_one_who_did_not_is_not(person, draft, text, told):
    services.save(draft, text(title="窗口十分钟办结"), version=draft.version, by=person("liaison", "branch"))
    services.submit(draft, by=person("secretary", "branch"))
    services.return_(draft, by=person("secretary", "general"), reason="请写明次数")
    assert sorted(told()) == ["liaison-branch", "secretary-branch", "secretary-general"]


def test_who_has_left_is_not_told(person, draft, text, told):
    liaison = person("liaison", "branch")
    services.save(draft, text(title="窗口十分钟办结"), version=draft.version, by=liaison)
    services.submit(draft, by=person("secretary", "branch"))
    relieve(liaison.appointments.get())
    services.return_(draft, by=person("secretary", "general"), reason="请写明次数")
    assert sorted(told()) == ["secretary-branch", "secretary-general"]


def test_taking_back_tells_those_who_were_waiting(person, draft, told):
    services.submit(draft, by=person("secretary", "branch"))
    told()
    services.recall(draft, by=person("secretary", "branch"), reason="时限要改")
    assert list(told()) == ["secretary-general"]


def test_telling_twice_tells_once(person, draft, relay):
    from common.models import Event
    from pledges.receivers.pledge import tell

    services.submit(draft, by=person("secretary", "branch"))
    person("secretary", "general")
    event = Event.objects.get(kind="pledge.submit")
    tell(event)
    tell(event)
    assert Notice.objects.filter(recipient__username="secretary-general").count() == 1


def test_a_discarded_draft_troubles_nobody(person, draft, relay):
    services.discard(draft, by=person("secretary", "branch"))
    relay()
    assert not Pledge.objects.exists()
    assert not Notice.objects.filter(link=draft.get_absolute_url()).exists()
