"""Who is told what, when: a ladder in rows, one digest a working day, never twice and never lost."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Assignment, Concession, Obligation, Phase, Reminder
from campaigns.services import assignments, reminders
from notifications.models import Notice
from organizations.services import found

D = dt.date
SHANGHAI = ZoneInfo("Asia/Shanghai")
DUE = D(2010, 9, 30)  # a Thursday; 1 to 7 October are holidays, Saturday the 9th is worked
LADDER = [
    {"days": -14, "to": "owner"},
    {"days": -3, "to": "owner"},
    {"days": 1, "to": "owner", "urgent": True},
    {"days": 3, "to": "superior"},
    {"days": 10, "to": "office"},
]


@pytest.fixture
def owes(campaign):
    campaign.ladder = LADDER
    campaign.save()
    obligation = Obligation.objects.create(
        phase=Phase.objects.get(number=1),
        expects="plan",
        name="报送活动方案",
        opens_on=D(2010, 8, 19),
        due_on=DUE,
        made_on=D(2010, 8, 1),
        kinds=["branch"],
    )
    assignments.refresh(obligation)
    return obligation


@pytest.fixture
def cast(person):
    posts = [("secretary", "branch"), ("liaison", "branch"), ("secretary", "general"), ("office", "city")]
    return {f"{post}-{at}": person(post, at) for post, at in posts}


def a_day(day, hour=10):
    """What the worker does that day."""
    reminders.generate(day)
    return reminders.tell(dt.datetime.combine(day, dt.time(hour), SHANGHAI))


def written():
    return {
        (row.recipient.username, row.occurrence.split()[1])
        for row in Reminder.objects.select_related("recipient")
    }


def told():
    return sorted(
        Notice.objects.filter(key__startswith="reminders").values_list("recipient__username", "key")
    )


def test_the_calendar_of_one_obligation_nobody_does(owes, cast):
    day = D(2010, 9, 10)
    while day <= D(2010, 10, 20):
        a_day(day)
        day += dt.timedelta(days=1)
    assert told() == [
        ("office-city", "reminders.digest:2010-10-11"),  # T+10 fell on Sunday the 10th
        ("secretary-branch", "reminders.digest:2010-09-16"),
        ("secretary-branch", "reminders.digest:2010-09-27"),
        ("secretary-branch", "reminders.urgent:2010-10-08"),  # T+1 fell on National Day
        ("secretary-general", "reminders.digest:2010-10-08"),
    ]


def test_what_is_written_twice_is_there_once_and_told_once(owes, cast):
    assert a_day(D(2010, 9, 16)) == 1
    assert a_day(D(2010, 9, 16)) == 0
    assert reminders.generate(D(2010, 9, 15)) == 0  # the clock was set back
    assert Reminder.objects.count() == Notice.objects.filter(key__startswith="reminders").count() == 1


def test_after_a_week_of_silence_the_latest_rung_alone_is_told_as_late(owes, cast):
    a_day(D(2010, 10, 12))
    assert written() == {
        ("secretary-branch", "T+1"),
        ("secretary-general", "T+3"),
        ("office-city", "T+10"),
    }
    assert "（补发）" in Notice.objects.get(recipient=cast["secretary-branch"]).body


def test_nobody_is_told_of_what_was_done_since_or_let_off(owes, cast, chain):
    reminders.generate(D(2010, 9, 16))
    Assignment.objects.update(state="done", done_on=D(2010, 9, 16))
    assert reminders.tell(dt.datetime(2010, 9, 16, 10, tzinfo=SHANGHAI)) == 0
    assert Reminder.objects.filter(is_dropped=True).count() == 1


def test_an_extension_begins_the_ladder_anew(owes, cast, chain):
    a_day(D(2010, 9, 16))
    Concession.objects.create(
        obligation=owes, organization=chain["branch"], until=D(2010, 10, 25), reason="换届",
        granted_by=cast["office-city"],
    )  # fmt: skip
    assignments.refresh(owes)
    a_day(D(2010, 10, 11))
    mine = Reminder.objects.filter(recipient=cast["secretary-branch"]).order_by("pk")
    assert list(mine.values_list("occurrence", flat=True)) == ["2010-09-30 T-14", "2010-10-25 T-14"]


def test_what_was_asked_for_a_week_before_the_last_day_skips_the_first_rung(owes, cast):
    owes.made_on = D(2010, 9, 23)
    owes.save()
    assignments.refresh(owes)
    assert reminders.generate(D(2010, 9, 24)) == 0
    assert reminders.generate(D(2010, 9, 27)) == 1


@pytest.mark.parametrize(
    ("moment", "is_told"),
    [
        (dt.datetime(2010, 9, 16, 8, 59, tzinfo=SHANGHAI), False),
        (dt.datetime(2010, 9, 16, 9, 0, tzinfo=SHANGHAI), True),
        (dt.datetime(2010, 9, 16, 18, 0, tzinfo=SHANGHAI), False),
        (dt.datetime(2010, 9, 18, 10, 0, tzinfo=SHANGHAI), False),  # Saturday
        (dt.datetime(2010, 9, 25, 10, 0, tzinfo=SHANGHAI), True),  # a Saturday that was worked
        (dt.datetime(2010, 10, 4, 10, 0, tzinfo=SHANGHAI), False),  # National Day
    ],
)
def test_told_in_the_hours_of_a_working_day_alone(owes, cast, moment, is_told):
    reminders.generate(D(2010, 9, 16))
    assert bool(reminders.tell(moment)) is is_told


def test_a_digest_names_form_last_day_days_left_and_the_address(owes, cast):
    Obligation.objects.create(
        phase=owes.phase, expects="pledge", name="作出公开承诺", opens_on=D(2010, 8, 19), due_on=D(2010, 9, 28),
        made_on=D(2010, 8, 1), kinds=["branch"],
    )  # fmt: skip
    assignments.refresh_phase(owes.phase)
    a_day(D(2010, 9, 16))
    notice = Notice.objects.get(recipient=cast["secretary-branch"])
    assert notice.subject == "有 2 项应办事项待办理"
    lines = notice.body.splitlines()
    assert len(lines) == 2
    assert "作出公开承诺，2010年9月28日截止，还有 12 天" in lines[0]
    assert "/desk/pledges/new/?organization=" in lines[0]


def test_rungs_that_fell_in_the_holidays_are_one_word_not_a_burst(owes, cast):
    owes.due_on = D(2010, 10, 4)
    owes.save()
    assignments.refresh(owes)
    for day in range(1, 8):  # the worker is up all through the holidays and may tell nobody
        assert a_day(D(2010, 10, day)) == 0
    a_day(D(2010, 10, 8))
    mine = Reminder.objects.filter(recipient=cast["secretary-branch"])
    assert [(row.occurrence, row.is_dropped) for row in mine.order_by("fell_on")] == [
        ("2010-10-04 T-3", True),
        ("2010-10-04 T+1", False),
    ]
    assert Notice.objects.filter(recipient=cast["secretary-branch"], key__startswith="reminders").count() == 1


def test_whoever_is_sent_back_to_it_is_reminded_after_all(owes, cast):
    reminders.generate(D(2010, 9, 16))
    Assignment.objects.update(state="done", done_on=D(2010, 9, 15))
    assert reminders.tell(dt.datetime(2010, 9, 16, 10, tzinfo=SHANGHAI)) == 0
    Assignment.objects.update(state="open", done_on=None)
    assert a_day(D(2010, 9, 17)) == 1
    assert a_day(D(2010, 9, 20)) == 0


def test_a_phase_that_was_frozen_meanwhile_reminds_nobody(owes, cast):
    reminders.generate(D(2010, 9, 16))
    Phase.objects.filter(pk=owes.phase_id).update(frozen_at=dt.datetime(2010, 9, 16, 8, tzinfo=SHANGHAI))
    assert reminders.tell(dt.datetime(2010, 9, 16, 10, tzinfo=SHANGHAI)) == 0


def test_what_comes_after_todays_digest_is_told_on_the_next_working_day(owes, cast):
    """Told on Thursday the 30th, asked again the same day; the 1st to 7th are holidays."""
    owes.due_on = D(2010, 10, 14)
    owes.save()
    assignments.refresh(owes)
    assert a_day(D(2010, 9, 30)) == 1
    later = Obligation.objects.create(
        phase=owes.phase, expects="pledge", name="作出公开承诺", opens_on=D(2010, 8, 19), due_on=D(2010, 10, 14),
        made_on=D(2010, 8, 1), kinds=["branch"],
    )  # fmt: skip
    assignments.refresh(later)
    assert [a_day(D(2010, 9, 30), hour=11), *[a_day(D(2010, 10, day)) for day in range(1, 8)]] == [0] * 8
    assert a_day(D(2010, 10, 8)) == 1
    assert Reminder.objects.waiting().count() == 0


def test_forced_it_minds_no_hour_and_no_holiday_but_one_digest_a_day(owes, cast):
    reminders.generate(D(2010, 9, 18))
    midnight = dt.datetime(2010, 9, 18, 0, 5, tzinfo=SHANGHAI)  # a Saturday
    assert reminders.tell(midnight) == 0
    assert [reminders.tell(midnight, is_forced=True) for _ in range(2)] == [1, 0]
    Reminder.objects.update(told_at=None)
    assert reminders.tell(midnight, is_forced=True) == 0


def test_the_top_offices_digest_shows_twenty_and_counts_all(owes, cast, chain):
    """Whoever has a whole city below: what is shown is read, not what is told."""
    for number in range(22):
        found(
            name=f"第{number}党支部",
            kind="branch",
            code=f"b{number}",
            parent=chain["general"],
            on=D(2010, 6, 2),
        )
    assignments.refresh(owes)
    a_day(D(2010, 10, 11))
    notice = Notice.objects.get(recipient=cast["office-city"])
    due = Reminder.objects.filter(recipient=cast["office-city"])
    assert due.count() == due.exclude(told_at=None).count() > 20
    assert notice.subject == f"有 {due.count()} 项应办事项已逾期"
    assert len(notice.body.splitlines()) == 21


def test_whom_a_variation_names_is_reminded_inside_and_the_others_outside(owes, chain, person):
    deputy, secretary = person("deputy_secretary", "branch"), person("secretary", "foreign")
    for place in ("branch", "foreign"):
        person("liaison", place)
    person("secretary", "branch")
    Obligation.objects.create(
        varies=owes, organization=chain["general"], phase=owes.phase, expects="plan", name=owes.name,
        opens_on=owes.opens_on, due_on=DUE, posts=["deputy_secretary"], kinds=["branch"], made_on=D(2010, 8, 1),
    )  # fmt: skip
    assignments.refresh(owes)
    a_day(D(2010, 9, 16))
    assert {row.recipient for row in Reminder.objects.all()} == {deputy, secretary}


def test_what_waits_when_the_campaign_ends_is_told_to_nobody(owes, cast, campaign):
    reminders.generate(D(2010, 9, 16))
    campaign.closed_on = D(2010, 9, 15)
    campaign.save()
    assert reminders.tell(dt.datetime(2010, 9, 16, 10, tzinfo=SHANGHAI)) == 0
    assert Reminder.objects.exists()
    assert not Notice.objects.filter(key__startswith="reminders").exists()


@pytest.mark.parametrize(("days", "said"), [(-3, "待办理"), (1, "已逾期")])
def test_urgent_before_the_last_day_is_not_yet_overdue(owes, cast, chain, campaign, days, said):
    campaign.ladder = [{"days": days, "to": "office", "urgent": True}]
    campaign.save()
    a_day(D(2010, 9, 27) if days < 0 else D(2010, 10, 8))
    subject = Notice.objects.get(recipient=cast["office-city"]).subject
    assert subject.endswith(f"项应办事项{said}")
