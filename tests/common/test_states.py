"""A workflow is a table: buttons, refusals, the record and the diagram all come from its rows."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.utils import timezone

from common.models import Delivery, Event
from common.states import Flow, IllegalStep, ReasonMissing, Step, StepRefused
from pledges.models import Pledge
from pledges.services import create_draft

DRAFT, SUBMITTED, APPROVED = "draft", "submitted", "approved"


def not_on_friday(user, pledge):
    return "今天是周五，明天再办。" if getattr(user, "is_friday", False) else None


def never_asked(user, pledge):
    raise AssertionError("the first objection is enough")


FLOW = Flow(
    Step("submit", "提交", frozenset({DRAFT}), SUBMITTED, "pledges.submit_pledge"),
    Step(
        "return",
        "退回",
        frozenset({SUBMITTED}),
        DRAFT,
        "pledges.approve_pledge",
        needs_reason=True,
        guards=(not_on_friday,),
    ),
    Step("approve", "通过", frozenset({SUBMITTED}), APPROVED, "pledges.approve_pledge"),
)


@pytest.fixture
def pledge(chain, phase, person, time_machine):
    time_machine.move_to(dt.datetime(2010, 9, 1, 9, 0, tzinfo=dt.UTC))
    return create_draft(chain["branch"], phase, by=person("secretary", "branch"))


@pytest.fixture
def author(person):
    return person("secretary", "branch")


@pytest.fixture
def superior(person):
    return person("secretary", "general")


def submit(pledge, author, **changes):
    """The database wants to know who filed it and when; Flow.take saves that with the state."""
    filed = {"submitted_at": timezone.now(), "submitted_by": author}
    return FLOW.take("submit", pledge, by=author, changes=filed | changes, note="附注")


def names(steps):
    return [step.name for step in steps]


def state(pledge):
    return Pledge.objects.get(pk=pledge.pk).state


def test_the_buttons_are_the_steps_that_state_and_post_allow(pledge, author, superior):
    assert names(FLOW.open_to(author, pledge)) == ["submit"]
    assert names(FLOW.open_to(superior, pledge)) == []
    pledge.state = SUBMITTED
    assert names(FLOW.open_to(author, pledge)) == []
    assert names(FLOW.open_to(superior, pledge)) == ["return", "approve"]


def test_what_the_post_would_allow_and_the_person_may_not_is_explained(pledge, superior):
    pledge.state, superior.is_friday = SUBMITTED, True
    assert names(FLOW.open_to(superior, pledge)) == ["approve"]
    assert [(step.name, why) for step, why in FLOW.refused_to(superior, pledge)] == [
        ("return", "今天是周五，明天再办。")
    ]


def test_a_step_moves_and_is_on_record_with_its_delivery(pledge, author):
    moved = submit(pledge, author, version=7)
    assert (moved.state, moved.version, state(pledge)) == (SUBMITTED, 7, SUBMITTED)
    event = Event.objects.get(kind="pledge.submit")
    assert (event.before, event.after) == ({"state": DRAFT}, {"state": SUBMITTED})
    assert (event.actor, event.post) == (author, "震泽镇财政所党支部 书记")
    assert event.detail == {"note": "附注"}
    assert Delivery.objects.pending().filter(event=event).exists()


def test_a_reason_is_asked_for_and_kept(pledge, author, superior):
    submit(pledge, author)
    with pytest.raises(ReasonMissing):
        FLOW.take("return", pledge, by=superior, reason="  ")
    FLOW.take("return", pledge, by=superior, reason=" 期限不清 ")
    assert Event.objects.get(kind="pledge.return").reason == "期限不清"


@pytest.mark.parametrize(
    ("step", "who", "refusal"),
    [
        ("submit", "superior", PermissionDenied),
        ("approve", "superior", IllegalStep),
        ("approve", "author", PermissionDenied),
    ],
)
def test_a_refused_step_leaves_nothing_behind(pledge, author, superior, step, who, refusal):
    before = Event.objects.count()
    with pytest.raises(refusal):
        FLOW.take(step, pledge, by={"author": author, "superior": superior}[who])
    assert (state(pledge), Event.objects.count()) == (DRAFT, before)


def test_a_guard_refuses_in_the_step_and_not_only_in_the_button(pledge, author, superior):
    submit(pledge, author)
    superior.is_friday = True
    with pytest.raises(StepRefused, match="周五"):
        FLOW.take("return", pledge, by=superior, reason="期限不清")
    assert state(pledge) == SUBMITTED


def test_permission_is_asked_before_the_state_so_that_strangers_learn_nothing(pledge, person):
    for step in FLOW:
        with pytest.raises(PermissionDenied):
            FLOW.take(step.name, pledge, by=person("secretary", "foreign"), reason="x")


def test_the_first_objection_is_enough(pledge, author):
    step = Step("x", "x", frozenset({DRAFT}), DRAFT, "p", guards=(lambda u, o: "不行。", never_asked))
    assert step.refusal(author, pledge) == "不行。"


def test_the_state_that_counts_is_the_one_in_the_database(pledge, author):
    stale = Pledge.objects.get(pk=pledge.pk)
    submit(pledge, author)
    with pytest.raises(IllegalStep):
        FLOW.take("submit", stale, by=author)


def test_an_unknown_step_is_a_mistake_of_ours(pledge, author):
    assert "vanish" not in FLOW
    with pytest.raises(KeyError):
        FLOW.take("vanish", pledge, by=author)


@pytest.mark.django_db(transaction=True)
def test_of_those_who_press_at_once_one_wins_and_the_others_are_told(pledge, author, superior):
    submit(pledge, author)
    outcomes, start = [], threading.Barrier(4)

    def press():
        start.wait()
        try:
            FLOW.take("approve", pledge, by=superior)
            outcomes.append("won")
        except IllegalStep:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["told", "told", "told", "won"]
    assert Event.objects.filter(kind="pledge.approve").count() == 1


def test_the_diagram_says_what_people_see():
    class States(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审定"
        APPROVED = "approved", "已审定"

    assert FLOW.diagram(States, "draft").splitlines() == [
        "stateDiagram-v2",
        '    state "草稿" as draft',
        '    state "待审定" as submitted',
        '    state "已审定" as approved',
        "    [*] --> draft",
        "    draft --> submitted: 提交",
        "    submitted --> draft: 退回",
        "    submitted --> approved: 通过",
    ]
