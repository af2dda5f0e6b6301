"""Who may press which button of a plan in which state: written by hand, everything unlisted refused."""

import datetime as dt
import itertools
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from common.states import IllegalStep, ReasonMissing, StepRefused
from notifications.models import Notice
from organizations.posts import Post
from organizations.services import appoint, merge
from pledges import services
from pledges.flow import PLAN_FLOW, PlanState
from pledges.models import Plan, Publication
from pledges.queries.plan import plans_waiting_for
from tests.pledges import plans
from tests.pledges.conftest import fresh

ROOT = Path(__file__).resolve().parents[2]
verbs = services.plans
# The plan is the branch's: city > committee > general branch > branch.
_DIRECTORS = [("office_director", place) for place in ("general", "committee", "city")]
_OFFICES = [("office", place) for place in ("general", "committee", "city")]
BUTTONS = {
    ("draft", "secretary", "branch"): {"submit"},
    ("returned", "secretary", "branch"): {"submit"},
    ("returned", "secretary", "general"): {"reconsider"},
    ("submitted", "secretary", "branch"): {"recall"},
    ("submitted", "secretary", "general"): {"return", "approve"},
    ("agreed", "secretary", "branch"): {"propose", "recall"},
    ("agreed", "secretary", "general"): {"reconsider"},
    ("proposed", "secretary", "branch"): {"recall"},
    ("cleared", "secretary", "branch"): {"recall"},
    ("withdrawn", "secretary", "branch"): {"propose", "recall"},
    **{("proposed", *who): {"bar", "clear"} for who in _OFFICES},
    **{("cleared", *who): {"decline", "publish"} for who in _DIRECTORS},
    **{("published", *who): {"withdraw", "archive"} for who in _DIRECTORS},
    **{(state, *who): {"archive"} for who in _DIRECTORS for state in ("agreed", "withdrawn")},
    **{("archived", *who): {"reopen_agreed", "reopen_published", "reopen_withdrawn"} for who in _DIRECTORS},
}
PLACES = ["branch", "general", "committee", "city", "sibling", "neighbour", "foreign"]
# (state, step) -> where it leads; every other pair is refused.
STEPS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "agreed",
    ("submitted", "recall"): "returned",
    ("returned", "reconsider"): "submitted",
    ("agreed", "reconsider"): "submitted",
    ("agreed", "propose"): "proposed",
    ("agreed", "recall"): "returned",
    ("proposed", "clear"): "cleared",
    ("proposed", "bar"): "agreed",
    ("proposed", "recall"): "returned",
    ("cleared", "publish"): "published",
    ("cleared", "decline"): "agreed",
    ("cleared", "recall"): "returned",
    ("published", "withdraw"): "withdrawn",
    ("withdrawn", "propose"): "proposed",
    ("withdrawn", "recall"): "returned",
}
HANDS = {
    **dict.fromkeys(["submit", "propose", "recall"], ("secretary", "branch")),
    **dict.fromkeys(["return", "approve", "reconsider"], ("secretary", "general")),
    **dict.fromkeys(["clear", "bar"], ("office", "city")),
    **dict.fromkeys(["decline", "publish", "withdraw"], ("office_director", "city")),
}
SAID = dict.fromkeys(["return", "bar", "decline", "withdraw", "recall"], {"reason": "措施不具体"})
SAID["propose"] = {"scope": "outside"}


def test_every_button_and_no_other(person, plan_in):
    shown = {}
    for state in PlanState.values:
        plan = plan_in(state)
        for post, place in itertools.product(Post.values, PLACES):
            if found := {step.name for step in PLAN_FLOW.open_to(person(post, place), plan)}:
                shown[state, post, place] = found
    assert shown == BUTTONS


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_a_step_starts_where_the_table_says_and_nowhere_else(verb, person, plan_in):
    by = person(*HANDS[verb])
    for state in PlanState.values:
        plan = plan_in(state, scope="outside" if state == "cleared" else "")
        if (state, verb) not in STEPS:
            with pytest.raises(IllegalStep):
                verbs.VERBS[verb](plan, by=by, **SAID.get(verb, {}))
            assert Plan.objects.get().state == state
            continue
        verbs.VERBS[verb](plan, by=by, **SAID.get(verb, {}))
        assert Plan.objects.get().state == STEPS[state, verb]
        Publication.objects.all().delete()


@pytest.mark.parametrize("verb", verbs.VERBS)
def test_nobody_without_the_post_takes_a_step(verb, person, plan_in):
    state = next(state for state, name in STEPS if name == verb)
    plan = plan_in(state)
    for post, place in [("liaison", "branch"), ("secretary", "sibling"), ("secretary", "committee")]:
        with pytest.raises(PermissionDenied):
            verbs.VERBS[verb](plan, by=person(post, place), **SAID.get(verb, {}))
    assert Plan.objects.get().state == state


@pytest.mark.parametrize("verb", ["return", "bar", "decline", "withdraw", "recall"])
def test_a_step_back_needs_its_reason(verb, person, plan_in):
    plan = plan_in(next(state for state, name in STEPS if name == verb))
    with pytest.raises(ReasonMissing):
        verbs.VERBS[verb](plan, by=person(*HANDS[verb]), reason="  ")


