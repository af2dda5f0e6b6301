"""What becomes of an organization's pledges when it is merged into another: branch into sibling, by the city's office."""

import datetime as dt
import threading

import pytest
from django.db import connections, transaction

from common.models import Event
from common.states import StepRefused
from notifications.models import Notice
from organizations.services import appoint, merge
from pledges import services
from pledges.flow import PledgeState
from pledges.models import Exemption, Pledge, Publication
from pledges.receivers.pledge import hand_over
from pledges.texts import text_of
from tests.pledges.conftest import fresh

ON = dt.date(2010, 9, 1)
S = PledgeState
MOVES = [S.DRAFT, S.SUBMITTED, S.RETURNED, S.APPROVED, S.PROPOSED, S.CLEARED]


@pytest.fixture
def merged(chain, person, relay):
    """merged("branch", "sibling"): by the office, and the worker has heard of it."""

    def make(what="branch", into="sibling"):
        merge(chain[what], into=chain[into], on=ON, by=person("office", "city"), reason="机构改革")
        relay()

    return make


def told(who):
    return list(Notice.objects.filter(recipient__username=who, key__startswith="pledge-hand-over"))


def readers(pledge, *users):
    return [u.username for u in users if Pledge.objects.visible_to(fresh(u)).filter(pk=pledge.pk).exists()]


@pytest.mark.parametrize("state", MOVES)
def test_what_is_unfinished_goes_to_the_successor_as_it_is(state, chain, person, pledge_in, merged):
    heir, superior = person("secretary", "sibling"), person("secretary", "general")
    pledge = pledge_in(state)
    before = text_of(pledge)
    assert readers(pledge, heir) == []
    merged()
    pledge.refresh_from_db()
    assert (pledge.organization, pledge.state, text_of(pledge)) == (chain["sibling"], state, before)
    assert pledge.hands == [person("secretary", "branch").pk]
    assert "文化站" in pledge.body
    assert readers(pledge, heir) == [heir.username]
    assert readers(pledge, superior) == ([] if state == S.DRAFT else [superior.username])
    event = Event.objects.get(kind="pledge.hand_over")
    assert (event.subject_id, event.place_id) == (str(pledge.pk), chain["sibling"].pk)
    assert (event.before["organization"], event.after["organization"]) == (
        chain["branch"].pk,
        chain["sibling"].pk,
    )
    assert event.reason == "“震泽镇财政所党支部”并入“震泽镇文化站党支部”：机构改革"
    assert (event.actor, event.post) == (person("office", "city"), "中共吴江市委员会 领导小组办公室")


@pytest.mark.parametrize("state", [S.PUBLISHED, S.WITHDRAWN])
def test_what_has_been_public_stays_with_the_history_of_the_merged_one(
    state, chain, person, published, merged
):
    if state == S.WITHDRAWN:
        services.withdraw(published, by=person("office_director", "city"), reason="数字有误")
    person("secretary", "sibling")
    merged()
    published.refresh_from_db()
    assert (published.organization, published.state) == (chain["branch"], state)
    assert Publication.objects.get().organization == chain["branch"]
    assert not Event.objects.filter(kind="pledge.hand_over").exists()
    assert told("secretary-sibling") == []


def test_the_successor_finishes_what_was_begun(chain, person, draft, merged):
    merged()
    heir = person("secretary", "sibling")
    services.submit(draft, by=heir)
    services.approve(draft, by=person("secretary", "general"))
    services.propose(draft, by=heir, scope="outside")
    services.clear(draft, by=person("office", "city"))
    services.publish(draft, by=person("office_director", "city"))
    assert Publication.objects.get().organization_name == "震泽镇文化站党支部"


def test_who_wrote_it_at_the_merged_one_does_not_approve_it_later(chain, person, pledge_in, merged):
    pledge = pledge_in(S.SUBMITTED)
    merged()
    writer = person("secretary", "branch")
    appoint(user=writer, post="secretary", organization=chain["general"], on=ON)
    with pytest.raises(StepRefused, match="您起草、修改或报送过"):
        services.approve(pledge, by=fresh(writer))


def test_the_successors_secretary_is_told_once_with_all_of_them(
    chain, person, phase, pledge_in, text, merged
):
    author = person("secretary", "branch")
    person("secretary", "sibling")
    pledge_in(S.SUBMITTED)
    second = services.create_draft(chain["branch"], phase, by=author)
    services.save(second, text(title="送政策上门"), version=1, by=author)
    merged()
    (notice,) = told("secretary-sibling")
    assert notice.subject == "“震泽镇财政所党支部”并入，2 份未办结的承诺转由本组织办理"
    assert notice.body.splitlines() == ["财政窗口十五分钟办结（待审定）", "送政策上门（草稿）"]
    assert told("secretary-branch") == told("secretary-general") == []


def test_handing_over_twice_hands_over_once(person, draft, merged):
    person("secretary", "sibling")
    merged()
    hand_over(Event.objects.get(kind="organization.merge"))
    assert Event.objects.filter(kind="pledge.hand_over").count() == 1
    assert len(told("secretary-sibling")) == 1


def test_a_successor_that_is_merged_before_the_news_came_passes_it_on(chain, person, draft, merged):
    """The first event is heard after the second merger, as after a worker's long pause."""
    merge(chain["branch"], into=chain["sibling"], on=ON, by=person("office", "city"))
    person("secretary", "foreign")
    merged("sibling", "foreign")
    draft.refresh_from_db()
    assert draft.organization == chain["foreign"]
    assert len(told("secretary-foreign")) == 1


def test_a_successor_that_files_no_pledges_takes_none(chain, draft, merged):
    merged("branch", "dangzu")
    draft.refresh_from_db()
    assert draft.organization == chain["branch"]


def test_the_history_of_the_pledge_says_where_it_came_from(person, draft, merged, client):
    merged()
    client.force_login(person("secretary", "sibling"))
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "随并入转来" in page
    assert "“震泽镇财政所党支部”并入“震泽镇文化站党支部”" in page


@pytest.mark.django_db(transaction=True)
def test_nothing_is_drafted_behind_the_back_of_a_merger(chain, person, phase, relay):
    """The secretary's click waits for the merger and is then refused, instead of leaving a draft to nobody."""
    # the posts of this request were read before the merger ended them
    author, office = fresh(person("secretary", "branch")), person("office", "city")
    outcome = []

    def click():
        try:
            outcome.append(services.create_draft(chain["branch"], phase, by=author))
        except StepRefused as refused:
            outcome.append(str(refused))
        finally:
            connections.close_all()

    clicked = threading.Thread(target=click)
    with transaction.atomic():
        merge(chain["branch"], into=chain["sibling"], on=ON, by=office)
        clicked.start()
        clicked.join(0.5)
        assert outcome == []
    clicked.join(10)
    assert outcome == ["该组织已撤销，不再报送承诺。"]
    assert not Pledge.objects.exists()


def test_members_pledges_and_exemptions_go_with_the_branch(chain, person, member, promise, phase, merged):
    ours, exempt = promise(state="submitted"), member("顾阿大")
    Exemption.objects.create(
        member=exempt,
        organization=chain["branch"],
        phase=phase,
        kind="frail",
        reason="年老体弱",
        recorded_by=person("secretary", "branch"),
    )
    merged()
    ours.refresh_from_db()
    assert (ours.organization, ours.state) == (chain["sibling"], "submitted")
    assert Exemption.objects.get().organization == chain["sibling"]
    heir = person("secretary", "sibling")
    assert services.approve(ours, by=heir).state == "approved"
