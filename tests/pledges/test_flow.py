"""Who may press which button in which state: written by hand, everything unlisted refused."""

import datetime as dt
import itertools
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from chuangxian.matrix import MATRIX
from common.models import Event
from common.states import IllegalStep, ReasonMissing, StepRefused
from organizations.posts import Post
from organizations.services import appoint
from pledges import services
from pledges.flow import EDITABLE, ORGANIZATION_FLOW, PledgeState
from pledges.models import Pledge, Publication
from pledges.queries import places_to_draft, waiting_for

ROOT = Path(__file__).resolve().parents[2]
# The pledge is the branch's: city > committee > general branch > branch.
BUTTONS = {
    ("draft", "secretary", "branch"): {"submit"},
    ("returned", "secretary", "branch"): {"submit"},
    ("submitted", "secretary", "branch"): {"recall"},
    ("returned", "secretary", "general"): {"reconsider"},
    ("submitted", "secretary", "general"): {"return", "approve"},
    ("approved", "secretary", "branch"): {"propose", "recall"},
    ("approved", "secretary", "general"): {"reconsider"},
    ("proposed", "secretary", "branch"): {"recall"},
    ("proposed", "office", "general"): {"bar", "clear"},
    ("proposed", "office", "committee"): {"bar", "clear"},
    ("proposed", "office", "city"): {"bar", "clear"},
    ("cleared", "secretary", "branch"): {"recall"},
    ("cleared", "office_director", "general"): {"decline", "publish"},
    ("cleared", "office_director", "committee"): {"decline", "publish"},
    ("cleared", "office_director", "city"): {"decline", "publish"},
    ("published", "office_director", "general"): {"withdraw"},
    ("published", "office_director", "committee"): {"withdraw"},
    ("published", "office_director", "city"): {"withdraw"},
    ("withdrawn", "secretary", "branch"): {"propose", "recall"},
}
PLACES = ["branch", "general", "committee", "city", "sibling", "neighbour", "foreign"]
# (state, step) -> where it leads; every other pair is refused.
STEPS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "approved",
    ("submitted", "recall"): "returned",
    ("returned", "reconsider"): "submitted",
    ("approved", "reconsider"): "submitted",
    ("approved", "propose"): "proposed",
    ("approved", "recall"): "returned",
    ("proposed", "clear"): "cleared",
    ("proposed", "bar"): "approved",
    ("proposed", "recall"): "returned",
    ("cleared", "publish"): "published",
    ("cleared", "decline"): "approved",
    ("cleared", "recall"): "returned",
    ("published", "withdraw"): "withdrawn",
    ("withdrawn", "propose"): "proposed",
    ("withdrawn", "recall"): "returned",
}
HANDS = {
    "submit": ("secretary", "branch"),
    "return": ("secretary", "general"),
    "approve": ("secretary", "general"),
    "reconsider": ("secretary", "general"),
    "propose": ("secretary", "branch"),
    "clear": ("office", "city"),
    "bar": ("office", "city"),
    "decline": ("office_director", "city"),
    "publish": ("office_director", "city"),
    "withdraw": ("office_director", "city"),
    "recall": ("secretary", "branch"),
}
SAID = {"return": {"reason": "请写明次数"}, "decline": {"reason": "涉及未公布的安排"}}
SAID |= {"bar": {"reason": "写到了未公布的名单"}}
SAID |= {
    "withdraw": {"reason": "数字有误"},
    "recall": {"reason": "时限要改"},
    "propose": {"scope": "outside"},
}


def names(steps):
    return {step.name for step in steps}


def test_every_button_and_no_other(person, pledge_in):
    shown = {}
    for state in PledgeState.values:
        pledge = pledge_in(state)
        for post, place in itertools.product(Post.values, PLACES):
            if found := names(ORGANIZATION_FLOW.open_to(person(post, place), pledge)):
                shown[state, post, place] = found
    assert shown == BUTTONS


def test_what_its_organization_took_back_itself_is_no_decision_to_take_back(person, pledge_in):
    """收回 leads to 退回 too; the superior has decided nothing there."""
    services.recall(pledge_in("approved"), by=person("secretary", "branch"), reason="时限要改")
    pledge = Pledge.objects.get()
    assert (pledge.state, pledge.version) == ("returned", pledge.vetted_version)
    assert names(ORGANIZATION_FLOW.open_to(person("secretary", "general"), pledge)) == set()
    with pytest.raises(StepRefused, match="等对方重新提交"):
        services.reconsider(pledge, by=person("secretary", "general"))


# What is over is the archive's: it is vetted and published to the end, and nothing new is handed in.
NOT_WHEN_CLOSED = {"submit", "recall"}


