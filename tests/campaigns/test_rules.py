"""The office changes the rules of a running campaign; what would change for whom is counted and undone first."""

import datetime as dt
import re
from dataclasses import replace

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from campaigns import expectations
from campaigns.items import stamp, values_of
from campaigns.models import Assignment, Campaign, Obligation, Phase, Reminder, StrandWindow
from campaigns.services import assignments, rules
from campaigns.services.consequences import consequences
from common.models import Event
from common.sentences import sentence
from organizations.models import Organization
from organizations.services import found

D = dt.date
EVERYONE = {"committee", "neighbour", "general", "branch", "sibling", "foreign"}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2010, 9, 20, 2, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def phase(campaign):
    campaign.ladder = [{"days": -14, "to": "owner", "urgent": False}]
    campaign.texts = {"pledge_intro": "先听取意见。", "review_intro": "实事求是。"}
    campaign.save()
    return Phase.objects.get(number=1)


@pytest.fixture
def plan(chain, phase):
    rule = Obligation.objects.create(
        phase=phase,
        expects="plan",
        name="报送活动方案",
        opens_on=D(2010, 6, 1),
        due_on=D(2010, 9, 30),
        made_on=D(2010, 6, 1),
    )
    assignments.refresh(rule)
    return rule


@pytest.fixture
def office(person):
    return person("office", "city")


def base(kind, row):
    return stamp(values_of(kind, row))


def owing():
    return dict(Assignment.objects.values_list("organization__code", "due_on"))


def change(plan, office, **values):
    return rules.change_obligation(
        plan.phase.campaign, plan, values, base=base("obligation", plan), by=office
    )


def preview(plan, office, **values):
    found = consequences(
        plan.phase.campaign,
        plan.phase.campaign.organization,
        [plan.pk],
        lambda: change(plan, office, **values),
        day=D(2010, 9, 20),
        with_reminders=True,
    )
    return {each.label: (each.count, each.branches) for each in found.effects}, found


def test_a_preview_counts_by_direct_subordinate_and_leaves_nothing_behind(chain, plan, office, person):
    person("secretary", "branch")
    before = owing()
    effects, found = preview(plan, office, due_on=D(2010, 9, 10))
    branches = [("中共震泽镇委员会", 4), ("中共吴江市东方丝绸市场工作委员会", 2)]
    assert effects == {"截止日期变动": (6, branches), "变为逾期未办": (6, branches)}
    assert found.effects[0].names[0] == "中共震泽镇委员会"
    assert len(found.effects[0].names) == 5
    assert found.effects[0].more == 1
    assert (found.before.today, found.after.today) == (
        1,
        0,
    )  # nobody is reminded of what was just laid down so
    assert owing() == before
    plan.refresh_from_db()
    assert plan.due_on == D(2010, 9, 30)
    assert not Event.objects.filter(kind="campaign.change").exists()
    assert not Reminder.objects.exists()


def test_who_owes_newly_and_who_no_longer(chain, plan, office):
    effects, _ = preview(plan, office, kinds=["branch", "general_branch"])
    assert effects == {"不再应办": (2, [("中共震泽镇委员会", 1), ("中共吴江市东方丝绸市场工作委员会", 1)])}
    change(plan, office, kinds=["branch"])
    plan.refresh_from_db()
    effects, _ = preview(plan, office, kinds=[])
    assert effects["新增应办"][0] == 3


def test_what_only_waits_for_the_nightly_count_is_not_laid_at_the_door_of_the_change(chain, plan, office):
    Organization.objects.filter(code="foreign").update(dissolved_on=D(2010, 9, 1))
    effects, _ = preview(plan, office, name="报送方案")
    assert effects == {}


def test_what_was_done_in_time_becomes_late(chain, plan, office, monkeypatch):
    done = "SELECT id, DATE '2010-09-15', 0, 1, 1, 0, 0 FROM organizations_organization WHERE code = 'branch'"
    told = replace(expectations.known()["plan"], facts=lambda rule, only: (done, []))
    monkeypatch.setitem(expectations._known, "plan", told)
    effects, _ = preview(plan, office, due_on=D(2010, 9, 10))
    assert effects["已办的变为迟办"] == (1, [("中共震泽镇委员会", 1)])
    assert effects["变为逾期未办"][0] == 5


def test_saving_counts_everyone_anew_and_tells_what_was_before(chain, plan, office):
    change(plan, office, due_on=D(2010, 10, 20))
    assert set(owing().values()) == {D(2010, 10, 20)}
    event = Event.objects.get(kind="campaign.change")
    assert sentence(event) == ("修改应办事项“报送活动方案”：截止日期由“2010年9月30日”改为“2010年10月20日”")


