"""Who may press which button on a member's pledge and on an item: written by hand, all else refused."""

import contextlib
import itertools

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from common.models import Event
from common.states import IllegalStep, StepRefused
from organizations.models import Member
from organizations.posts import Post
from pledges import services
from pledges.flow import ITEM_FLOWS, LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW, ItemState, PledgeState
from pledges.models import Pledge, PledgeItem

pytestmark = pytest.mark.django_db
PLACES = ["branch", "general", "committee", "city", "sibling", "foreign"]
S, D, L, DIRECTOR = "secretary", "deputy_secretary", "liaison", "office_director"
# The pledge is a member's of the branch: city > committee > general branch > branch.
BUTTONS = {
    ("draft", S, "branch"): {"submit"},
    ("draft", D, "branch"): {"submit"},
    ("draft", L, "branch"): {"submit"},
    ("submitted", S, "branch"): {"return", "approve", "recall"},
    ("submitted", D, "branch"): {"return", "approve", "recall"},
    ("submitted", L, "branch"): {"recall"},
    ("returned", S, "branch"): {"submit", "reconsider"},
    ("returned", D, "branch"): {"submit", "reconsider"},
    ("returned", L, "branch"): {"submit"},
    ("approved", S, "branch"): {"reconsider", "propose", "recall"},
    ("approved", D, "branch"): {"reconsider", "propose", "recall"},
    ("approved", L, "branch"): {"propose", "recall"},
    ("proposed", S, "branch"): {"recall"},
    ("proposed", D, "branch"): {"bar", "clear", "recall"},
    ("proposed", L, "branch"): {"recall"},
    ("proposed", S, "general"): {"bar", "clear"},
    ("proposed", L, "general"): {"bar", "clear"},
    ("cleared", S, "branch"): {"decline", "publish", "recall"},
    ("cleared", D, "branch"): {"recall"},
    ("cleared", L, "branch"): {"recall"},
    ("published", S, "branch"): {"withdraw"},
    ("published", DIRECTOR, "general"): {"withdraw"},
    ("published", DIRECTOR, "committee"): {"withdraw"},
    ("published", DIRECTOR, "city"): {"withdraw"},
    ("withdrawn", S, "branch"): {"propose", "recall"},
    ("withdrawn", D, "branch"): {"propose", "recall"},
    ("withdrawn", L, "branch"): {"propose", "recall"},
}
# The pledge of a 书记 or 副书记: the superior's 书记 vets it, nobody at home.
LEADER_BUTTONS = BUTTONS | {
    ("submitted", S, "branch"): {"recall"},
    ("submitted", D, "branch"): {"recall"},
    ("submitted", S, "general"): {"return", "approve"},
    ("returned", S, "branch"): {"submit"},
    ("returned", D, "branch"): {"submit"},
    ("returned", S, "general"): {"reconsider"},
    ("approved", S, "branch"): {"propose", "recall"},
    ("approved", D, "branch"): {"propose", "recall"},
    ("approved", S, "general"): {"reconsider"},
}
# What whoever promised may do without any post, and what their post does not let them do with it.
OWN = {
    "draft": {"submit"},
    "returned": {"submit"},
    "submitted": {"recall"},
    "approved": {"recall"},
    "proposed": {"recall"},
    "cleared": {"recall"},
    "published": set(),
    "withdrawn": {"recall"},
}
NOT_ONES_OWN = {"return", "approve", "reconsider"}
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
    "submit": (L, "branch"),
    "return": (D, "branch"),
    "approve": (D, "branch"),
    "reconsider": (D, "branch"),
    "propose": (L, "branch"),
    "clear": (D, "branch"),
    "bar": (D, "branch"),
    "publish": (S, "branch"),
    "decline": (S, "branch"),
    "withdraw": (S, "branch"),
    "recall": (L, "branch"),
}
LEADER_HANDS = HANDS | dict.fromkeys(["return", "approve", "reconsider"], (S, "general"))
SAID = {
    **dict.fromkeys(["return", "bar", "decline", "withdraw", "recall"], {"reason": "请写明户数"}),
    "propose": {"scope": "outside"},
}


