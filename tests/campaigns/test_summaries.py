"""小结、总结: who may press which button in which state, written by hand; and how one goes its way."""

import datetime as dt
import io
import itertools

import docx
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from campaigns.duties import Why
from campaigns.flow import SUMMARY_FLOW, SummaryState
from campaigns.models import Assignment, Obligation, Summary
from campaigns.queries.summaries import summary_duties, waiting_for
from campaigns.services import assignments
from campaigns.services import summaries as services
from common.models import Event
from common.states import IllegalStep, ReasonMissing, StepRefused
from notifications.models import Notice
from organizations.models import Organization
from organizations.posts import Post
from organizations.services import appoint, dissolve

D = dt.date
TODAY = D(2011, 1, 10)
# The summary is the branch's: city > committee > general branch > branch.
BUTTONS = {
    ("draft", "secretary", "branch"): {"submit"},
    ("returned", "secretary", "branch"): {"submit"},
    ("submitted", "secretary", "branch"): {"recall"},
    ("submitted", "secretary", "general"): {"return", "accept"},
}
PLACES = ["branch", "general", "committee", "city", "sibling", "neighbour", "foreign"]
# (state, step) -> where it leads; every other pair is refused.
STEPS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "accept"): "accepted",
    ("submitted", "recall"): "returned",
}
HANDS = {
    **dict.fromkeys(["submit", "recall"], ("secretary", "branch")),
    **dict.fromkeys(["return", "accept"], ("secretary", "general")),
}
SAID = {"return": {"reason": "没有写群众怎么说"}}


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(dt.datetime(2011, 1, 10, 4, tzinfo=dt.UTC), tick=True)


@pytest.fixture
def owes(chain, phase):
    made = Obligation.objects.create(
        phase=phase, expects="summary", name="报送第一时段小结", opens_on=D(2010, 6, 1), due_on=D(2011, 1, 15),
        made_on=D(2010, 6, 1),
    )  # fmt: skip
    assignments.refresh(made)
    return made


@pytest.fixture
def summary_in(chain, phase, person):
    """summary_in("submitted") -> the branch's summary in that state; always the same row."""

    def make(state, place="branch"):
        now, author = timezone.now(), person("liaison", "neighbour")
        Summary.objects.filter(organization=chain[place], phase=phase).delete()
        filed = {} if state == "draft" else {"submitted_at": now, "submitted_by": author}
        decided = {"decided_at": now, "decided_by": author} if state in {"returned", "accepted"} else {}
        return Summary.objects.create(
            organization=chain[place], phase=phase, done="办事时限由五天压缩到三天。", state=state,
            hands=[author.pk], **filed, **decided,
        )  # fmt: skip

    return make


