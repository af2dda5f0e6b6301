"""An office lets a rule hold more strictly in its own subtree; never less, and never what the rule forbids."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaigns.items import stamp, values_of
from campaigns.models import Assignment, Obligation, Phase
from campaigns.refusals import RuleChanged, RuleRefused
from campaigns.services import assignments, rules
from campaigns.services.variations import basis, restore, vary
from common.models import Event
from common.sentences import sentence

D = dt.date


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2010, 9, 1, 2, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def plan(chain, campaign):
    rule = Obligation.objects.create(
        phase=Phase.objects.get(number=1), expects="plan", name="报送活动方案", opens_on=D(2010, 6, 1),
        due_on=D(2010, 9, 30), made_on=D(2010, 6, 1), kinds=["branch", "committee"],
        exempts=["founded_late"], forbids=["opens_on"],
    )  # fmt: skip
    assignments.refresh(rule)
    return rule


@pytest.fixture
def office(person):
    return person("office", "committee")


def due():
    return dict(Assignment.objects.values_list("organization__code", "due_on"))


def varied(plan, place, office, **values):
    return vary(plan, place, values, base=basis(plan, place), by=office)


def test_posts_that_could_not_do_it_are_refused(chain, plan, office):
    with pytest.raises(RuleRefused, match="书记、副书记") as refusal:
        varied(plan, chain["committee"], office, posts=["office"])
    assert refusal.value.field == "posts"
    varied(plan, chain["committee"], office, posts=["deputy_secretary"])
    assert plan.variations.get().posts == ["deputy_secretary"]


def test_whoever_is_asked_anew_is_not_reminded_of_the_days_before(chain, plan, office):
    """A rung that fell before the rule was made so is none of theirs."""
    plan.kinds = ["branch"]
    plan.save()
    assignments.refresh(plan)
    varied(plan, chain["committee"], office, kinds=["branch", "committee"], due_on=D(2010, 9, 20))
    since = dict(Assignment.objects.values_list("organization__code", "assigned_on"))
    assert (since["committee"], since["branch"], since["foreign"]) == (
        D(2010, 9, 1),
        D(2010, 9, 1),
        D(2010, 6, 1),
    )


def test_an_earlier_day_holds_inside_and_only_inside(chain, plan, office):
    varied(plan, chain["committee"], office, due_on=D(2010, 9, 20))
    assert due() == {
        "committee": D(2010, 9, 20), "branch": D(2010, 9, 20), "sibling": D(2010, 9, 20),
        "foreign": D(2010, 9, 30),
    }  # fmt: skip
    made = plan.variations.get()
    assert made.made_by == office
    event = Event.objects.get(kind="obligation.vary")
    assert event.place_id == chain["committee"].pk
    assert "截止日期由“2010年9月30日”改为“2010年9月20日”" in sentence(event)
    restore(plan, chain["committee"], base=basis(plan, chain["committee"]), by=office)
    assert set(due().values()) == {D(2010, 9, 30)}
    assert not plan.variations.exists()


@pytest.mark.parametrize(
    ("values", "field", "why"),
    [
        ({"due_on": D(2010, 10, 1)}, "due_on", "延期"),
        ({"due_on": D(2010, 5, 1)}, "due_on", "所在时段"),
        ({"opens_on": D(2010, 7, 1)}, "opens_on", "上级统一规定"),
        ({"kinds": ["branch"]}, "kinds", "少了党委"),
        ({"exempts": ["founded_late", "nobody"]}, "exempts", "不能增加"),
    ],
)
def test_softer_and_forbidden_is_refused_with_its_reason(chain, plan, office, values, field, why):
    with pytest.raises(RuleRefused, match=why) as refusal:
        varied(plan, chain["committee"], office, **values)
    assert refusal.value.field == field
    assert not plan.variations.exists()


def test_more_kinds_and_fewer_exemptions_may_be_asked_for(chain, plan, office):
    varied(plan, chain["committee"], office, kinds=["branch", "committee", "general_branch"], exempts=[])
    assert "general" in due()


def test_only_by_the_office_there_and_never_at_the_root(chain, plan, office, person):
    for who, place in [
        (person("office", "city"), "city"),
        (person("office", "city"), "committee"),
        (office, "general"),
        (office, "neighbour"),
        (person("secretary", "committee"), "committee"),
        (person("office", "branch"), "branch"),
    ]:
        with pytest.raises(PermissionDenied):
            varied(plan, chain[place], who, due_on=D(2010, 9, 20))


def test_a_variation_keeps_what_it_varies_and_follows_in_the_rest(chain, plan, office, person):
    root = person("office", "city")
    inner = person("office", "general")
    varied(plan, chain["committee"], office, due_on=D(2010, 9, 20))
    varied(plan, chain["general"], inner, posts=["liaison"])
    below = plan.variations.get(organization=chain["general"])
    assert below.due_on == D(2010, 9, 20)  # of the one above it

    def change(**values):
        base = stamp(values_of("obligation", Obligation.objects.get(pk=plan.pk)))
        rules.change_obligation(plan.phase.campaign, plan, values, base=base, by=root)
        return {each.organization.code: each for each in plan.variations.all()}

    now = change(name="报送方案", due_on=D(2010, 10, 31), kinds=[])
    assert {each.due_on for each in now.values()} == {D(2010, 9, 20)}
    assert {each.name for each in now.values()} == {"报送方案"}
    assert now["general"].kinds == []
    now = change(due_on=D(2010, 9, 10))  # earlier than what was varied
    assert {each.due_on for each in now.values()} == {D(2010, 9, 10)}
    varied(plan, chain["committee"], office, due_on=D(2010, 9, 5))
    assert plan.variations.get(organization=chain["general"]).due_on == D(2010, 9, 5)
    restore(plan, chain["committee"], base=basis(plan, chain["committee"]), by=office)
    kept = plan.variations.get()
    assert (kept.due_on, kept.posts) == (D(2010, 9, 10), ["liaison"])
    now = change(forbids=["posts"])
    assert now["general"].posts == []


def test_a_rule_that_moved_meanwhile_is_told(chain, plan, office, person):
    seen = basis(plan, chain["committee"])
    rules.change_obligation(
        plan.phase.campaign, plan, {"due_on": D(2010, 9, 25)},
        base=stamp(values_of("obligation", plan)), by=person("office", "city"),
    )  # fmt: skip
    with pytest.raises(RuleChanged):
        vary(plan, chain["committee"], {"due_on": D(2010, 9, 28)}, base=seen, by=office)


def test_on_its_page_what_is_forbidden_is_shown_and_not_asked_for(chain, plan, office, client):
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("campaigns:vary", args=[plan.phase.campaign_id, plan.pk, chain["committee"].pk])
    text = client.get(page).content.decode()
    assert "开始日期由上级统一规定，不能调整。" in text
    assert 'name="opens_on"' not in text
    said = {"due_on": "2010-09-20", "kinds": ["branch", "committee"], "exempts": ["founded_late"]}
    text = client.post(page, said).content.decode()
    assert "震泽镇机关党总支 2" in text  # told by what hangs below the committee
    assert not plan.variations.exists()
    client.post(page, said | {"confirm": "1"})
    assert plan.variations.get().due_on == D(2010, 9, 20)
    text = client.get(
        reverse("campaigns:obligation", args=[plan.phase.campaign_id, plan.pk])
    ).content.decode()
    assert "office-committee，2010年9月1日" in text
    remove = reverse("campaigns:restore", args=[plan.phase.campaign_id, plan.pk, chain["committee"].pk])
    assert "截止日期变动" in client.get(remove).content.decode()
    assert plan.variations.exists()
    client.post(remove, {"confirm": "1"})
    assert not plan.variations.exists()


def test_the_list_of_variations_asks_as_often_for_three_as_for_one(
    chain, plan, office, client, django_assert_max_num_queries
):
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("campaigns:obligation", args=[plan.phase.campaign_id, plan.pk])
    make = {"phase": plan.phase, "expects": "plan", "name": plan.name, "opens_on": plan.opens_on,
            "due_on": plan.due_on, "made_by": office}  # fmt: skip
    plan.variations.create(organization=chain["committee"], **make)
    client.get(page)
    with django_assert_max_num_queries(30) as few:
        client.get(page)
    plan.variations.create(organization=chain["general"], **make)
    plan.variations.create(organization=chain["neighbour"], **make)
    with django_assert_max_num_queries(len(few)):
        client.get(page)