def test_what_is_no_longer_counted_has_no_rows(chain, plan, office):
    change(plan, office, expects="")
    assert owing() == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"due_on": D(2010, 5, 1)}, "due_on"),
        ({"opens_on": D(2010, 10, 1)}, "opens_on"),
        ({"anchor": "phase_start", "offset": -1}, "offset"),
        ({"kinds": ["dangzu"]}, "kinds"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(chain, plan, office, values, field):
    with pytest.raises(rules.RuleRefused) as refusal:
        change(plan, office, **values)
    assert refusal.value.field == field
    assert set(owing().values()) == {D(2010, 9, 30)}


def test_a_frozen_phase_and_an_ended_campaign_stay_as_they_are(chain, plan, office):
    Phase.objects.filter(pk=plan.phase_id).update(frozen_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC))
    with pytest.raises(rules.RuleRefused, match="已经归档"):
        change(plan, office, due_on=D(2010, 10, 20))
    Campaign.objects.update(closed_on=timezone.localdate() - dt.timedelta(days=1))
    with pytest.raises(rules.RuleRefused, match="已经结束"):
        change(plan, office, due_on=D(2010, 10, 20))


def test_until_its_last_day_a_campaign_is_changed_and_counted_as_before(chain, plan, office, client):
    """A last day that is still to come ends nothing yet."""
    Campaign.objects.update(closed_on=timezone.localdate())
    change(plan, office, due_on=D(2010, 10, 20))
    assert set(owing().values()) == {D(2010, 10, 20)}
    new = found(name="新支部", kind="branch", code="new", parent=chain["general"], on=D(2010, 8, 1), order=9)
    assert plan.assignments.filter(organization=new).exists()
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("campaigns:rules", args=[plan.phase.campaign_id])).content.decode()
    assert "修改时段" in page


def test_the_office_at_the_root_alone(chain, plan, person):
    with pytest.raises(PermissionDenied):
        change(plan, person("office", "committee"), due_on=D(2010, 10, 20))


def test_of_two_offices_the_later_one_is_told(chain, plan, office):
    seen = base("obligation", plan)
    change(plan, office, due_on=D(2010, 10, 20))
    with pytest.raises(rules.RuleChanged):
        rules.change_obligation(plan.phase.campaign, plan, {"name": "方案"}, base=seen, by=office)


def test_what_is_counted_from_a_phase_moves_with_it(chain, phase, plan, office):
    rules.change_obligation(
        phase.campaign, plan, {"anchor": "phase_end", "offset": -10, "unit": "days"},
        base=base("obligation", plan), by=office,
    )  # fmt: skip
    assert set(owing().values()) == {D(2010, 12, 21)}
    values = {"ends_on": D(2010, 11, 30)}
    moved = rules.change_phase(phase.campaign, phase, values, base=base("phase", phase), by=office)
    assert moved == [plan.pk]
    assert set(owing().values()) == {D(2010, 11, 20)}
    phase.refresh_from_db()
    with pytest.raises(rules.RuleRefused, match="结束日期不能空着"):
        rules.change_phase(phase.campaign, phase, {"ends_on": None}, base=base("phase", phase), by=office)


def test_phases_keep_their_order_and_hold_their_windows(chain, phase, office):
    second = Phase.objects.get(number=2)
    with pytest.raises(rules.RuleRefused, match="先后排列"):
        rules.change_phase(
            phase.campaign, second, {"starts_on": D(2011, 7, 15)}, base=base("phase", second), by=office
        )
    window = StrandWindow.objects.create(
        phase=second, strand="pledge", name="公开承诺", opens_on=D(2011, 1, 5), closes_on=D(2011, 3, 31)
    )
    second.refresh_from_db()
    with pytest.raises(rules.RuleRefused, match="请先修改这个环节"):
        rules.change_phase(
            phase.campaign, second, {"starts_on": D(2011, 2, 1)}, base=base("phase", second), by=office
        )
    values = {"opens_on": D(2011, 2, 1), "closes_on": D(2011, 4, 30)}
    rules.change_window(phase.campaign, window, values, base=base("window", window), by=office)
    window.refresh_from_db()
    assert window.closes_on == D(2011, 4, 30)
    with pytest.raises(rules.RuleRefused, match="所在时段"):
        rules.change_window(
            phase.campaign, window, {"opens_on": D(2010, 12, 1)}, base=base("window", window), by=office
        )


def test_a_ladder_gains_and_loses_rungs(chain, plan, office, person):
    person("secretary", "branch")
    campaign = plan.phase.campaign
    rung = {"days": -5, "to": "owner", "urgent": True}
    seen = stamp({"rungs": campaign.ladder})
    found = consequences(
        campaign, chain["city"], [],
        lambda: rules.change_ladder(campaign, None, rung, base=seen, by=office),
        day=D(2010, 9, 20), with_reminders=True,
    )  # fmt: skip
    assert (found.before.ahead, found.after.ahead) == (0, 6)  # the 25th, for six organizations
    rules.change_ladder(campaign, None, rung, base=seen, by=office)
    campaign.refresh_from_db()
    assert [each["days"] for each in campaign.ladder] == [-14, -5]
    with pytest.raises(rules.RuleRefused, match="已有提醒"):
        rules.change_ladder(campaign, 0, rung, base=stamp({"rungs": campaign.ladder}), by=office)
    rules.change_ladder(campaign, 0, None, base=stamp({"rungs": campaign.ladder}), by=office)
    campaign.refresh_from_db()
    assert campaign.ladder == [rung]


