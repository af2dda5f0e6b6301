"""The demo city as it stands on one day: whole, plausible, with something to do for every account."""

import datetime as dt
from collections import Counter
from random import Random

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Max, Min
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from campaigns.duties import duties
from campaigns.models import Assignment, Campaign, Phase, Strand, Summary
from campaigns.services import arrange
from campaigns.template_files import find
from chuangxian.demo import ACCOUNTS, PASSWORD
from chuangxian.demo.build import build, current_start
from chuangxian.demo.city import TOWNS, outline
from chuangxian.demo.filing import owing
from chuangxian.demo.names import people
from chuangxian.demo.phrases import GENERAL, TRADES
from common.models import Delivery, Event
from notifications.models import Notice
from organizations.access import holdings
from organizations.kinds import Kind
from organizations.models import Appointment, FormerName, Member, Organization
from pledges.flow import IN_FORCE, AppraisalState, ChangeState, OpinionState, PlanState, PledgeState
from pledges.models import (
    Appraisal,
    Change,
    Exemption,
    Judgement,
    Opinion,
    Plan,
    PlanTask,
    PlanVersion,
    Pledge,
    PledgeItem,
    Progress,
    Publication,
    Result,
    RoundArchive,
    Source,
    Status,
)
from pledges.queries.archives import verify
from pledges.queries.fulfilment import in_force, overdue_items

NOW = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
TODAY = NOW.date()
User = get_user_model()


