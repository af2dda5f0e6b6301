import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from campaigns import queries
from campaigns.items import opens_on
from campaigns.models import Campaign, Obligation, Phase, RubricItem, Strand, StrandWindow
from campaigns.services import CampaignRefused, arrange, close, create_from_template
from campaigns.template_files import find
from common.models import Event
from pledges.models.fulfilment import quarter_of

TEMPLATE = find("chuangxian-2010")
D = dt.date
FIRST_DAY = D(2010, 6, 1)


@pytest.fixture
def office(person):
    return person("office", "city")


def create(by, starts_on=FIRST_DAY, name="创先争优活动"):
    return create_from_template(TEMPLATE, name=name, starts_on=starts_on, by=by)


def test_a_campaign_from_its_own_start_has_the_real_dates(office):
    campaign = create(office)
    assert [(p.starts_on, p.ends_on, p.ends_note) for p in campaign.phases.all()] == [
        (D(2010, 6, 1), D(2010, 12, 31), ""),
        (D(2011, 1, 1), D(2011, 7, 31), ""),
        (D(2011, 7, 1), None, "党的十八大召开前"),
    ]
    assert campaign.rubric.count() == 10
    window = StrandWindow.objects.get(phase__campaign=campaign, phase__number=1, strand=Strand.PLEDGE)
    assert (window.name, window.opens_on, window.closes_on) == (
        "2010年公开承诺",
        D(2010, 8, 19),
        D(2010, 9, 30),
    )
    assert Obligation.objects.filter(phase__campaign=campaign).count() == 22
    assert campaign.scales["evaluation"]["options"][4] == {
        "name": "不了解",
        "score": 0,
        "counts": False,
        "satisfied": False,
    }


def test_a_later_start_moves_every_date_and_every_year_in_a_name(office):
    campaign = create(office, D(2026, 3, 1))
    assert [(p.starts_on, p.ends_on, p.ends_note) for p in campaign.phases.all()] == [
        (D(2026, 3, 1), D(2026, 9, 30), ""),
        (D(2026, 10, 1), D(2027, 4, 30), ""),
        (D(2027, 4, 1), None, ""),
    ]
    names = [w.name for w in StrandWindow.objects.filter(phase__campaign=campaign, phase__number=2)]
    assert names == ["2026年公开承诺", "2027年评选表彰", "2027年上半年领导点评"]


@given(st.dates(D(1990, 1, 1), D(2090, 12, 31)))
def test_any_start_keeps_phases_in_order_and_windows_inside_the_campaign(starts_on):
    phases = arrange(TEMPLATE, starts_on).phases
    assert phases[0].starts_on == starts_on
    assert phases[0].ends_on + dt.timedelta(1) == phases[1].starts_on
    assert phases[1].starts_on < phases[2].starts_on <= phases[1].ends_on
    assert phases[2].ends_on is None
    for phase in phases:
        assert phase.ends_on is None or phase.starts_on <= phase.ends_on
        for window in phase.windows:
            assert starts_on <= window.opens_on <= window.closes_on
        for obligation in phase.obligations:
            assert starts_on <= opens_on(phase, obligation) <= obligation.due_on


def test_a_quarter_is_owed_from_its_first_day_and_others_from_their_strands_window(office):
    """Nobody is behind with a quarter that has not begun."""
    campaign = create(office)
    asked = Obligation.objects.filter(phase__campaign=campaign)
    opens = asked.filter(expects="quarter").values_list("opens_on", "due_on")
    assert {day for day, _ in opens} == {D(2010, 10, 1), D(2011, 4, 1), D(2012, 4, 1), D(2012, 7, 1)}
    assert all(quarter_of(due_on) == day for day, due_on in opens)
    assert asked.get(phase__number=1, expects="pledge").opens_on == D(2010, 8, 19)


def test_dates_beyond_the_calendar_are_refused_with_a_sentence():
    with pytest.raises(CampaignRefused, match="另选日期"):
        arrange(TEMPLATE, D(9999, 1, 1))


@pytest.mark.parametrize(
    ("post", "at", "allowed"),
    [
        ("office", "city", True),
        ("office_director", "city", True),
        ("office", "committee", False),  # an office of a committee below arranges nothing for the city
        ("secretary", "city", False),
        ("group_head", "city", False),
        ("liaison", "branch", False),
    ],
)
def test_only_the_office_at_the_root_creates_a_campaign(person, post, at, allowed):
    user = person(post, at)
    if allowed:
        assert create(user).pk
        return
    with pytest.raises(PermissionDenied):
        create(user)
    assert not Campaign.objects.exists()


