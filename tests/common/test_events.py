"""The audit says who, from which post, from where, what changed and why, and nobody edits it afterwards.

The outbox hands every event to its receivers; one that fails holds up nobody.
"""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from common import events
from common.context import Origin, coming_from
from common.models import MAX_ATTEMPTS, Delivery, Event


@pytest.fixture
def secretary(person):
    return person("secretary", "branch")


@pytest.fixture
def receivers(monkeypatch):
    """Only the receivers of this test."""
    empty = type(events._receivers)(list)
    monkeypatch.setattr(events, "_receivers", empty)
    return empty


@pytest.fixture(autouse=True)
def nothing_before(request):
    """What the cast of the tests has done is delivered before the test begins."""
    if "chain" in request.fixturenames:
        request.getfixturevalue("chain")
        Delivery.objects.update(delivered_at=timezone.now())


def later():
    Delivery.objects.pending().update(retry_at=timezone.now() - timedelta(seconds=1))


def test_a_row_says_everything(secretary, chain):
    with coming_from(Origin("f" * 32, "192.0.2.7")):
        event = events.record(
            chain["branch"],
            "rename",
            by=secretary,
            before={"name": "旧名"},
            after={"name": "新名", "on": timezone.localdate()},
            reason="更名批复",
            document="吴创组办〔2010〕12号",
        )
    event.refresh_from_db()
    assert event.kind == "organization.rename"
    assert event.verb == "rename"
    assert event.actor == secretary
    assert event.post == "震泽镇财政所党支部 书记"
    assert (event.request_id, event.address) == ("f" * 32, "192.0.2.7")
    assert event.before == {"name": "旧名"}
    assert event.after == {"name": "新名", "on": timezone.localdate().isoformat()}
    assert (event.reason, event.detail) == ("更名批复", {"document": "吴创组办〔2010〕12号"})
    assert (event.subject_id, event.subject_name) == (str(chain["branch"].pk), str(chain["branch"]))
    assert timezone.now() - event.created_at < timedelta(seconds=10)


@pytest.mark.django_db(transaction=True)
def test_there_is_no_event_that_nobody_will_deliver(chain, monkeypatch):
    """Also where no service holds a transaction open: a sign-in, an export."""
    monkeypatch.setattr(Delivery.objects, "create", lambda **fields: 1 / 0)
    before = Event.objects.count()
    with pytest.raises(ZeroDivisionError):
        events.record(chain["branch"], "expire", by=None)
    assert Event.objects.count() == before


def test_what_the_clock_does_has_no_actor_and_no_post(chain):
    event = events.record(chain["branch"], "expire", by=None)
    assert (event.actor, event.post, event.request_id, event.address) == (None, "", "", None)


def test_a_request_leaves_its_number_and_address(client, secretary):
    answer = client.post(
        "/accounts/login/", {"login": secretary.username, "password": "Test-pass-1"}, REMOTE_ADDR="192.0.2.8"
    )
    event = Event.objects.get(kind="user.sign_in")
    assert (event.request_id, event.address) == (answer.headers["X-Request-ID"], "192.0.2.8")


def test_an_event_of_a_rolled_back_change_never_was(chain, secretary):
    with pytest.raises(RuntimeError), transaction.atomic():
        events.record(chain["branch"], "rename", by=secretary)
        raise RuntimeError
    assert not Event.objects.filter(kind="organization.rename").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE common_event SET reason = ''",
        "UPDATE common_event SET actor_id = NULL WHERE false OR id > 0",
        "DELETE FROM common_event",
        "TRUNCATE common_event CASCADE",
    ],
)
def test_nobody_changes_the_audit(sql, chain, secretary):
    events.record(chain["branch"], "rename", by=secretary)
    with connection.cursor() as cursor:
        # the tests themselves empty tables; within this transaction the table is as in production
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE common_event ENABLE TRIGGER common_event_no_truncate")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert Event.objects.filter(kind="organization.rename").count() == 1


