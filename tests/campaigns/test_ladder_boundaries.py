"""The ladder around make-up working days (调休) and around midnight in Shanghai, where the UTC date is another one."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from campaigns import tasks
from campaigns.deadlines import last_day
from campaigns.models import Assignment, Campaign, Obligation, Phase, Reminder
from campaigns.services import assignments, reminders
from notifications.models import Notice

D = dt.date
SHANGHAI = ZoneInfo("Asia/Shanghai")
LADDER = [
    {"days": -14, "to": "owner"},
    {"days": -3, "to": "owner"},
    {"days": 1, "to": "owner", "urgent": True},
    {"days": 3, "to": "superior"},
]


@pytest.fixture
def owes(campaign, chain, person):
    """owes(last day) -> the branch owes a plan, asked for half a year before; its secretary and the superior's are there."""
    person("secretary", "branch")
    person("secretary", "general")

    def make(due_on):
        Campaign.objects.update(ladder=LADDER)
        begins = due_on - dt.timedelta(days=180)
        made = Obligation.objects.create(
            phase=Phase.objects.get(number=3), expects="plan", name="报送活动方案", opens_on=begins, due_on=due_on,
            made_on=begins, kinds=["branch"],
        )  # fmt: skip
        assignments.refresh(made)
        Assignment.objects.exclude(organization=chain["branch"]).delete()
        return made

    return make


def days_told(first, last):
    """{(who, day)}: the beat on each day from ``first`` to ``last``."""
    day = first
    while day <= last:
        reminders.generate(day)
        reminders.tell(dt.datetime.combine(day, dt.time(10), SHANGHAI))
        day += dt.timedelta(days=1)
    rows = Notice.objects.filter(key__startswith="reminders").order_by("pk")
    return [
        (row.recipient.username.partition("-")[2], D.fromisoformat(row.key.split(":")[1])) for row in rows
    ]


@pytest.mark.parametrize(
    ("due_on", "calendar"),
    [
        # 中秋 is 22 to 24 September 2010; Sunday the 19th and Saturday the 25th were worked
        (D(2010, 9, 22), [("branch", D(2010, 9, 8)), ("branch", D(2010, 9, 19)), ("branch", D(2010, 9, 25)),
                          ("general", D(2010, 9, 25))]),
        # 国庆: 1 to 7 October 2010; Saturday the 9th was worked, Sunday the 10th not
        (D(2010, 10, 8), [("branch", D(2010, 9, 25)), ("branch", D(2010, 10, 8)), ("branch", D(2010, 10, 9)),
                          ("general", D(2010, 10, 11))]),
        # 劳动节: 30 April to 4 May 2022; Sunday 24 April and Saturday 7 May 2022 were worked
        (D(2022, 5, 6), [("branch", D(2022, 4, 22)), ("branch", D(2022, 5, 5)), ("branch", D(2022, 5, 7)),
                         ("general", D(2022, 5, 9))]),
        # T-3 on 1 May and T+1 on 5 May have both come by the 5th: the later one alone is told
        (D(2022, 5, 4), [("branch", D(2022, 4, 20)), ("branch", D(2022, 5, 5)), ("general", D(2022, 5, 7))]),
        (D(2022, 5, 8), [("branch", D(2022, 4, 24)), ("branch", D(2022, 5, 5)), ("branch", D(2022, 5, 9)),
                         ("general", D(2022, 5, 11))]),
    ],
)  # fmt: skip
def test_what_falls_on_a_holiday_is_told_on_the_next_working_day_make_up_days_included(
    owes, due_on, calendar
):
    owes(due_on)
    assert days_told(due_on - dt.timedelta(days=20), due_on + dt.timedelta(days=9)) == calendar


def test_five_working_days_after_the_labour_day_holiday_of_2022_count_the_saturday(db):
    """30 April to 4 May are off; 5, 6, 7 (a Saturday), 9 and 10 May are worked."""
    found = last_day("phase_start", 5, "workdays", date=None, starts_on=D(2022, 4, 30), ends_on=None)
    assert found == D(2022, 5, 10)


def test_five_working_days_before_the_end_of_a_phase_count_back_over_the_make_up_day(db):
    """Back from Tuesday 10 May 2022: 9, 7, 6, 5 May, then 29 April."""
    found = last_day("phase_end", -5, "workdays", date=None, starts_on=D(2022, 1, 1), ends_on=D(2022, 5, 10))
    assert found == D(2022, 4, 29)


@pytest.mark.parametrize(
    ("local", "count"),
    [
        # T-14 of 30 September is Thursday the 16th in Shanghai; in UTC it is the 15th until eight in the morning
        (dt.datetime(2010, 9, 15, 23, 59, tzinfo=SHANGHAI), 0),
        (dt.datetime(2010, 9, 16, 0, 0, tzinfo=SHANGHAI), 1),
        (dt.datetime(2010, 9, 16, 7, 59, tzinfo=SHANGHAI), 1),
    ],
)
def test_a_rung_comes_at_midnight_in_shanghai(owes, time_machine, local, count):
    owes(D(2010, 9, 30))
    time_machine.move_to(local, tick=False)
    assert tasks.remind() == 0  # nobody is told at night
    assert Reminder.objects.count() == count


def test_what_was_filed_a_minute_before_midnight_is_on_time_and_a_minute_later_late(owes, chain, person):
    owed = owes(D(2010, 9, 30))
    from pledges.models import Plan  # the facts are those of the app that knows

    for local, done_on, late in [
        (dt.datetime(2010, 9, 30, 23, 59, tzinfo=SHANGHAI), D(2010, 9, 30), False),
        (dt.datetime(2010, 10, 1, 0, 0, tzinfo=SHANGHAI), D(2010, 10, 1), True),
    ]:
        Plan.objects.update_or_create(
            organization=chain["branch"], phase=owed.phase,
            defaults={"state": "submitted", "submitted_at": local, "submitted_by": person("secretary", "branch")},
        )  # fmt: skip
        assignments.refresh(owed, [chain["branch"].pk])
        row = Assignment.objects.get(organization=chain["branch"])
        assert (row.done_on, row.is_late(D(2010, 10, 8))) == (done_on, late)


@pytest.mark.parametrize(
    ("local", "is_told"),
    [
        # Friday 6 May 2022 at 23:59, Saturday the 7th (worked) at nine and at ten past nine, Sunday the 8th
        (dt.datetime(2022, 5, 6, 23, 59, tzinfo=SHANGHAI), False),
        (dt.datetime(2022, 5, 7, 0, 0, tzinfo=SHANGHAI), False),
        (dt.datetime(2022, 5, 7, 9, 0, tzinfo=SHANGHAI), True),
        (dt.datetime(2022, 5, 7, 17, 59, tzinfo=SHANGHAI), True),
        (dt.datetime(2022, 5, 7, 18, 0, tzinfo=SHANGHAI), False),
        (dt.datetime(2022, 5, 8, 10, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_the_saturday_of_7_may_2022_has_working_hours_and_the_sunday_has_none(owes, local, is_told):
    owes(D(2022, 5, 6))
    reminders.generate(D(2022, 5, 5))
    assert bool(reminders.tell(local)) is is_told