def test_the_same_start_twice_is_refused_and_leaves_nothing(office):
    create(office)
    counts = [m.objects.count() for m in (Campaign, Phase, RubricItem, StrandWindow, Event)]
    with pytest.raises(CampaignRefused, match="已经有了"):
        create(office, name="又一次")
    assert [m.objects.count() for m in (Campaign, Phase, RubricItem, StrandWindow, Event)] == counts


def test_a_campaign_needs_a_name(office):
    with pytest.raises(CampaignRefused, match="活动名称"):
        create(office, name="  ")


def test_creation_is_on_record_at_the_root(office, chain):
    campaign = create(office)
    event = Event.objects.about(campaign).get()
    assert (event.kind, event.actor, event.place_id) == ("campaign.create", office, chain["city"].pk)
    assert event.post == "中共吴江市委员会 领导小组办公室"
    assert event.after["starts_on"] == "2010-06-01"


def test_closing_is_on_record_and_happens_once(office):
    campaign = close(create(office), on=D(2012, 11, 8), by=office)
    assert campaign.closed_on == D(2012, 11, 8)
    assert Event.objects.about(campaign).filter(kind="campaign.close").count() == 1
    with pytest.raises(CampaignRefused, match="已经结束"):
        close(campaign, on=D(2012, 12, 1), by=office)


def test_the_audit_page_tells_of_campaigns_in_chinese(office, person, client):
    close(create(office), on=D(2012, 11, 8), by=office)
    client.force_login(person("office_director", "city"))
    page = client.get(reverse("organizations:audit")).content.decode()
    assert "建立活动“创先争优活动”，2010年6月1日开始" in page
    assert "结束活动“创先争优活动”，2012年11月8日为最后一天" in page
    assert 'value="campaign.close"' in page
    assert "user.sign_in" not in page


def test_a_campaign_cannot_close_before_it_begins(office):
    with pytest.raises(CampaignRefused, match="不能早于"):
        close(create(office), on=D(2010, 5, 31), by=office)


def test_closing_needs_the_office(office, person):
    with pytest.raises(PermissionDenied):
        close(create(office), on=D(2012, 11, 8), by=person("secretary", "city"))


class TestTheCurrentCampaign:
    @pytest.fixture(autouse=True)
    def two(self, office):
        self.old = close(create(office), on=D(2012, 11, 8), by=office)
        self.new = create(office, D(2012, 10, 1), "新一轮活动")

    def test_of_two_that_run_the_later_one_counts(self):
        assert queries.current_campaign(D(2012, 9, 30)) == self.old
        assert queries.current_campaign(D(2012, 10, 1)) == self.new
        assert queries.current_campaign(D(2010, 5, 31)) is None

    def test_a_closed_one_runs_until_its_last_day(self):
        Campaign.objects.filter(pk=self.new.pk).delete()
        assert queries.current_campaign(D(2012, 11, 8)) == self.old
        assert queries.current_campaign(D(2012, 11, 9)) is None
        assert queries.current_phase(D(2012, 11, 9)) is None

    @pytest.mark.parametrize(
        ("day", "number"),
        [
            (D(2010, 6, 1), 1),
            (D(2010, 12, 31), 1),
            (D(2011, 1, 1), 2),
            (D(2011, 7, 15), 3),  # where two touch, the later one
            (D(2012, 9, 30), 3),
        ],
    )
    def test_the_phase_of_the_day(self, day, number):
        phase = queries.current_phase(day)
        assert (phase.campaign, phase.number) == (self.old, number)

    def test_the_phase_belongs_to_the_current_campaign(self):
        phase = queries.current_phase(D(2012, 10, 20))
        assert (phase.campaign, phase.number) == (self.new, 1)

    def test_current_phase_is_one_query(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert queries.current_phase(D(2012, 10, 20)).campaign.name

    def test_a_coming_campaign_is_known_to_insiders_only(self, office):
        day = D(2012, 9, 30)
        assert list(Campaign.objects.public(day)) == [self.old]
        assert set(Campaign.objects.visible_to(office)) == {self.old, self.new}