@pytest.fixture
def closed(campaign, draft):
    campaign.closed_on = dt.date(2010, 8, 31)
    campaign.save()


def test_every_button_when_the_campaign_is_closed(closed, person, pledge_in):
    for (state, post, place), expected in BUTTONS.items():
        pledge = pledge_in(state)
        assert names(ORGANIZATION_FLOW.open_to(person(post, place), pledge)) == expected - NOT_WHEN_CLOSED


@pytest.mark.parametrize(("state", "verb"), [pair for pair in sorted(STEPS) if pair[1] in NOT_WHEN_CLOSED])
def test_what_is_closed_says_so_and_what_to_do(state, verb, campaign, person, pledge_in):
    pledge, by = pledge_in(state), person("secretary", "branch")
    campaign.closed_on = dt.date(2010, 9, 1)
    campaign.save()
    assert verb in names(ORGANIZATION_FLOW.open_to(by, pledge)), "the last day is a day of the campaign"
    campaign.closed_on = dt.date(2010, 8, 31)
    campaign.save()
    with pytest.raises(StepRefused, match="已于2010年8月31日结束.*复制为新的草稿"):
        services.VERBS[verb](pledge, by=by, **SAID.get(verb, {}))
    assert Pledge.objects.get(pk=pledge.pk).state == state
    assert not Pledge.objects.filter(waiting_for(by), state__in=EDITABLE).exists()
    assert not Pledge.objects.filter(waiting_for(person("liaison", "branch"))).exists()


def ready(pledge_in, person, state):
    """A pledge in ``state`` with what belongs to it: a published one has its publication."""
    if state != "published":
        return pledge_in(state, scope="outside" if state in {"proposed", "cleared"} else "")
    pledge = pledge_in("cleared", scope="outside")
    return services.publish(pledge, by=person("office_director", "city"))


@pytest.mark.parametrize("verb", sorted(services.VERBS))
@pytest.mark.parametrize("state", PledgeState.values)
def test_every_step_from_every_state(state, verb, person, pledge_in):
    pledge, by = ready(pledge_in, person, state), person(*HANDS[verb])
    events = Event.objects.about(pledge).count()
    if target := STEPS.get((state, verb)):
        services.VERBS[verb](pledge, by=by, **SAID.get(verb, {}))
        assert Pledge.objects.get(pk=pledge.pk).state == target
        assert Event.objects.about(pledge).count() == events + 1
    else:
        with pytest.raises(IllegalStep):
            services.VERBS[verb](pledge, by=by, **SAID.get(verb, {}))
        assert Pledge.objects.get(pk=pledge.pk).state == state
        assert Event.objects.about(pledge).count() == events


@pytest.mark.parametrize("verb", sorted(services.VERBS))
def test_without_the_post_no_step_is_taken_and_nothing_is_written(verb, person, pledge_in):
    state = next(s for s, v in STEPS if v == verb)
    pledge = ready(pledge_in, person, state)
    events = Event.objects.about(pledge).count()
    for post, place in [("secretary", "neighbour"), ("liaison", "branch"), ("group_head", "city")]:
        with pytest.raises(PermissionDenied):
            services.VERBS[verb](pledge, by=person(post, place), **SAID.get(verb, {}))
    assert (Pledge.objects.get(pk=pledge.pk).state, Event.objects.about(pledge).count()) == (state, events)


@pytest.mark.parametrize("verb", ["return", "bar", "decline", "withdraw", "recall"])
def test_a_reason_is_asked_for(verb, person, pledge_in):
    pledge = ready(pledge_in, person, next(s for s, v in STEPS if v == verb))
    with pytest.raises(ReasonMissing):
        services.VERBS[verb](pledge, by=person(*HANDS[verb]), reason="  ")


def test_the_flow_and_the_verbs_are_the_same_words():
    assert names(ORGANIZATION_FLOW) == set(services.VERBS) == set(HANDS)


# -- separation of duties, on the person -------------------------------------------------------


def test_two_posts_do_not_let_one_person_approve_their_own(person, chain, draft):
    both = person("secretary", "branch")
    appoint(user=both, post="secretary", organization=chain["general"])
    services.submit(draft, by=person("secretary", "branch"))
    both = person("secretary", "branch")
    assert names(ORGANIZATION_FLOW.open_to(both, Pledge.objects.get())) == {"recall"}
    refused = dict(ORGANIZATION_FLOW.refused_to(both, Pledge.objects.get()))
    assert names(refused) == {"return", "approve"}
    assert "须由另一位同志办理" in next(iter(refused.values()))
    with pytest.raises(StepRefused):
        services.approve(draft, by=both)


