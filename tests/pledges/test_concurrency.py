"""Two real connections at once: one wins, the other is told."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from common.models import Event
from common.states import IllegalStep, StepRefused
from pledges import services
from pledges.models import LIVE, DraftBuffer, Pledge, Publication

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run the acts in threads of their own, started together; what each returned or raised."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        gate.wait()
        try:
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def lost(outcomes):
    return [type(each) for each in outcomes if isinstance(each, Exception)]


def test_of_two_directors_one_publishes(person, pledge_in):
    pledge = pledge_in("cleared", scope="outside")
    directors = [person("office_director", place) for place in ("general", "committee", "city")]
    outcomes = at_once(*(lambda by=by: services.publish(pledge, by=by) for by in directors))
    assert lost(outcomes) == [IllegalStep, IllegalStep]
    assert Publication.objects.count() == 1
    assert Event.objects.filter(kind="pledge.publish").count() == 1


def test_approving_while_it_is_taken_back(person, pledge_in):
    pledge = pledge_in("submitted")
    superior, secretary = person("secretary", "general"), person("secretary", "branch")
    outcomes = at_once(
        lambda: services.approve(pledge, by=superior, version=pledge.version),
        lambda: services.recall(pledge, by=secretary, reason="改一处", version=pledge.version),
    )
    # approved first and taken back after that is an honest order as well
    assert lost(outcomes) in ([IllegalStep], [])
    assert Pledge.objects.get().state == "returned"


def test_publishing_and_declining_at_once(person, pledge_in):
    pledge = pledge_in("cleared", scope="outside")
    one, other = person("office_director", "general"), person("office_director", "city")
    outcomes = at_once(
        lambda: services.publish(pledge, by=one),
        lambda: services.decline(pledge, by=other, reason="不宜公开"),
    )
    assert lost(outcomes) == [IllegalStep]
    assert Publication.objects.count() == (Pledge.objects.get().state == "published")


def test_taking_down_while_a_change_is_approved(person, pledge_in, text):
    director, secretary = person("office_director", "city"), person("secretary", "branch")
    pledge = services.publish(pledge_in("cleared", scope="outside"), by=director)
    wanted = text(title="财政窗口十分钟办结")
    change = services.request_change(Publication.objects.get(), wanted, by=secretary, reason="提速")
    outcomes = at_once(
        lambda: services.approve_change(change, by=person("office_director", "committee")),
        lambda: services.withdraw(pledge, by=director, reason="内容有误"),
    )
    # approved first is an honest order as well: both versions are taken down then
    assert lost(outcomes) in ([StepRefused], [])
    assert Pledge.objects.get().state == "withdrawn"
    assert not Publication.objects.filter(withdrawn_at=None).exists()
    assert not pledge.changes.open().exists()


def test_of_two_who_decide_one_change_one_is_heard(person, pledge_in, text):
    director, secretary = person("office_director", "city"), person("secretary", "branch")
    services.publish(pledge_in("cleared", scope="outside"), by=director)
    wanted = text(title="财政窗口十分钟办结")
    change = services.request_change(Publication.objects.get(), wanted, by=secretary, reason="提速")
    outcomes = at_once(
        lambda: services.approve_change(change, by=person("office_director", "committee")),
        lambda: services.refuse_change(change, by=director, reason="依据不足"),
        lambda: services.recall_change(change, by=secretary),
    )
    assert lost(outcomes) == [IllegalStep, IllegalStep]
    assert Publication.objects.filter(LIVE).count() == 1


def test_two_saves_on_one_version(person, draft, text):
    people = [person("secretary", "branch"), person("liaison", "branch")]
    outcomes = at_once(
        *(
            lambda n=n, by=by: services.save(draft, text(title=f"第{n}人"), version=2, by=by)
            for n, by in enumerate(people)
        )
    )
    assert lost(outcomes) == [services.Conflict]
    assert Pledge.objects.get().version == 3


def test_two_clicks_on_new_are_one_draft(person, chain, phase):
    secretary = person("secretary", "branch")
    outcomes = at_once(
        *(lambda: services.create_draft(chain["branch"], phase, by=secretary) for _ in range(4))
    )
    assert lost(outcomes) == []
    assert Pledge.objects.count() == 1


def test_eight_clicks_on_submit_are_one_submission(person, draft):
    secretary = person("secretary", "branch")
    outcomes = at_once(*(lambda: services.submit(draft, by=secretary, version=2) for _ in range(8)))
    assert set(lost(outcomes)) == {IllegalStep}
    assert len(lost(outcomes)) == 7
    assert Event.objects.filter(kind="pledge.submit").count() == 1


@pytest.mark.parametrize("meanwhile", ["submit", "discard"])
def test_a_packet_that_arrives_while_the_draft_is_filed_or_thrown_away(meanwhile, person, draft, text):
    secretary, liaison = person("secretary", "branch"), person("liaison", "branch")
    outcome = []

    def typing():
        outcome.extend(
            at_once(lambda: services.buffer(draft, text(), base_version=2, sequence=1, by=liaison))
        )

    thread = threading.Thread(target=typing)
    with transaction.atomic():
        getattr(services, meanwhile)(draft_again(draft), by=secretary)
        thread.start()
        thread.join(1)
        assert thread.is_alive(), "it waits for what happens to the pledge"
    thread.join(30)
    assert lost(outcome) == [PermissionDenied]
    assert not DraftBuffer.objects.exists()


def draft_again(draft):
    """Another object of the same row, as another request has it."""
    return Pledge.objects.get(pk=draft.pk)


def test_saving_while_it_is_submitted(person, draft, text):
    secretary, liaison = person("secretary", "branch"), person("liaison", "branch")
    outcomes = at_once(
        lambda: services.submit(draft, by=secretary, version=2),
        lambda: services.save(draft, text(title="联络员改"), version=2, by=liaison),
    )
    assert lost(outcomes) == [StepRefused]
