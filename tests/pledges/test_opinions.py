"""群众意见: who may do what with one, its term, its code, and that nothing says who left it."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from common.models import Event
from common.states import IllegalStep, ReasonMissing, StepRefused
from notifications.models import Notice
from organizations.posts import Post
from organizations.services import dissolve, merge
from pledges import services as pledge_services
from pledges.flow import OPINION_FLOW, OpinionState
from pledges.models import Opinion, OpinionContact, Publication
from pledges.models.opinion import CODE_LENGTH, digest_of, new_code
from pledges.queries.opinions import opinion_duties
from pledges.services import opinions
from pledges.tasks import tend_opinions
from tests.pledges.conftest import fresh

PLACES = ["branch", "general", "committee", "city", "sibling", "neighbour", "foreign"]
# The opinion is on the branch's pledge: city > committee > general branch > branch. Everything unlisted is refused.
BUTTONS = {
    ("received", "secretary", "branch"): {"answer", "forward", "close"},
    ("answered", "secretary", "branch"): {"correct", "publish"},
    ("answer_published", "secretary", "branch"): {"withdraw"},
    ("answer_published", "office_director", "general"): {"withdraw"},
    ("answer_published", "office_director", "committee"): {"withdraw"},
    ("answer_published", "office_director", "city"): {"withdraw"},
    ("closed", "secretary", "general"): {"reopen"},
    ("closed", "office_director", "general"): {"reopen"},
    ("closed", "office_director", "committee"): {"reopen"},
    ("closed", "office_director", "city"): {"reopen"},
}
# (state, step) -> where it leads; every other pair is refused.
STEPS = {
    ("received", "answer"): "answered",
    ("received", "forward"): "received",
    ("received", "close"): "closed",
    ("answered", "correct"): "answered",
    ("answered", "publish"): "answer_published",
    ("answer_published", "withdraw"): "answered",
    ("closed", "reopen"): "received",
}


@pytest.fixture
def publication(published):
    return Publication.objects.get()


@pytest.fixture
def leave(publication):
    def make(text="窗口还是要等半小时", **said):
        return opinions.receive(publication, text=text, **said)[0]

    return make


@pytest.fixture
def take(person, chain):
    """take("answer", opinion, by=…): one step by whoever may take it."""

    def step(verb, opinion, by=None):
        home, above = person("secretary", "branch"), person("secretary", "general")
        by = by or (above if verb == "reopen" else home)
        return {
            "answer": lambda: opinions.answer(opinion, "已加开一个窗口。", version=opinion.version, by=by),
            "forward": lambda: opinions.forward(opinion, chain["sibling"], reason="由文化站办理", by=by),
            "close": lambda: opinions.close(opinion, "abusive", by=by),
            "correct": lambda: opinions.correct(opinion, "已加开两个窗口。", reason="数字写错", by=by),
            "publish": lambda: opinions.publish(opinion, with_text=False, by=by),
            "withdraw": lambda: opinions.withdraw(opinion, reason="写到了人名", by=by),
            "reopen": lambda: opinions.reopen(opinion, reason="应当答复", by=by),
        }[verb]()

    return step


@pytest.fixture
def opinion_in(leave, take):
    def make(state):
        opinion = leave()
        for verb in {
            "answered": ["answer"],
            "answer_published": ["answer", "publish"],
            "closed": ["close"],
        }.get(state, []):
            opinion = take(verb, opinion)
        return Opinion.objects.get(pk=opinion.pk)

    return make


def names(steps):
    return {step.name for step in steps}


def told():
    return {
        (n.recipient.username, n.subject.split("，")[0])
        for n in Notice.objects.filter(key__startswith="opinion")
    }


# -- the flow -----------------------------------------------------------------------------------


def test_every_button_and_no_other(person, opinion_in):
    shown = {}
    for state in OpinionState.values:
        opinion = opinion_in(state)
        for post, place in itertools.product(Post.values, PLACES):
            if found := names(OPINION_FLOW.open_to(person(post, place), opinion)):
                shown[state, post, place] = found
    assert shown == BUTTONS


@pytest.mark.parametrize(
    ("state", "verb"), list(itertools.product(OpinionState.values, sorted(names(OPINION_FLOW))))
)
def test_every_step_from_every_state(state, verb, opinion_in, take):
    opinion = opinion_in(state)
    events = Event.objects.about(opinion).count()
    if target := STEPS.get((state, verb)):
        take(verb, opinion)
        assert Opinion.objects.get().state == target
        assert Event.objects.about(opinion).count() == events + 1
    else:
        with pytest.raises(IllegalStep):
            take(verb, opinion)
        assert (Opinion.objects.get().state, Event.objects.about(opinion).count()) == (state, events)


@pytest.mark.parametrize(("state", "verb"), sorted(STEPS))
def test_without_the_post_no_step_is_taken(state, verb, person, opinion_in, take):
    opinion = opinion_in(state)
    for post, place in [("liaison", "branch"), ("deputy_secretary", "branch"), ("secretary", "neighbour")]:
        with pytest.raises(PermissionDenied):
            take(verb, opinion, by=person(post, place))
    assert Opinion.objects.get().state == state


def test_a_reason_is_asked_for(person, chain, opinion_in):
    home = person("secretary", "branch")
    with pytest.raises(ReasonMissing):
        opinions.forward(opinion_in("received"), chain["sibling"], reason=" ", by=home)


def test_an_answer_is_corrected_once_and_the_record_keeps_what_it_said(opinion_in, take):
    opinion = take("correct", opinion_in("answered"))
    assert Event.objects.get(kind="opinion.correct").detail["earlier"] == "已加开一个窗口。"
    with pytest.raises(StepRefused, match="更正过一次"):
        take("correct", opinion)


def test_deputy_and_liaison_draft_and_the_second_of_two_writers_sees_the_first(person, leave):
    opinion = leave()
    opinions.save_draft(opinion, "正在核实。", version=1, by=person("liaison", "branch"))
    with pytest.raises(opinions.AnswerConflict) as conflict:
        opinions.answer(opinion, "不知道。", version=1, by=person("secretary", "branch"))
    assert conflict.value.theirs.answer == "正在核实。"
    with pytest.raises(PermissionDenied):
        opinions.save_draft(opinion, "代拟", version=2, by=person("secretary", "general"))
    opinions.answer(opinion, "已核实。", version=2, by=person("secretary", "branch"))
    assert Opinion.objects.get().answer == "已核实。"


# -- the term -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (dt.date(2010, 9, 1), dt.date(2010, 9, 15)),
        # 30 April to 4 May 2022 were free, Sunday 24 April and Saturday 7 May were worked
        (dt.date(2022, 4, 21), dt.date(2022, 5, 7)),
        (dt.date(2022, 4, 29), dt.date(2022, 5, 17)),
    ],
)
def test_ten_working_days_skip_holidays_and_count_make_up_days(received, due, leave, time_machine):
    time_machine.move_to(dt.datetime.combine(received, dt.time(4), dt.UTC))
    opinion = leave()
    assert (opinion.received_on, opinion.due_on, opinion.is_estimate) == (received, due, False)
    assert not opinion.is_overdue(due)
    assert opinion.is_overdue(due + dt.timedelta(days=1))


def test_beyond_the_known_holidays_the_date_says_it_is_an_estimate(leave, time_machine):
    time_machine.move_to(dt.datetime(2060, 3, 1, 4, tzinfo=dt.UTC))
    assert leave().is_estimate


def test_what_is_late_is_told_to_the_superior_once(person, leave, relay, time_machine):
    for post, place in [("secretary", "general"), ("secretary", "committee"), ("liaison", "branch")]:
        person(post, place)
    leave(text="canary意见")
    tend_opinions()
    relay()
    assert told() == {("secretary-branch", "收到一条群众意见"), ("liaison-branch", "收到一条群众意见")}
    assert not Notice.objects.filter(body__contains="canary").exists()
    time_machine.move_to(dt.datetime(2010, 9, 20, 4, tzinfo=dt.UTC))  # the night after the 15th was missed
    for _ in range(2):
        tend_opinions()
        relay()
    late = Notice.objects.filter(subject__contains="逾期未答复")
    assert [notice.recipient.username for notice in late] == ["secretary-general"]


def test_the_desk_of_each_says_what_waits(person, leave, django_assert_num_queries):
    leave()
    day = dt.date(2010, 9, 1)
    (duty,) = opinion_duties(person("liaison", "branch"), day)
    assert (duty.label, duty.title, duty.tone) == ("待答复", "1 条群众意见等待答复", "warn")
    assert opinion_duties(person("secretary", "general"), day) == []
    leave()
    (duty,) = opinion_duties(person("secretary", "general"), dt.date(2010, 9, 16))
    assert (duty.label, duty.title) == ("下级逾期", "2 条群众意见逾期未答复，请督促")
    assert opinion_duties(person("secretary", "committee"), dt.date(2010, 9, 16)) == []


# -- forwarding, merging ------------------------------------------------------------------------


def test_forwarding_tells_both_and_leaves_the_term_as_it_is(person, leave, take, relay):
    for post, place in [("liaison", "branch"), ("secretary", "sibling")]:
        person(post, place)
    opinion = leave(name="王女士", reach="13900001234")
    due = opinion.due_on
    opinions.save_draft(opinion, "内部意见", version=1, by=person("secretary", "branch"))
    take("forward", Opinion.objects.get())
    relay()
    assert told() == {
        ("secretary-sibling", "震泽镇财政所党支部转来一条群众意见"),
        ("secretary-branch", "一条群众意见已转由震泽镇文化站党支部办理"),
        ("liaison-branch", "一条群众意见已转由震泽镇文化站党支部办理"),
    }
    opinion.refresh_from_db()
    assert (opinion.organization.code, opinion.due_on, opinion.answer) == ("sibling", due, "")
    seen = lambda *who: Opinion.objects.visible_to(fresh(person(*who))).exists()  # noqa: E731
    assert (seen("secretary", "sibling"), seen("secretary", "branch")) == (True, False)
    assert Event.objects.get(kind="opinion.forward").post == "震泽镇财政所党支部 书记"


def test_after_a_merger_the_successor_answers_also_what_comes_later(person, chain, leave, relay):
    first = leave()
    person("secretary", "sibling")
    merge(chain["branch"], into=chain["sibling"], on=dt.date(2010, 9, 1), by=person("office", "city"))
    relay()
    first.refresh_from_db()
    assert first.organization == chain["sibling"]
    assert [n.recipient.username for n in Notice.objects.filter(key__startswith="opinion-hand-over")] == [
        "secretary-sibling"
    ]
    assert leave().organization == chain["sibling"]
    opinions.answer(first, "已办理。", version=first.version, by=person("secretary", "sibling"))


def test_after_the_end_of_the_organization_its_superior_answers(person, chain, leave, take, relay):
    take("forward", opinion := leave())
    dissolve(chain["sibling"], on=dt.date(2010, 9, 1), by=person("office", "city"))
    relay()
    opinion.refresh_from_db()
    assert opinion.organization == chain["general"]


# -- what is kept -------------------------------------------------------------------------------


def test_codes_are_long_random_and_without_signs_that_look_alike():
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {CODE_LENGTH}
    signs = set("".join(codes))
    assert not signs & set("01ILO")
    assert len(signs) ** CODE_LENGTH > 2**59


def test_only_the_digest_is_kept_and_any_way_of_typing_it_finds_it(publication):
    opinion, code = opinions.receive(publication, text="意见")
    assert digest_of(f" {code[:4].lower()}-{code[4:8]} {code[8:]}") == opinion.code_digest
    assert digest_of(code.translate({ord("A"): "Ａ"})) == opinion.code_digest
    assert holding(code) == []


def holding(word):
    """Every table and row, of the whole database, with this word in any of its columns."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT x::text FROM "{table}" x WHERE strpos(x::text, %s) > 0', [word])
            found += [(table, row) for (row,) in cursor.fetchall()]
    return found