# -- pages -----------------------------------------------------------------------------------------


def posted(page):
    """The form of a page as a browser would send it again."""
    data = {}
    for tag in re.findall(r"<(?:input|button)[^>]*>", page):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if said.get("type") == "hidden" and said.get("name") not in (None, "csrfmiddlewaretoken"):
            data.setdefault(said["name"], []).append(said.get("value", ""))
    return data


FIELDS = {
    "name": "报送活动方案", "strand": "", "expects": "plan", "anchor": "date", "offset": "0", "unit": "days",
    "opens_on": "2010-06-01", "due_on": "2010-10-20", "kinds": ["branch"],
}  # fmt: skip


@pytest.fixture
def signed_in(client, office):
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(name, *args):
    return reverse(f"campaigns:{name}", args=args)


def test_from_the_form_over_the_preview_to_the_saved_rule(signed_in, plan):
    page = at("obligation_change", plan.phase.campaign_id, plan.pk)
    first = signed_in.get(page).content.decode()
    said = signed_in.post(page, FIELDS | {"base": posted(first)["base"]}).content.decode()
    assert "2010年9月30日" in said
    assert "2010年10月20日" in said
    assert "不再应办" in said
    assert set(owing()) == EVERYONE
    hidden = posted(said)
    again = signed_in.post(page, hidden | {"edit": "1"}).content.decode()
    assert 'value="2010-10-20"' in again
    signed_in.post(page, hidden | {"confirm": "1"})
    assert owing() == dict.fromkeys(["branch", "sibling", "foreign"], D(2010, 10, 20))


def test_whoever_comes_second_keeps_what_was_typed(signed_in, plan, office):
    page = at("obligation_change", plan.phase.campaign_id, plan.pk)
    seen = base("obligation", plan)
    change(plan, office, name="报送方案")
    answer = signed_in.post(page, FIELDS | {"base": seen, "confirm": "1"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert 'value="2010-10-20"' in text
    assert "名称：报送方案" in text
    plan.refresh_from_db()
    assert posted(text)["base"] == [base("obligation", plan)]


def test_a_refusal_stands_in_the_form(signed_in, plan):
    page = at("obligation_change", plan.phase.campaign_id, plan.pk)
    answer = signed_in.post(page, FIELDS | {"base": base("obligation", plan), "due_on": "2010-05-01"})
    assert answer.status_code == 422
    assert "不能早于所在时段的开始日期" in answer.content.decode()
    answer = signed_in.post(page, FIELDS | {"due_on": ""})
    assert "请填写截止日期" in answer.content.decode()


def test_texts_are_edited_within_their_length(signed_in, phase):
    page = at("texts", phase.campaign_id)
    assert signed_in.post(page, {"pledge_intro": "长" * 501, "review_intro": "好"}).status_code == 422
    said = posted(
        signed_in.post(page, {"pledge_intro": "先听意见，再写。", "review_intro": "好"}).content.decode()
    )
    signed_in.post(page, said | {"confirm": "1"})
    assert Campaign.objects.get().texts == {"pledge_intro": "先听意见，再写。", "review_intro": "好"}
    assert "填写公开承诺时的说明由“先听取意见。”改为“先听意见，再写。”" in sentence(
        Event.objects.get(kind="campaign.change")
    )


def test_a_rung_is_added_and_taken_away_on_its_pages(signed_in, phase):
    page = at("rung_new", phase.campaign_id)
    said = signed_in.post(page, {"when": "after", "count": "1", "to": "superior", "urgent": "on"})
    signed_in.post(page, posted(said.content.decode()) | {"confirm": "1"})
    assert Campaign.objects.get().ladder[1] == {"days": 1, "to": "superior", "urgent": True}
    page = at("rung_remove", phase.campaign_id, 1)
    said = signed_in.get(page).content.decode()
    assert "逾期 1 天提醒上级党组织" in said
    signed_in.post(page, posted(said) | {"confirm": "1"})
    assert len(Campaign.objects.get().ladder) == 1


def test_the_rules_are_read_in_the_same_number_of_queries_however_many(
    signed_in, plan, django_assert_max_num_queries
):
    page = at("rules", plan.phase.campaign_id)
    signed_in.get(page)
    with django_assert_max_num_queries(30) as few:
        signed_in.get(page)
    for name in "甲乙":
        Obligation.objects.create(phase=plan.phase, name=name, opens_on=D(2010, 6, 1), due_on=D(2010, 9, 30))
    with django_assert_max_num_queries(len(few)):
        signed_in.get(page)