def test_choosing_the_other_post_in_the_header_does_not_help(person, chain, draft):
    both = person("secretary", "branch")
    appoint(user=both, post="secretary", organization=chain["general"])
    services.submit(draft, by=person("secretary", "branch"))
    both = person("secretary", "branch")
    both.acting_key = f"secretary@{chain['general'].pk}"
    with pytest.raises(StepRefused):
        services.approve(draft, by=both)


def test_a_post_at_the_filing_organization_keeps_one_from_approving(person, chain, draft):
    superior = person("secretary", "general")
    appoint(user=superior, post="group_member", organization=chain["branch"])
    services.submit(draft, by=person("secretary", "branch"))
    with pytest.raises(StepRefused, match="在该组织任职"):
        services.approve(draft, by=person("secretary", "general"))


def test_who_edited_may_not_approve_even_after_leaving_the_branch(person, chain, draft, text):
    liaison = person("liaison", "branch")
    services.save(draft, text(title="窗口十分钟办结"), version=draft.version, by=liaison)
    services.submit(draft, by=person("secretary", "branch"))
    liaison.appointments.get().delete()
    liaison.organizationuserpost_set.all().delete()
    appoint(user=liaison, post="secretary", organization=chain["general"])
    with pytest.raises(StepRefused, match="起草、修改"):
        services.approve(draft, by=person("liaison", "branch"))


def test_a_liaison_drafts_and_the_secretary_submits(person, chain, phase, text):
    liaison = person("liaison", "branch")
    pledge = services.create_draft(chain["branch"], phase, by=liaison)
    pledge = services.save(pledge, text(), version=1, by=liaison)
    with pytest.raises(PermissionDenied):
        services.submit(pledge, by=liaison)
    submitted = services.submit(pledge, by=person("secretary", "branch"))
    assert submitted.state == "submitted"


def test_the_publisher_is_not_the_one_who_proposed(person, chain, pledge_in):
    pledge = pledge_in("approved")
    secretary = person("secretary", "branch")
    services.propose(pledge, by=secretary, scope="outside")
    services.clear(pledge, by=person("office", "city"))
    appoint(user=secretary, post="office_director", organization=chain["city"])
    with pytest.raises(StepRefused):
        services.publish(pledge, by=person("secretary", "branch"))


def test_whoever_sees_drafts_sees_what_is_filed_there():
    """PledgeQuerySet.visible_to leans on it."""
    for post, reach in MATRIX["pledges.view_draft"].items():
        assert post in MATRIX["pledges.view_pledge"], post
        assert reach.name == "OWN"


# -- the words of the refusals -----------------------------------------------------------------


def test_the_root_has_nobody_to_submit_to(person, chain, phase, text):
    secretary = person("secretary", "city")
    with pytest.raises(StepRefused, match="没有上级党组织"):
        services.create_draft(chain["city"], phase, by=secretary)
    pledge = Pledge.objects.create(organization=chain["city"], phase=phase, hands=[secretary.pk])
    with pytest.raises(StepRefused, match="没有上级党组织"):
        services.submit(pledge, by=secretary)
    assert not Pledge.objects.filter(waiting_for(secretary)).exists()
    assert not places_to_draft(secretary).exists()


def test_a_decision_is_about_the_text_that_was_read(person, draft, text):
    secretary, superior = person("secretary", "branch"), person("secretary", "general")
    read = services.submit(draft, by=secretary).version
    services.recall(draft, by=secretary, reason="改一处")
    services.save(draft, text(title="窗口三十分钟办结"), version=read, by=secretary)
    services.submit(draft, by=secretary)
    with pytest.raises(StepRefused, match="内容改过了"):
        services.approve(draft, by=superior, version=read)
    assert Pledge.objects.get().state == "submitted"


def test_the_audit_says_who_from_which_post_and_why(person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    services.return_(draft, by=person("secretary", "general"), reason="请写明次数", grounds=["concrete"])
    event = Event.objects.get(kind="pledge.return")
    assert (event.post, event.reason) == ("震泽镇机关党总支 书记", "请写明次数")
    assert (event.before, event.after) == ({"state": "submitted"}, {"state": "returned"})
    assert event.detail["grounds"] == ["concrete"]


def test_no_publication_exists_before_the_director_says_so(person, draft):
    services.submit(draft, by=person("secretary", "branch"))
    services.approve(draft, by=person("secretary", "general"))
    services.propose(draft, by=person("secretary", "branch"), scope="outside")
    services.clear(draft, by=person("office", "city"))
    assert not Publication.objects.exists()
    services.publish(draft, by=person("office_director", "city"))
    assert Publication.objects.published().count() == 1


def test_the_page_about_the_flow_is_current():
    out = StringIO()
    call_command("pledge_flow", stdout=out)
    assert (ROOT / "docs/flows/pledge.md").read_text() == out.getvalue()
