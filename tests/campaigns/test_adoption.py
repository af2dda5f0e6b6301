"""A running campaign takes a newer version of its template, item by item, and keeps what it changed itself."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaigns import template_files
from campaigns.items import stamp, values_of
from campaigns.models import Assignment, Campaign, Obligation, StrandWindow
from campaigns.services import create_from_template, rules
from campaigns.services.adoption import adopt, compare
from campaigns.template_files import find, load
from common.models import Event
from common.sentences import sentence

D = dt.date
TAKEN = find("chuangxian-2010").version
PLAN = "obligation:1::plan:1"
WINDOW = "window:1:pledge:{year}年公开承诺:1"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def office(person):
    return person("office", "city")


@pytest.fixture
def campaign(chain, office):
    return create_from_template(find("chuangxian-2010"), name="本轮活动", starts_on=D(2026, 6, 1), by=office)


@pytest.fixture
def newer(monkeypatch, tmp_path):
    """The next version of the file: another last day, one thing more to do, another sentence, one rung fewer."""
    text = (template_files.FOLDER / "chuangxian-2010.toml").read_text()
    text, swaps = re.subn(r"(?m)^version = \d+$", f"version = {TAKEN + 1}", text)
    assert swaps == 1
    text, swaps = re.subn(r'(expects = "plan".*?due_on = )[\d-]+', r"\g<1>2010-09-15", text, count=1)
    assert swaps == 1
    text = text.replace(
        "obligations = [\n", 'obligations = [\n    { name = "报送联络员名单", due_on = 2010-07-31 },\n', 1
    )
    text = text.replace('\n[[ladder]]\ndays = 10\nto = "office"\n', "")
    text = text.replace("实事求是写成绩，", "实事求是写成绩与经验，")
    path = tmp_path / "newer.toml"
    path.write_text(text)
    monkeypatch.setattr(template_files, "find", lambda code: load(path))


def found(campaign):
    return {each.key: each for each in compare(campaign).differences}


def test_a_fresh_campaign_is_its_template(campaign):
    assert compare(campaign).differences == []


def test_what_is_new_and_what_was_changed_here_are_told_apart(campaign, newer, office):
    window = StrandWindow.objects.filter(phase__number=1).first()
    values = {"closes_on": window.closes_on + dt.timedelta(days=5)}
    rules.change_window(campaign, window, values, base=stamp(values_of("window", window)), by=office)
    plan = Obligation.objects.get(key=PLAN.removeprefix("obligation:1:"))
    rules.change_obligation(
        campaign, plan, {"due_on": D(2026, 12, 1)}, base=stamp(values_of("obligation", plan)), by=office
    )
    told = found(Campaign.objects.get())
    assert {key: (each.is_local, each.is_news, each.is_new) for key, each in told.items()} == {
        PLAN: (True, True, False),
        "obligation:1::报送联络员名单:1": (False, True, True),
        "ladder": (False, True, False),
        "text:review_intro": (False, True, False),
        f"window:1:{window.key}": (True, False, False),
    }
    assert [(each.old, each.new) for each in told[PLAN].lines] == [("2026年12月1日", "2026年9月15日")]


def test_only_what_is_ticked_is_taken(campaign, newer, office, chain):
    base = compare(campaign).base
    adopt(campaign, [PLAN, "text:review_intro"], base=base, by=office)
    campaign.refresh_from_db()
    assert campaign.template_version == TAKEN + 1
    assert campaign.texts["review_intro"].startswith("实事求是写成绩与经验")
    assert len(campaign.ladder) == 5
    plan = Assignment.objects.filter(obligation__key=PLAN.removeprefix("obligation:1:"))
    assert set(plan.values_list("due_on", flat=True)) == {D(2026, 9, 15)}
    assert set(found(campaign)) == {"obligation:1::报送联络员名单:1", "ladder"}
    assert not any(each.is_local for each in found(campaign).values())
    told = sentence(Event.objects.get(kind="campaign.adopt"))
    assert told == f"采用模板第 {TAKEN + 1} 版的：报送2026年活动方案、领导点评的说明"
    adopt(campaign, list(found(campaign)), base=compare(campaign).base, by=office)
    campaign.refresh_from_db()
    assert compare(campaign).differences == []
    assert Obligation.objects.get(name="报送联络员名单").due_on == D(2026, 7, 31)


def test_a_campaign_from_before_keys_were_kept_is_matched_by_name(campaign, newer):
    Campaign.objects.update(taken={})
    Obligation.objects.update(key="")
    StrandWindow.objects.update(key="")
    campaign.refresh_from_db()
    told = found(campaign)
    assert set(told) == {PLAN, "obligation:1::报送联络员名单:1", "ladder", "text:review_intro"}
    assert not compare(campaign).knows_origin


def test_stale_and_unauthorized_take_nothing(campaign, newer, office, person):
    base = compare(campaign).base
    with pytest.raises(PermissionDenied):
        adopt(campaign, [PLAN], base=base, by=person("office", "committee"))
    rules.change_texts(campaign, {"review_intro": "另写"}, base=stamp(campaign.texts), by=office)
    with pytest.raises(rules.RuleChanged):
        adopt(campaign, [PLAN], base=base, by=office)
    assert Campaign.objects.get().template_version == TAKEN


def test_from_the_list_over_the_preview_to_the_taken_items(campaign, newer, office, client):
    client.force_login(office, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("campaigns:template", args=[campaign.pk])
    assert "报送联络员名单" in client.get(page).content.decode()
    assert client.post(page, {"base": "x"}).status_code == 422
    said = {"keys": [PLAN], "base": compare(campaign).base}
    text = client.post(page, said).content.decode()
    assert "截止日期变动" in text
    assert Campaign.objects.get().template_version == TAKEN
    assert client.post(page, said | {"base": "old", "confirm": "1"}).status_code == 409
    client.post(page, said | {"confirm": "1"})
    assert Campaign.objects.get().template_version == TAKEN + 1