@pytest.fixture(scope="module", autouse=True)
def city(django_db_setup, django_db_blocker):
    """Built once for this module, and gone with it."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        build(TODAY)
        yield
        transaction.set_rollback(True)


def at(name):
    return Organization.objects.get(name=name)


class TestOrganizations:
    def test_level_one_stands_in_the_order_of_the_addressee_line(self):
        root = Organization.objects.get(parent=None)
        names = [o.label for o in root.children.living().in_protocol_order()]
        assert names[:9] == [f"{town}镇党委" for town in TOWNS]
        assert names[9:13] == [
            "吴江经济开发区党工委",
            "汾湖经济开发区党工委",
            "市级机关党工委",
            "东方丝绸市场党工委",
        ]
        assert len(names) == 21
        assert all(name.endswith("系统党委") for name in names[13:])

    def test_the_organs_have_81_direct_subordinates(self):
        assert at("中共吴江市市级机关工作委员会").children.living().count() == 81

    def test_there_are_about_300_of_every_kind(self):
        kinds = Counter(Organization.objects.living().values_list("kind", flat=True))
        assert 290 <= sum(kinds.values()) <= 330
        assert set(kinds) == set(Kind.values) - {Kind.PRIMARY_COMMITTEE}

    def test_every_path_is_its_superiors_path_and_its_own_number(self):
        for place in Organization.objects.select_related("parent"):
            above = place.parent.path if place.parent else ""
            assert place.path == f"{above}{place.pk}."

    def test_some_were_renamed_merged_moved_and_dissolved(self):
        assert FormerName.objects.count() == 3
        assert Organization.objects.exclude(merged_into=None).count() == 1
        assert Organization.objects.exclude(dissolved_on=None).count() == 2
        grain = at("中共吴江市粮食局支部委员会")
        assert grain.superior_on(dt.date(2010, 12, 31)).label == "市农业系统党委"
        assert grain.superior_on(dt.date(2011, 3, 1)).label == "市级机关党工委"

    def test_the_outline_is_the_same_every_time(self):
        assert outline() == outline()


class TestPeople:
    def test_there_are_3000_members_who_belong_to_branches(self):
        members = Member.objects.select_related("organization")
        assert members.count() == 3000
        assert all(member.organization.rule.holds_members for member in members)
        assert members.filter(standing=Member.Standing.PROBATIONARY).count() > 30
        assert members.filter(is_mobile=True).exclude(receiving=None).exists()

    def test_their_phones_are_nobodys(self):
        phones = list(Member.objects.values_list("phone", flat=True))
        assert len(set(phones)) == 3000
        assert all(phone.startswith("1390000") for phone in phones)

    def test_the_same_people_come_every_time(self):
        one, other = people(Random(1)), people(Random(1))
        assert [next(one) for _ in range(50)] == [next(other) for _ in range(50)]

    def test_every_secretary_is_on_a_roster_of_a_branch(self):
        branches = Appointment.objects.filter(post="secretary", organization__kind=Kind.BRANCH, ends_on=None)
        missing = branches.filter(user__member=None).exclude(user__username__in=["xinren", "duozhi"])
        assert not missing.exists()


class TestAccounts:
    @pytest.mark.parametrize("account", ACCOUNTS, ids=lambda a: a.username)
    def test_each_signs_in_with_the_printed_password(self, account):
        user = User.objects.get(username=account.username)
        assert user.check_password(PASSWORD)
        assert user.name == account.name

    def test_the_administrator_has_no_post_and_the_nine_post_user_nine(self):
        assert User.objects.get(username="guanli").is_staff
        assert holdings(User.objects.get(username="guanli")) == []
        assert len(holdings(User.objects.get(username="duozhi"))) == 9

    def test_the_new_secretary_took_over_and_must_change_the_password(self):
        user = User.objects.get(username="xinren")
        assert user.must_change_password
        held = Appointment.objects.filter(organization=at("中共吴江市档案局支部委员会"), post="secretary")
        assert [a.user == user for a in held.order_by("starts_on")] == [False, True]
        assert held.filter(ends_on=None).get().user == user

    @pytest.mark.parametrize(
        ("username", "waiting"),
        [
            ("zhishu", ["退回待修改", "待提交", "待申请公开"]),
            ("jushuji", ["待审定"]),
            ("jiguan", ["待审定"]),
            ("shiwei", ["待审定"]),
            ("bangong", ["待保密审查"]),
            ("zhuren", ["待批准公开"]),
            ("duozhi", ["待提交", "待申请公开"]),
            ("xinren", ["退回待修改", "待提交"]),
        ],
    )
    def test_something_waits_on_the_desk(self, username, waiting):
        client = Client()
        User.objects.filter(username="xinren").update(must_change_password=False)
        client.force_login(User.objects.get(username=username))
        text = client.get("/desk/").content.decode()
        assert [label for label in waiting if label in text] == waiting

    @pytest.mark.parametrize(
        ("username", "waiting"),
        [
            ("zhishu", {"待认定", "待答复"}),
            ("lianluo", {"待答复"}),
            ("dangyuan", {"到期未报"}),
            ("jushuji", {"方案待审核", "待答复"}),
            ("jiguan", {"方案待审核"}),
            ("shiwei", {"方案待审核"}),
            ("bangong", {"方案待保密审查"}),
            ("zhuren", {"方案待批准公开", "变更待批准"}),
            ("duozhi", {"方案待申请公开"}),
            ("xinren", {"方案退回待修改"}),
        ],
    )
    def test_the_new_areas_have_something_for_it(self, username, waiting):
        found = duties(User.objects.get(username=username), TODAY)
        assert waiting <= {duty.label for duty in found}
        assert all(duty.url for duty in found)

    @pytest.mark.parametrize("username", ["zuzhang", "jijian"])
    def test_those_who_only_watch_have_nothing_to_do(self, username):
        client = Client()
        client.force_login(User.objects.get(username=username))
        assert "现在没有等您办理的事" in client.get("/desk/").content.decode()


class TestCampaigns:
    def test_the_archive_is_complete_and_closed(self):
        archive = Campaign.objects.get(starts_on=dt.date(2010, 6, 1))
        assert archive.closed_on == dt.date(2012, 11, 8)
        assert Publication.objects.published().filter(phase__campaign=archive).count() >= 600
        states = set(Pledge.objects.filter(phase__campaign=archive).values_list("state", flat=True))
        assert states == {PledgeState.PUBLISHED, PledgeState.WITHDRAWN}

    def test_what_was_published_was_published_in_its_window(self):
        for phase in Phase.objects.filter(starts_on__lt=dt.date(2020, 1, 1)):
            window = phase.windows.get(strand=Strand.PLEDGE)
            days = {p.published_at.date() for p in phase.publications.all()}
            assert window.opens_on <= min(days) <= max(days) <= window.closes_on

    def test_a_publication_bears_the_name_of_its_day(self):
        station = at("中共吴江市广播电视台总支部委员会")
        archived = station.publications.filter(phase__starts_on__lt=dt.date(2020, 1, 1))
        names = dict(archived.values_list("phase__number", "organization_name"))
        assert names
        assert names.get(1, "中共吴江市广播电视总台总支部委员会") == "中共吴江市广播电视总台总支部委员会"
        assert names.get(3, station.name) == station.name

    def test_today_the_second_phase_runs_with_pledges_in_every_state(self):
        phase = Phase.objects.on(TODAY).get()
        assert phase.number == 2
        assert set(phase.pledges.values_list("state", flat=True)) == set(PledgeState.values)

    @pytest.mark.parametrize(("starts", "at_least"), [(2010, 600), (2026, 2000)])
    def test_members_have_pledged_in_every_round(self, starts, at_least):
        phases = Phase.objects.filter(campaign__starts_on__year=starts, starts_on__lte=TODAY)
        for phase in phases.filter(windows__strand=Strand.PLEDGE):
            assert phase.pledges.of_members().count() >= at_least, phase
            assert phase.exemptions.exclude(kind="oral").exists()
            assert phase.exemptions.filter(kind="oral").exists()
        assert not Pledge.objects.of_members().filter(member__joined_on__gt=F("phase__starts_on")).exists()

    def test_the_members_account_owes_a_pledge_and_has_one_of_before_to_start_from(self):
        member = User.objects.get(username="dangyuan").member
        assert [
            p.phase.number for p in member.pledges.filter(phase__campaign__starts_on__gt=dt.date(2020, 1, 1))
        ] == [1]

    def test_returned_pledges_say_what_to_change(self):
        for pledge in Pledge.objects.filter(state=PledgeState.RETURNED, return_grounds__len__gt=0):
            assert pledge.return_reason
            assert pledge.items.exclude(remark="").exists()

    def test_every_item_is_complete_and_every_text_different(self):
        assert not PledgeItem.objects.filter(pledge__member=None, responsible="").exists()
        assert not PledgeItem.objects.filter(due_on=None).exists()
        assert not PledgeItem.objects.filter(content__contains="{").exists()
        bodies = Counter(
            Publication.objects.of_organizations().filter(version=1).values_list("body", flat=True)
        )
        assert bodies.most_common(1)[0][1] == 1

    @pytest.mark.parametrize(
        ("model", "moments"),
        [
            (Event, ["created_at"]),
            (Notice, ["created_at"]),
            (Publication, ["published_at", "withdrawn_at", "replaced_at"]),
            (Pledge, ["created_at", "changed_at", "submitted_at", "vetted_at"]),
            (Plan, ["created_at", "changed_at", "submitted_at", "vetted_at"]),
            (PlanVersion, ["at"]),
            (Exemption, ["recorded_at"]),
            (Progress, ["recorded_at"]),
            (Judgement, ["recorded_at"]),
            (Appraisal, ["appraised_at"]),
            (Opinion, ["drafted_at", "answered_at", "published_at"]),
            (Change, ["requested_at", "decided_at"]),
            (RoundArchive, ["closed_at"]),
        ],
        ids=lambda value: value.__name__ if isinstance(value, type) else "",
    )
    def test_nothing_lies_in_the_future(self, model, moments):
        assert model.objects.exists()
        for moment in moments:
            assert not model.objects.filter(**{f"{moment}__gt": NOW}).exists()

    def test_those_whose_turn_it_is_have_been_told(self):
        assert Notice.objects.filter(recipient__username="zhuren").exists()
        assert not Delivery.objects.pending().exists()

    def test_publications_by_nobody_who_wrote_them(self):
        for publication in Publication.objects.of_organizations().select_related("pledge"):
            assert publication.published_by_id not in publication.pledge.hands
        for pledge in Pledge.objects.exclude(cleared_by=None).prefetch_related("publications"):
            assert pledge.cleared_by_id != pledge.proposed_by_id
            assert all(p.published_by_id != pledge.cleared_by_id for p in pledge.publications.all())


CLOSED = {"phase__pledge_archive__isnull": False}
BEFORE = dt.date(2020, 1, 1)


def running():
    return Phase.objects.on(TODAY).get()


class TestPlans:
    def test_in_every_round_three_in_four_of_those_that_file_have_plans_half_of_them_published(self):
        for phase in Phase.objects.filter(starts_on__lte=TODAY):
            states = Counter(phase.plans.values_list("state", flat=True))
            public = Publication.objects.of_plans().filter(phase=phase).count()
            those = owing(phase)
            assert phase.plans.filter(organization__in=those).count() == states.total(), phase
            assert 0.74 < states.total() / len(those) < 0.79, phase
            assert 0.48 < public / states.total() < 0.55, phase

    def test_those_of_closed_rounds_are_archived_and_the_running_one_has_every_other_state(self):
        assert set(Plan.objects.filter(**CLOSED).values_list("state", flat=True)) == {PlanState.ARCHIVED}
        states = set(running().plans.values_list("state", flat=True))
        assert states == set(PlanState.values) - {PlanState.ARCHIVED}

    def test_they_have_four_to_six_tasks_and_are_filed_once_or_twice(self):
        own = Plan.objects.filter(adopts=None).annotate(n=Count("tasks"))
        assert set(own.values_list("n", flat=True)) == {4, 5, 6}
        filed = Plan.objects.exclude(state=PlanState.DRAFT).annotate(n=Count("versions"))
        assert set(filed.values_list("n", flat=True)) == {1, 2}
        assert not PlanTask.objects.filter(key_task="").exists()
        assert not PlanTask.objects.filter(key_task__contains="{").exists()

    def test_a_small_branch_adopts_the_plan_of_its_superior_which_was_agreed_to_before(self):
        superiors = running().plans.get(organization=at("中共吴江市财政局机关委员会"))
        adopting = running().plans.get(organization=at("中共吴江市财政局机关第一支部委员会"))
        assert (superiors.state, superiors.versions.count()) == (PlanState.AGREED, 2)
        assert adopting.adopts == superiors
        assert superiors.vetted_at < adopting.created_at

    def test_what_came_back_says_why(self):
        assert running().plans.filter(state=PlanState.RETURNED).exists()
        assert not Plan.objects.filter(state=PlanState.RETURNED, return_reason="").exists()


class TestKeeping:
    def test_of_the_archive_every_item_has_both_judgements_and_nothing_is_left_open(self):
        items = PledgeItem.objects.filter(in_force(), pledge__phase__starts_on__lt=BEFORE)
        for source in (Source.SELF, Source.SUPERIOR):
            assert Judgement.objects.filter(item__in=items, source=source).count() == items.count()
        assert not overdue_items(items, TODAY).exists()
        pledges = Pledge.objects.filter(phase__starts_on__lt=BEFORE, state__in=IN_FORCE)
        assert Appraisal.objects.filter(pledge__in=pledges).count() == pledges.count()

    def test_results_are_of_every_kind_in_plausible_shares(self):
        for source in (Source.SELF, Source.SUPERIOR):
            found = Counter(Judgement.objects.filter(source=source).values_list("result", flat=True))
            assert set(found) == set(Result.values)
            assert 0.7 < found[Result.FULFILLED] / found.total() < 0.85
            assert 0.03 < found[Result.UNFULFILLED] / found.total() < 0.1
        assert Judgement.objects.filter(source=Source.MASSES).count() > 50

    def test_a_few_items_of_the_first_phase_are_due_and_not_reported(self):
        items = PledgeItem.objects.filter(pledge__phase__campaign__starts_on__gt=BEFORE)
        late = overdue_items(items, TODAY)
        assert 5 <= late.count() <= 60
        assert late.filter(pledge__member__user__username="dangyuan").exists()

    def test_of_the_running_round_most_items_were_told_of_and_some_were_not(self):
        public = PledgeItem.objects.filter(pledge__phase=running(), pledge__state=PledgeState.PUBLISHED)
        told = Progress.objects.filter(item__in=public).values("item").distinct().count()
        assert 0.5 < told / public.count() < 0.9
        assert set(Progress.objects.values_list("status", flat=True)) == set(Status.values)

    def test_members_were_graded_and_those_on_probation_were_not(self):
        graded = Appraisal.objects.filter(state=AppraisalState.APPRAISED)
        assert graded.filter(pledge__member__isnull=False).count() > 4000
        assert not graded.filter(pledge__member__standing="probationary").exists()
        assert set(graded.values_list("band", flat=True)) == {"好", "中", "差"}

    def test_everything_happened_in_its_order(self):
        assert not Progress.objects.filter(recorded_at__lt=F("item__pledge__vetted_at")).exists()
        for judgement in (Source.SELF, Source.SUPERIOR):
            early = Judgement.objects.filter(source=judgement, recorded_at__lt=F("item__pledge__vetted_at"))
            assert not early.exists()
        for archive in RoundArchive.objects.all():
            rows = Judgement.objects.filter(item__pledge__phase=archive.phase)
            found = {
                source: rows.filter(source=source).aggregate(last=Max("recorded_at"))["last"]
                for source in Source.values
            }
            graded = Appraisal.objects.filter(pledge__phase=archive.phase).aggregate(
                first=Min("appraised_at"), last=Max("appraised_at")
            )
            assert found[Source.SUPERIOR] < graded["first"] < graded["last"] < archive.closed_at
            assert found[Source.MASSES] < archive.closed_at
        backwards = Judgement.objects.filter(
            source=Source.SUPERIOR,
            item__judgements__source=Source.SELF,
            item__judgements__recorded_at__gt=F("recorded_at"),
        )
        assert not backwards.exists()

    def test_each_of_it_is_on_record_in_the_right_words(self):
        assert Event.objects.filter(kind="pledgeitem.progress").count() == Progress.objects.count()
        assert Event.objects.filter(kind="pledgeitem.judge").count() == Judgement.objects.count()
        graded = Appraisal.objects.filter(state=AppraisalState.APPRAISED).count()
        assert Event.objects.filter(kind="appraisal.appraise").count() == graded
        own = Event.objects.filter(kind="pledgeitem.progress", actor__username="dangyuan")
        assert set(own.values_list("post", flat=True)) == {"本人"}


class TestOpinions:
    def test_they_stand_in_every_state_two_are_late_and_the_account_has_two_to_answer(self):
        states = Counter(Opinion.objects.values_list("state", flat=True))
        assert states.total() == 25
        assert set(states) == set(OpinionState.values)
        assert Opinion.objects.overdue(TODAY).count() == 2
        assert Opinion.objects.overdue(TODAY).filter(late_told_on=None).count() == 0
        assert (
            Opinion.objects.waiting().filter(organization=at("中共吴江市财政局机关第一支部委员会")).count()
            >= 2
        )
        assert Event.objects.filter(kind="opinion.forward").count() == 2
        assert not Opinion.objects.filter(announced_on=None).exists()

    def test_each_is_about_what_was_public_then(self):
        for opinion in Opinion.objects.select_related("publication"):
            assert opinion.publication.published_at.date() <= opinion.received_on
            assert opinion.publication.is_open_to_all


class TestChanges:
    def test_two_were_approved_and_both_texts_are_public(self):
        approved = Change.objects.filter(state=ChangeState.APPROVED)
        assert approved.count() == 2
        for change in approved:
            versions = change.pledge.publications.order_by("version")
            assert [p.version for p in versions] == [1, 2]
            assert versions[0].replaced_at == versions[1].published_at
            assert versions[0].text["items"] != versions[1].text["items"]

    def test_one_waits_for_the_director(self):
        change = Change.objects.get(state=ChangeState.REQUESTED)
        assert change.pledge.organization.parent == at("中共吴江市财政局机关委员会")


class TestArchives:
    def test_three_rounds_are_closed_with_their_numbers_and_two_are_open(self):
        labels = [archive.label for archive in RoundArchive.objects.order_by("closed_at")]
        assert labels == ["〔2011〕第1号", "〔2011〕第2号", "〔2012〕第1号"]
        begun = Phase.objects.filter(starts_on__lte=TODAY).order_by("starts_on")
        still_open = [p for p in begun if not hasattr(p, "pledge_archive")]
        assert (len(still_open), still_open[-1]) == (2, running())

    def test_each_adds_up_again_from_its_records(self):
        for archive in RoundArchive.objects.all():
            assert verify(archive) == []
            assert archive.unfinished == {"drafts": 0, "waiting": 0, "returned": 0, "unpublished": 0}
            assert archive.figures.count() > 280
            assert archive.members.count() > 700


def test_loading_again_changes_nothing(capsys):
    before = Event.objects.count()
    call_command("demo_data")
    assert "已经载入" in capsys.readouterr().out
    assert Event.objects.count() == before


@given(st.dates(dt.date(2020, 1, 1), dt.date(2060, 12, 31)))
def test_on_any_day_the_running_phase_takes_pledges(today):
    phases = arrange(find("chuangxian-2010"), current_start(today)).phases
    window = next(w for w in phases[1].windows if w.strand == Strand.PLEDGE)
    assert phases[0].ends_on < today < phases[1].ends_on
    assert window.opens_on + dt.timedelta(days=27) < today <= window.closes_on


def test_every_phrase_fits_and_its_figures_agree():
    phrases = [p for lines in GENERAL.values() for p in lines]
    phrases += [p for lines in TRADES.values() for _, p in lines]
    for phrase in phrases:
        figures = {letter: high for letter, (_, high) in phrase.ranges.items()}
        assert len(phrase.content.format(**figures)) <= 300
        assert len(phrase.measures.format(**figures)) <= 500
        assert "{" not in (phrase.baseline + phrase.target).format(**figures)


def test_phases_that_are_over_have_their_summaries_and_their_progress_is_true():
    asked = Assignment.objects.filter(obligation__expects="summary", due_on__lt=TODAY)
    done = asked.filter(state="done").count()
    filed = Summary.objects.count()
    assert 0.5 < done / asked.count() < 0.95
    assert done == filed
    assert Summary.objects.filter(phase__campaign__closed_on=None, state="submitted").count() > 5
    assert all(line["said"] for line in Summary.objects.filter(state="accepted").first().figures)