def test_three_people_have_their_hands_in_a_publication(person, chain, plan_in):
    plan = plan_in("submitted")
    both = person("secretary", "general")
    appoint(user=both, post="liaison", organization=chain["branch"], on=dt.date(2010, 9, 1))
    with pytest.raises(StepRefused, match="任职"):
        verbs.approve(plan, by=fresh(both))
    office = person("office", "city")
    plan_in("proposed", proposed_by=office)
    with pytest.raises(StepRefused, match="申请"):
        verbs.clear(plan, by=office)
    director = person("office_director", "city")
    plan_in("cleared", cleared_by=director)
    with pytest.raises(StepRefused, match="保密审查是您办理的"):
        verbs.publish(plan, by=director)


def test_the_root_and_a_closed_campaign_have_nowhere_to_file(person, chain, phase, campaign, plan):
    with pytest.raises(StepRefused, match="没有上级"):
        verbs.create(chain["city"], phase, by=person("secretary", "city"))
    campaign.closed_on = dt.date(2010, 8, 31)
    campaign.save()
    with pytest.raises(StepRefused, match="结束"):
        verbs.submit(plan, by=person("secretary", "branch"))


def test_a_decision_on_a_text_that_changed_since_is_refused(person, plan_in):
    plan = plan_in("submitted")
    with pytest.raises(StepRefused, match="改过了"):
        verbs.approve(plan, by=person("secretary", "general"), version=plan.version - 1)


def test_what_waits_for_me_is_what_i_may_do(person, plan_in):
    """The filter of 等我办理 and the buttons agree, taking back and taking down aside."""
    for state in PlanState.values:
        plan = plan_in(state)
        for post, place in itertools.product(["secretary", "office", "office_director"], PLACES):
            user = person(post, place)
            due = {s.name for s in PLAN_FLOW.open_to(user, plan)} & {
                "submit", "approve", "propose", "clear", "publish",
            }  # fmt: skip
            due -= {"propose"} if state == "withdrawn" else set()
            waits = Plan.objects.visible_to(user).filter(plans_waiting_for(user)).exists()
            assert waits == bool(due), (state, post, place)


def test_archiving_takes_a_phase_at_once_and_leaves_what_is_public(
    person, chain, phase, published_plan, django_assert_max_num_queries
):
    other = verbs.create(chain["sibling"], phase, by=person("secretary", "sibling"))
    with django_assert_max_num_queries(12):
        taken = verbs.archive_all(phase, by=person("office_director", "city"))
    assert taken.done == [published_plan]
    assert Plan.objects.get(pk=published_plan.pk).state == "archived"
    assert Plan.objects.get(pk=other.pk).state == "draft"
    assert Publication.objects.published().of_plans().count() == 1
    with pytest.raises(PermissionDenied):
        Plan.objects.filter(pk=published_plan.pk).update(state="agreed")
        verbs.archive_all(phase, by=person("secretary", "general"))


@pytest.mark.parametrize("state", ["agreed", "published", "withdrawn", "submitted"])
def test_a_reopened_round_gives_its_plans_the_state_they_had(state, person, chain, phase, plan_in):
    """Twice, since the second archive is the one that counts."""
    director = person("office_director", "city")
    for before in ["agreed", state]:
        plan_in(before)
        archive = services.close_round(phase, as_of=dt.date(2010, 9, 1), by=director)
        services.reopen_round(archive, by=director, reason="漏报一份")
        assert Plan.objects.get().state == before


def test_a_plan_of_a_closed_round_takes_no_step_and_no_word(person, chain, phase, plan, author):
    services.close_round(phase, as_of=dt.date(2010, 9, 1), by=person("office_director", "city"))
    for attempt in (
        lambda: verbs.submit(plan, by=author),
        lambda: verbs.save(plan, plans.text(theme="改过的主题"), version=plan.version, by=author),
        lambda: verbs.track(plan, {}, by=author),
        lambda: verbs.create(chain["sibling"], phase, by=person("secretary", "sibling")),
    ):
        with pytest.raises(StepRefused, match="承诺和方案不再变动"):
            attempt()
    assert Plan.objects.get().version == plan.version


def test_whoever_must_act_next_is_told_and_the_writers_on_return(person, plan, relay):
    superior, author = person("secretary", "general"), person("secretary", "branch")
    liaison = person("liaison", "branch")
    verbs.save(plan, plans.text(theme="改过的主题"), version=plan.version, by=liaison)
    verbs.submit(plan, by=author)
    relay()
    assert [n.recipient for n in Notice.objects.filter(subject__startswith="请审核")] == [superior]
    verbs.return_(plan, by=superior, reason="任务太笼统")
    relay()
    told = Notice.objects.filter(subject__startswith="活动方案被退回")
    assert {n.recipient for n in told} == {author, liaison}
    assert {n.body for n in told} == {"理由：任务太笼统"}


def test_a_merged_branchs_plan_goes_on_unless_the_successor_has_its_own(person, chain, phase, plan, relay):
    verbs.submit(plan, by=person("secretary", "branch"))
    office = person("office", "committee")
    merge(chain["branch"], into=chain["sibling"], on=dt.date(2010, 9, 1), reason="整合", by=office)
    relay()
    assert Plan.objects.get(pk=plan.pk).organization == chain["sibling"]
    mine = verbs.create(chain["foreign"], phase, by=person("secretary", "foreign"))
    assert verbs.hand_over(chain["foreign"], chain["sibling"], by=office, reason="整合") == []
    assert Plan.objects.get(pk=mine.pk).organization == chain["foreign"]


def test_the_page_about_the_flow_is_current():
    out = StringIO()
    call_command("pledge_flow", "plan", stdout=out)
    assert (ROOT / "docs/flows/plan.md").read_text() == out.getvalue()