def test_contacts_go_ninety_days_after_the_matter_was_settled(leave, take, time_machine):
    waiting, opinion = leave(name="李先生"), leave(name="王女士", reach="13900001234")
    take("answer", opinion)
    time_machine.move_to(dt.datetime(2010, 11, 29, 4, tzinfo=dt.UTC))
    tend_opinions()
    assert OpinionContact.objects.count() == 2
    time_machine.move_to(
        dt.datetime(2010, 12, 5, 4, tzinfo=dt.UTC)
    )  # due on 30 November, the nights were missed
    tend_opinions()
    assert [contact.opinion for contact in OpinionContact.objects.all()] == [waiting]
    assert holding("王女士") == holding("13900001234") == []
    assert Opinion.objects.get(pk=opinion.pk).is_signed


def test_a_pledge_taken_down_takes_no_more_opinions_and_its_answers_along(
    person, published, opinion_in, leave
):
    answered = opinion_in("answered")
    opinion_in("answer_published")
    assert Opinion.objects.published().count() == 1
    pledge_services.withdraw(published, by=person("office_director", "city"), reason="数字有误")
    assert not Opinion.objects.published().exists()
    with pytest.raises(StepRefused, match="撤下"):
        leave()
    with pytest.raises(StepRefused, match="不在公开页面"):
        opinions.publish(answered, with_text=False, by=person("secretary", "branch"))


def test_numbers_are_masked_where_anyone_reads(person, leave):
    opinion = leave(text="打我电话13900001234")
    by = person("secretary", "branch")
    opinions.answer(opinion, "请打 139 0000 5678 找小沈。", version=1, by=by)
    opinions.publish(opinion, with_text=True, by=by)
    opinion.refresh_from_db()
    assert (opinion.public_text, opinion.public_answer) == (
        "打我电话139****1234",
        "请打 139****5678 找小沈。",
    )