def test_the_orm_changes_it_no_more_than_sql_does(chain, secretary):
    event = events.record(chain["branch"], "rename", by=secretary)
    event.reason = "later"
    for change in [event.save, event.delete, lambda: Event.objects.update(reason="later")]:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_person_on_record_cannot_be_deleted(chain, secretary):
    events.record(chain["branch"], "rename", by=secretary)
    with pytest.raises(Exception, match="protected"):
        secretary.delete()


def test_each_receiver_of_the_kind_is_called_once(chain, receivers):
    seen = []
    events.subscribe("organization.rename", "organization.merge")(lambda e: seen.append(("a", e.verb)))
    events.subscribe("organization.rename")(lambda e: seen.append(("b", e.verb)))
    for verb in ["rename", "merge", "dissolve"]:
        events.record(chain["branch"], verb, by=None)
    assert events.relay() == 3
    assert events.relay() == 0
    assert seen == [("a", "rename"), ("b", "rename"), ("a", "merge")]


def test_a_failing_receiver_holds_up_nobody(chain, receivers):
    seen = []

    @events.subscribe("organization.rename")
    def failing(event):
        raise ZeroDivisionError("13912345678 called")

    events.subscribe("organization.merge")(lambda event: seen.append(event.pk))
    bad = events.record(chain["branch"], "rename", by=None)
    good = [events.record(chain["branch"], "merge", by=None).pk for _ in range(3)]
    assert events.relay() == 3
    assert seen == good
    letter = Delivery.objects.get(event=bad)
    assert (letter.attempts, letter.error) == (1, "ZeroDivisionError: 139****5678 called")


def test_what_a_failing_receiver_wrote_is_undone(chain, receivers):
    @events.subscribe("organization.rename")
    def failing(event):
        events.record(chain["branch"], "half", by=None)
        raise ZeroDivisionError

    events.record(chain["branch"], "rename", by=None)
    events.relay()
    assert not Event.objects.filter(kind="organization.half").exists()


def test_a_receiver_that_breaks_its_transaction_is_postponed_too(chain, receivers):
    @events.subscribe("organization.rename")
    def failing(event):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    event = events.record(chain["branch"], "rename", by=None)
    assert events.relay() == 0
    assert Delivery.objects.get(event=event).error == "DataError: division by zero"


def test_attempts_come_less_and_less_often(chain, receivers):
    events.subscribe("organization.rename")(lambda event: 1 / 0)
    event = events.record(chain["branch"], "rename", by=None)
    waits = []
    for _ in range(4):
        events.relay()
        delivery = Delivery.objects.get(event=event)
        waits.append(round((delivery.retry_at - timezone.now()).total_seconds() / 60))
        later()
    assert waits == [2, 4, 8, 16]


def test_after_ten_attempts_a_letter_is_dead_until_it_is_revived(chain, secretary, receivers):
    outcome = [ZeroDivisionError]

    @events.subscribe("organization.rename")
    def failing(event):
        if outcome:
            raise outcome[0]

    event = events.record(chain["branch"], "rename", by=None)
    for _ in range(MAX_ATTEMPTS):
        later()
        events.relay()
    dead = Delivery.objects.dead().get()
    assert (dead.event, dead.attempts) == (event, MAX_ATTEMPTS)
    later()
    assert events.relay() == 0
    outcome.clear()
    events.revive(dead, by=secretary)
    events.revive(dead, by=secretary)  # a second click does nothing more
    assert events.relay() == 2  # the letter, and the event that tells of its revival
    assert Event.objects.get(kind="delivery.revive").actor == secretary


def test_a_dead_letter_can_be_given_up(chain, secretary, receivers):
    event = events.record(chain["branch"], "rename", by=None)
    Delivery.objects.filter(event=event).update(is_dead=True)
    events.dismiss(event.delivery, by=secretary)
    assert not Delivery.objects.dead().exists()
    assert Event.objects.get(kind="delivery.dismiss").subject_id == str(event.pk)


def test_json_of_an_event_is_readable_chinese(chain):
    events.record(chain["branch"], "rename", by=None, after={"name": "新名"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT after::text FROM common_event WHERE kind = 'organization.rename'")
        assert json.loads(cursor.fetchone()[0]) == {"name": "新名"}