def names(steps):
    return {step.name for step in steps}


@pytest.fixture
def cast(person):
    return {(post, at): person(post, at) for post, at in itertools.product(Post.values, PLACES)}


def loaded(pledge):
    return Pledge.objects.with_what_guards_ask().get(pk=pledge.pk)


@pytest.mark.parametrize(
    ("flow", "is_leading", "table"),
    [(MEMBER_FLOW, False, BUTTONS), (LEADER_FLOW, True, LEADER_BUTTONS)],
    ids=["member", "leader"],
)
@pytest.mark.parametrize("is_own", [False, True], ids=["another's", "own"])
def test_every_button_and_no_other(flow, is_leading, table, is_own, cast, member_in):
    pledge = member_in("draft", is_leading=is_leading)
    shown, expected = {}, {}
    for state in PledgeState.values:
        Pledge.objects.filter(pk=pledge.pk).update(
            state=state,
            submitted_at=pledge.created_at,
            submitted_by=cast[L, "branch"],
            return_reason="请写明户数",
        )
        current = loaded(pledge)
        assert current.flow is flow
        for (post, at), user in cast.items():
            if is_own:
                current.member.user = user
            shown[state, post, at] = names(flow.open_to(user, current))
            allowed = table.get((state, post, at), set())
            expected[state, post, at] = (allowed - NOT_ONES_OWN) | OWN[state] if is_own else allowed
    assert shown == expected


def ready(member_in, person, state, is_leading):
    if state != "published":
        return member_in(state, is_leading=is_leading)
    return services.publish(member_in("cleared", is_leading=is_leading), by=person(S, "branch"))