@pytest.fixture
def at(client, person):
    def sign_in(post, place):
        client.force_login(person(post, place), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def state_of(owes, place):
    return Assignment.objects.get(obligation=owes, organization=place)


def test_every_button_and_no_other(person, summary_in):
    shown = {}
    for state in SummaryState.values:
        summary = summary_in(state)
        for post, place in itertools.product(Post.values, PLACES):
            if found := {step.name for step in SUMMARY_FLOW.open_to(person(post, place), summary)}:
                shown[state, post, place] = found
    assert shown == BUTTONS


@pytest.mark.parametrize("verb", services.VERBS)
def test_a_step_starts_where_the_table_says_and_nowhere_else(verb, person, summary_in):
    by = person(*HANDS[verb])
    for state in SummaryState.values:
        summary = summary_in(state)
        if (state, verb) not in STEPS:
            with pytest.raises(IllegalStep):
                services.VERBS[verb](summary, by=by, **SAID.get(verb, {}))
            assert Summary.objects.get().state == state
            continue
        services.VERBS[verb](summary, by=by, **SAID.get(verb, {}))
        assert Summary.objects.get().state == STEPS[state, verb]


@pytest.mark.parametrize("verb", services.VERBS)
def test_nobody_without_the_post_takes_a_step(verb, person, summary_in):
    state = next(state for state, name in STEPS if name == verb)
    summary = summary_in(state)
    for post, place in [("liaison", "branch"), ("secretary", "sibling"), ("secretary", "committee")]:
        with pytest.raises(PermissionDenied):
            services.VERBS[verb](summary, by=person(post, place), **SAID.get(verb, {}))
    assert Summary.objects.get().state == state


def test_a_return_needs_its_reason_and_nobody_decides_on_their_own(person, chain, summary_in):
    summary, above = summary_in("submitted"), person("secretary", "general")
    with pytest.raises(ReasonMissing):
        services.return_(summary, by=above, reason=" ")
    appoint(user=above, post="liaison", organization=chain["branch"], on=D(2010, 9, 1))
    with pytest.raises(StepRefused, match="任职"):
        services.accept(summary, by=person("secretary", "general"))
    assert not Summary.objects.filter(waiting_for(person("secretary", "general"), TODAY)).exists()


def test_what_waits_for_me_is_what_i_may_do(person, summary_in):
    for state in SummaryState.values:
        summary = summary_in(state)
        for post, place in itertools.product(["secretary", "office"], PLACES):
            user = person(post, place)
            may = bool({s.name for s in SUMMARY_FLOW.open_to(user, summary)} - {"recall"})
            assert Summary.objects.filter(waiting_for(user, TODAY)).exists() is may, (state, post, place)


def test_nothing_moves_once_the_phase_is_frozen_the_campaign_over_or_the_organization_gone(
    person, chain, phase, campaign, owes, summary_in
):
    secretary, summary = person("secretary", "branch"), summary_in("draft")
    phase.frozen_at = timezone.now()
    phase.save()
    with pytest.raises(StepRefused, match="归档"):
        services.submit(summary, by=secretary)
    phase.frozen_at, campaign.closed_on = None, D(2011, 1, 9)
    phase.save()
    campaign.save()
    with pytest.raises(StepRefused, match="结束"):
        services.save(summary, {"done": "新的", "left": ""}, version=1, by=secretary)
    assert summary_duties(secretary, TODAY) == []
    campaign.closed_on = None
    campaign.save()
    branch = Organization.objects.filter(pk=chain["branch"].pk)
    branch.update(dissolved_on=TODAY)  # a post that has not ended with it
    with pytest.raises(StepRefused, match="本组织已撤销"):
        services.submit(summary, by=person("secretary", "branch"))
    branch.update(dissolved_on=None)
    dissolve(branch.get(), on=TODAY, by=None, reason="撤并")
    with pytest.raises(PermissionDenied):
        services.submit(summary, by=person("secretary", "branch"))


def test_only_who_is_asked_for_one_begins_one_and_only_one(person, chain, phase, owes):
    with pytest.raises(PermissionDenied):
        services.create(chain["branch"], phase, by=person("secretary", "general"))
    services.create(chain["branch"], phase, by=person("liaison", "branch"))
    with pytest.raises(StepRefused, match="已经有一份"):
        services.create(chain["branch"], phase, by=person("secretary", "branch"))
    with pytest.raises(StepRefused, match="不用报送"):
        services.create(chain["city"], phase, by=person("secretary", "city"))


def test_the_figures_are_those_of_the_day_it_was_filed(person, chain, phase, owes, summary_in):
    pledge = Obligation.objects.create(
        phase=phase, expects="pledge", name="作出公开承诺", opens_on=D(2010, 8, 19), due_on=D(2010, 9, 30)
    )
    assignments.refresh(pledge)
    rows = Assignment.objects.filter(obligation=pledge, organization=chain["branch"])
    rows.update(state="done", done_on=D(2010, 9, 12), items=5, fulfilled=3)
    filed = services.submit(summary_in("draft"), by=person("secretary", "branch"))
    rows.update(fulfilled=5)
    said = "2010年9月12日报送；共 5 项，上级认定已兑现 3 项"
    assert Summary.objects.get(pk=filed.pk).figures == [{"name": "作出公开承诺", "said": said}]


def test_a_summary_from_the_desk_to_its_acceptance(at, person, chain, owes, relay):
    """书记's desk → 起草 → 报送 → 退回 → 修改 → 报送 → 审阅同意; the obligation follows each step."""
    secretary, above = ("secretary", "branch"), ("secretary", "general")
    person(*above)
    desk = at(*secretary).get(reverse("portal:desk")).content.decode()
    assert owes.name in desk
    place = {"organization": chain["branch"].pk, "phase": owes.phase_id}
    assert "开始写" in at(*secretary).get(reverse("campaigns:summary_new"), place).content.decode()
    at(*secretary).post(reverse("campaigns:summary_new"), place)
    summary = Summary.objects.get()
    edit = reverse("campaigns:summary_edit", args=[summary.pk])
    empty = at(*secretary).post(edit, {"version": 1, "do": "submit", "done": "", "left": "装修"})
    assert (empty.status_code, Summary.objects.get().state) == (422, "draft")
    assert "还没有写“做了什么”" in empty.content.decode()
    at(*secretary).post(edit, {"version": 2, "do": "submit", "done": "时限压缩到三天。", "left": "装修"})
    assert state_of(owes, chain["branch"]).done_on == TODAY
    relay()
    page = summary.get_absolute_url()
    assert Notice.objects.filter(recipient=person(*above), link=page).exists()
    assert "小结待审阅" in at(*above).get(reverse("portal:desk")).content.decode()

    def take(verb, **said):
        version = Summary.objects.get().version
        url = reverse("campaigns:summary_step", args=[summary.pk, verb])
        return at(*above).post(url, {"version": version, **said})

    assert take("return", reason="").status_code == 422
    take("return", reason="没有写群众怎么说")
    assert (state_of(owes, chain["branch"]).state, state_of(owes, chain["branch"]).returned) == ("open", 1)
    assert "没有写群众怎么说" in at(*secretary).get(edit).content.decode()
    assert [(d.label, d.why) for d in summary_duties(person(*secretary), TODAY)] == [
        ("小结退回待修改", Why.RETURNED)
    ]
    said = {"version": 3, "do": "submit", "done": "时限压缩到三天，群众满意。", "left": "装修"}
    at(*secretary).post(edit, said)
    take("accept")
    assert Summary.objects.get().state == "accepted"
    assert state_of(owes, chain["branch"]).state == "done"
    assert "已于2011年1月10日审阅同意" in at(*secretary).get(page).content.decode()
    assert summary_duties(person(*secretary), TODAY) == []


def test_what_one_takes_back_oneself_was_not_returned(person, chain, owes, summary_in):
    secretary = person("secretary", "branch")
    services.recall(summary_in("submitted"), by=secretary)
    row = state_of(owes, chain["branch"])
    assert (row.state, row.returned) == ("open", 0)
    assert [(d.label, d.why) for d in summary_duties(secretary, TODAY)] == [("小结待修改", Why.OWED)]


def test_the_later_of_two_savers_sees_both_texts(at, chain, summary_in):
    summary = summary_in("draft")
    edit = reverse("campaigns:summary_edit", args=[summary.pk])
    at("liaison", "branch").post(edit, {"version": 1, "done": "联络员写的", "left": ""})
    late = at("secretary", "branch").post(edit, {"version": 1, "done": "书记写的", "left": ""})
    body = late.content.decode()
    assert late.status_code == 409
    assert "联络员写的" in body
    assert "书记写的" in body
    assert Summary.objects.get().done == "联络员写的"


def test_the_word_file_says_what_the_page_says_and_is_on_record(at, summary_in):
    summary = summary_in("accepted")
    Summary.objects.update(figures=[{"name": "公开承诺", "said": "共 5 项"}], left="{{ 装修 }}")
    answer = at("secretary", "general").post(reverse("campaigns:summary_document", args=[summary.pk]))
    lines = [p.text for p in docx.Document(io.BytesIO(answer.content)).paragraphs if p.text]
    assert lines == [
        "创先争优活动第一时段小结", "一、主要工作", "办事时限由五天压缩到三天。", "二、有关数字", "公开承诺：共 5 项。",
        "三、尚待完成的工作", "{{ 装修 }}", "震泽镇财政所党支部", "2011年1月10日",
    ]  # fmt: skip
    assert Event.objects.filter(kind="summary.export").count() == 1


@pytest.mark.parametrize("places", [["branch"], ["branch", "sibling", "foreign"]])
def test_lists_cost_the_same_with_one_and_with_three(at, owes, summary_in, places, django_assert_num_queries):
    for place in places:
        summary_in("submitted", place)
    client = at("secretary", "city")
    client.get(reverse("campaigns:summaries"))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("campaigns:summaries"), {"state": ""})


QUERIES = 7