@contextlib.contextmanager
def taken_back():
    """Whatever was done inside is undone: every step meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("is_leading", [False, True], ids=["member", "leader"])
@pytest.mark.parametrize("state", PledgeState.values)
def test_every_step_from_every_state(state, is_leading, person, member_in):
    pledge = ready(member_in, person, state, is_leading)
    if is_leading:  # filing looks at the posts anew: the member is the deputy of the branch
        Member.objects.filter(pk=pledge.member_id).update(user=person(D, "branch"))
    hands = LEADER_HANDS if is_leading else HANDS
    events = Event.objects.about(pledge).count()
    for verb, who in hands.items():
        by, target = person(*who), STEPS.get((state, verb))
        with taken_back():
            if target:
                services.VERBS[verb](pledge, by=by, **SAID.get(verb, {}))
            else:
                with pytest.raises(IllegalStep):
                    services.VERBS[verb](pledge, by=by, **SAID.get(verb, {}))
            assert loaded(pledge).state == (target or state), verb
            assert Event.objects.about(pledge).count() == events + bool(target), verb


@pytest.mark.parametrize("state", PledgeState.values)
def test_without_the_post_no_step_is_taken_and_nothing_is_written(state, person, member_in):
    pledge = ready(member_in, person, state, False)
    before = Event.objects.about(pledge).count()
    for verb in (v for s, v in STEPS if s == state):
        for who in [(S, "sibling"), (S, "committee"), ("group_head", "city"), ("office", "city")]:
            with pytest.raises(PermissionDenied):
                services.VERBS[verb](pledge, by=person(*who), **SAID.get(verb, {}))
    assert (loaded(pledge).state, Event.objects.about(pledge).count()) == (state, before)


def test_the_words_are_the_same_in_all_three_tables():
    assert names(MEMBER_FLOW) == names(LEADER_FLOW) == names(ORGANIZATION_FLOW) == set(HANDS)


# -- separation of hands ---------------------------------------------------------------------------


def test_who_proposed_does_not_clear_and_who_cleared_does_not_publish(person, also, member_in):
    pledge = member_in("approved")
    deputy = person(D, "branch")
    services.propose(pledge, by=deputy, scope="outside")
    with pytest.raises(StepRefused, match="公开是您申请的"):
        services.clear(pledge, by=deputy)
    superior = also(person(S, "general"), "liaison", "sibling")
    services.clear(pledge, by=superior)
    Pledge.objects.filter(pk=pledge.pk).update(cleared_by=person(S, "branch"))
    with pytest.raises(StepRefused, match="保密审查是您办理的"):
        services.publish(pledge, by=person(S, "branch"))


def test_who_typed_it_in_may_vet_it_and_whose_it_is_may_not(person, also, member_in):
    deputy = also(person(L, "branch"), D, "branch")
    typed = member_in("submitted", name="沈清")
    assert "approve" in names(MEMBER_FLOW.open_to(deputy, loaded(typed)))
    own = member_in("submitted", name="陈实", user=deputy)
    refused = dict(MEMBER_FLOW.refused_to(deputy, loaded(own)))
    assert "须由另一位同志审定" in next(iter(refused.values()))


# -- an item ---------------------------------------------------------------------------------------

WRITERS = {"organization": [(S, "branch")], "member": [(S, "branch"), (D, "branch"), (L, "branch")]}
WRITERS["leader"] = WRITERS["member"]
VETTERS = {
    "organization": [(S, "general")],
    "member": [(S, "branch"), (D, "branch")],
    "leader": [(S, "general")],
}
ITEM_STEPS = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "return"): "returned",
    ("approved", "reconsider"): "submitted",
    ("returned", "reconsider"): "submitted",
    ("submitted", "recall"): "draft",
    ("approved", "recall"): "draft",
    ("returned", "recall"): "draft",
}
VETTING = {"approve", "return", "reconsider"}


@pytest.fixture
def an_item(member_in, pledge_in):
    def make(kind):
        pledge = (
            pledge_in("submitted")
            if kind == "organization"
            else member_in("submitted", is_leading=kind == "leader")
        )
        return pledge.items.get()

    return make


@pytest.mark.parametrize("kind", ["organization", "member", "leader"])
@pytest.mark.parametrize("is_own", [False, True], ids=["another's", "own"])
def test_every_button_of_an_item_and_no_other(kind, is_own, cast, an_item):
    if kind == "organization" and is_own:
        return
    row = an_item(kind)
    item = PledgeItem.objects.with_what_guards_ask().get(pk=row.pk)
    flow = {"organization": ORGANIZATION_FLOW, "member": MEMBER_FLOW, "leader": LEADER_FLOW}[kind]
    for pledge_state, state in itertools.product(["submitted", "returned"], ItemState.values):
        item.state, item.pledge.state = state, pledge_state
        for (post, at), user in cast.items():
            if is_own:
                item.pledge.member.user = user
            writes = (post, at) in WRITERS[kind] or is_own
            vets = (post, at) in VETTERS[kind] and not is_own and pledge_state == "submitted"
            expected = {
                step
                for source, step in ITEM_STEPS
                if source == state and (vets if step in VETTING else writes)
            }
            assert names(ITEM_FLOWS[flow].open_to(user, item)) == expected, (pledge_state, state, post, at)


@pytest.mark.parametrize("kind", ["organization", "member", "leader"])
def test_every_step_of_an_item_from_every_state(kind, person, an_item):
    item = an_item(kind)
    for state, verb in itertools.product(ItemState.values, ["submit", "recall", *VETTING]):
        PledgeItem.objects.filter(pk=item.pk).update(state=state)
        by = person(*(VETTERS if verb in VETTING else WRITERS)[kind][0])
        with taken_back():
            if target := ITEM_STEPS.get((state, verb)):
                item.flow.take(verb, item, by=by, reason="请写明户数")
            else:
                with pytest.raises(IllegalStep):
                    item.flow.take(verb, item, by=by, reason="请写明户数")
            assert PledgeItem.objects.get(pk=item.pk).state == (target or state), (state, verb)
