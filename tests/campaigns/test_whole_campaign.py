"""The campaign of 2010-2012 lived through day by day: every reminder it brings, compared with a calendar made by hand.

The rules are domain.md 11: 14 and 3 days before the last day and 1 after to whoever owes, 3 after to the superior, 10
after to the office; in the morning of a working day, only to those who still owe, what falls on a holiday on the next
working day. Holidays are those of the State Council's notices for 2010, 2011 and 2012, make-up days included.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Obligation, Phase, Reminder, Summary
from campaigns.services import assignments, concessions, create_from_template, reminders
from campaigns.template_files import find
from notifications.models import Notice
from organizations.kinds import Kind
from organizations.services import appoint, found
from pledges.models import Plan, Pledge, PledgeItem, Progress

D = dt.date
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = D(2010, 8, 1), D(2012, 10, 31)
PLAN, PLEDGE10, SUMMARY1 = "报送2010年活动方案", "作出2010年公开承诺", "报送第一时段小结"
PLEDGE11, PLEDGE12, CLOSING = "作出2011年公开承诺", "作出2012年公开承诺", "报送活动总结"

# (day, what, of whom): in the morning, before anybody is told. "all" are those not named on another day.
FILED = [
    # the plan and the pledges of 2010 are due on Thursday 30 September
    (D(2010, 9, 10), "plan1 pledge1", "committee"),
    (D(2010, 9, 16), "plan1", "two"),
    (D(2010, 9, 20), "plan1 pledge1", "general"),
    (D(2010, 9, 25), "pledge1", "two"),
    (D(2010, 9, 28), "plan1 pledge1", "one"),
    (D(2010, 10, 8), "plan1", "three"),
    (D(2010, 10, 12), "pledge1", "three"),
    (D(2010, 12, 30), "progress1", "one"),  # its one item; the others have none and owe no word
    # summaries of the first phase: Saturday 15 January
    (D(2010, 12, 20), "summary1", "committee"),
    (D(2011, 1, 3), "summary1", "one"),  # on a holiday, before the first reminder could be told
    (D(2011, 1, 5), "summary1", "general"),
    (D(2011, 1, 13), "summary1", "two"),
    (D(2011, 1, 19), "summary1", "three"),
    # the pledges of 2011: Thursday 31 March
    (D(2011, 3, 10), "pledge2", "general two three"),
    (D(2011, 4, 2), "pledge2", "one"),  # a Saturday that was worked
    (D(2011, 4, 12), "pledge2", "committee"),
    # those of 2012: Thursday 15 March
    (D(2012, 2, 20), "pledge3", "committee general one"),
    (D(2012, 5, 3), "pledge3", "two"),
    (D(2012, 6, 28), "progress3", "one"),  # done for good: the third quarter needs no word
    # the closing summaries: Wednesday 31 October
    (D(2012, 10, 10), "summary3", "committee general three"),
    (D(2012, 10, 30), "summary3", "one"),
]
GRANTED = {D(2012, 3, 5): {"two": D(2012, 4, 20), "three": None}}  # more time; let off
FOUNDED = D(2012, 10, 20)  # branch four, eleven days before the last day

CALENDAR = [
    # T-14 is Thursday 16 September. The committee has filed, two has filed its plan that morning.
    (D(2010, 9, 16), "general", "digest", {("general", PLAN), ("general", PLEDGE10)}),
    (D(2010, 9, 16), "one", "digest", {("one", PLAN), ("one", PLEDGE10)}),
    (D(2010, 9, 16), "two", "digest", {("two", PLEDGE10)}),
    (D(2010, 9, 16), "three", "digest", {("three", PLAN), ("three", PLEDGE10)}),
    # T-3 is a Monday
    (D(2010, 9, 27), "one", "digest", {("one", PLAN), ("one", PLEDGE10)}),
    (D(2010, 9, 27), "three", "digest", {("three", PLAN), ("three", PLEDGE10)}),
    # T+1 and T+3 fall into the National Day holiday of 1 to 7 October; the plan has come by then
    (D(2010, 10, 8), "three", "urgent", {("three", PLEDGE10)}),
    (D(2010, 10, 8), "general", "digest", {("three", PLEDGE10)}),
    # T+10 is Sunday the 10th; Saturday the 9th was worked, but that is too early
    (D(2010, 10, 11), "office", "digest", {("three", PLEDGE10)}),
    # the fourth quarter, due on Friday 31 December
    (D(2010, 12, 17), "one", "digest", {("one", "2010年第四季度进展")}),
    (D(2010, 12, 28), "one", "digest", {("one", "2010年第四季度进展")}),
    # T-14 is New Year's Day; the holiday lasts until Monday the 3rd
    (D(2011, 1, 4), "general", "digest", {("general", SUMMARY1)}),
    (D(2011, 1, 4), "two", "digest", {("two", SUMMARY1)}),
    (D(2011, 1, 4), "three", "digest", {("three", SUMMARY1)}),
    (D(2011, 1, 12), "two", "digest", {("two", SUMMARY1)}),
    (D(2011, 1, 12), "three", "digest", {("three", SUMMARY1)}),
    (D(2011, 1, 17), "three", "urgent", {("three", SUMMARY1)}),  # T+1 is a Sunday
    (D(2011, 1, 18), "general", "digest", {("three", SUMMARY1)}),
    (D(2011, 3, 17), "one", "digest", {("one", PLEDGE11)}),
    (D(2011, 3, 17), "committee", "digest", {("committee", PLEDGE11)}),
    (D(2011, 3, 28), "one", "digest", {("one", PLEDGE11)}),
    (D(2011, 3, 28), "committee", "digest", {("committee", PLEDGE11)}),
    (D(2011, 4, 1), "one", "urgent", {("one", PLEDGE11)}),
    (D(2011, 4, 1), "committee", "urgent", {("committee", PLEDGE11)}),
    # T+3 is the first day of 清明, 3 to 5 April; above the committee is the root, where the office urges
    (D(2011, 4, 6), "office", "digest", {("committee", PLEDGE11)}),
    (D(2011, 4, 11), "office", "digest", {("committee", PLEDGE11)}),  # T+10 is a Sunday
    (D(2012, 3, 1), "two", "digest", {("two", PLEDGE12)}),
    (D(2012, 3, 1), "three", "digest", {("three", PLEDGE12)}),  # let off four days later
    # two's new last day is Friday 20 April, and the ladder begins anew
    (D(2012, 4, 6), "two", "digest", {("two", PLEDGE12)}),
    (D(2012, 4, 17), "two", "digest", {("two", PLEDGE12)}),
    (D(2012, 4, 23), "two", "urgent", {("two", PLEDGE12)}),  # T+1 is a Saturday
    (D(2012, 4, 23), "general", "digest", {("two", PLEDGE12)}),
    (D(2012, 5, 2), "office", "digest", {("two", PLEDGE12)}),  # T+10 is 30 April, a holiday until 1 May
    # the second quarter, due on Saturday 30 June: T-14 is a Saturday too
    (D(2012, 6, 18), "one", "digest", {("one", "2012年第二季度进展")}),
    (D(2012, 6, 27), "one", "digest", {("one", "2012年第二季度进展")}),
    (D(2012, 10, 17), "one", "digest", {("one", CLOSING)}),
    (D(2012, 10, 17), "two", "digest", {("two", CLOSING)}),
    (D(2012, 10, 29), "one", "digest", {("one", CLOSING)}),  # T-3 is a Sunday
    (D(2012, 10, 29), "two", "digest", {("two", CLOSING)}),
    (D(2012, 10, 29), "four", "digest", {("four", CLOSING)}),  # not yet founded at T-14
]


class City:
    """Root, a committee, a general branch and three branches, each with its secretary; an office at the root."""

    def __init__(self, users):
        self.users, self.places = users, {}
        for code, kind, above in [
            ("root", Kind.COMMITTEE, None), ("committee", Kind.COMMITTEE, "root"),
            ("general", Kind.GENERAL_BRANCH, "committee"), ("one", Kind.BRANCH, "general"),
            ("two", Kind.BRANCH, "general"), ("three", Kind.BRANCH, "general"),
        ]:  # fmt: skip
            self.found(code, kind, above, FIRST)
        self.people = {}
        self.appoint("office", "office", "root", FIRST)
        for code in ("committee", "general", "one", "two", "three"):
            self.appoint(code, "secretary", code, FIRST)

    def found(self, code, kind, above, on):
        parent = self.places.get(above)
        self.places[code] = found(name=code, kind=kind, code=code, parent=parent, on=on)

    def appoint(self, name, post, at, on):
        self.people[name] = self.users.create_user(name, name=name)
        appoint(user=self.people[name], post=post, organization=self.places[at], on=on)

    def file(self, what, of, now):
        place, by = self.places[of], self.people[of]
        phase = Phase.objects.get(number=what[-1])
        filed = {"state": "submitted", "submitted_at": now, "submitted_by": by}
        here = {"organization": place, "phase": phase}
        match what[:-1]:
            case "plan":
                Plan.objects.create(**here, **filed, title="活动方案")
            case "summary":
                Summary.objects.create(**here, **filed, done="做了什么")
            case "pledge":
                is_kept = (of, phase.number) in {("one", 1), ("one", 3)}
                made = Pledge.objects.create(
                    **here, **filed | ({"state": "approved"} if is_kept else {}), title="公开承诺",
                    directions=["masses"], category=phase.campaign.rubric.filter(subject="organization").first(),
                )  # fmt: skip
                if is_kept:
                    PledgeItem.objects.create(
                        pledge=made, number=1, content="办事时限压缩到三天", due_on=D(2012, 6, 30), state="approved"
                    )  # fmt: skip
            case "progress":
                item = PledgeItem.objects.get(pledge__organization=place, pledge__phase=phase)
                quarter, status = (
                    (D(2010, 10, 1), "ongoing") if phase.number == 1 else (D(2012, 4, 1), "done")
                )
                Progress.objects.create(
                    item=item, quarter=quarter, status=status, recorded_by=by, recorded_at=now
                )
        codes = ["plan", "pledge", "quarter", "summary"]
        assignments.refresh_places(phase.pk, codes, [place.pk])  # as the events of the steps do


@pytest.fixture
def city(db, django_user_model):
    return City(django_user_model.objects)


def told(key):
    """(day, who, kind, {(of whom, what)}) of every notice: read from what people read."""
    rows = Notice.objects.filter(key__startswith=key).select_related("recipient")
    for row in rows:
        kind, day = row.key.removeprefix("reminders.").split(":")
        lines = {
            re.match(r"· (?:下级未办：)?(.+?)：(.+?)，", line).groups() for line in row.body.splitlines()
        }
        yield dt.date.fromisoformat(day), row.recipient.username, kind, frozenset(lines)


def live(city, day):
    """The work of one day: what people file in the morning, what the office grants, and the beat."""
    morning = dt.datetime.combine(day, dt.time(9, 30), SHANGHAI)
    for on, what, whose in FILED:
        if on == day:
            for each in what.split():
                for of in whose.split():
                    city.file(each, of, morning)
    for of, until in GRANTED.get(day, {}).items():
        owed = Obligation.objects.get(name=PLEDGE12, expects="pledge")
        concessions.concede(owed, city.places[of], until=until, reason="换届", by=city.people["office"])
    if day == FOUNDED:
        city.found("four", Kind.BRANCH, "general", day)
        city.appoint("four", "secretary", "four", day)
    reminders.generate(day)
    reminders.tell(dt.datetime.combine(day, dt.time(10), SHANGHAI))
    if day.day == 1:  # the nightly recount changes nothing: the rows are kept with each step
        assert assignments.refresh_open() == 0


def test_every_notice_of_the_campaign_is_in_the_calendar_and_no_other(city, time_machine):
    time_machine.move_to(dt.datetime.combine(FIRST, dt.time(8), SHANGHAI), tick=False)
    template = find("chuangxian-2010")
    create_from_template(template, name="创先争优", starts_on=template.starts_on, by=city.people["office"])
    for passed in range((LAST - FIRST).days + 1):
        day = FIRST + dt.timedelta(days=passed)
        time_machine.move_to(dt.datetime.combine(day, dt.time(10), SHANGHAI), tick=False)
        live(city, day)
    expected = {(day, who, kind, frozenset(lines)) for day, who, kind, lines in CALENDAR}
    found = list(told("reminders"))
    assert sorted(set(found) - expected, key=repr) == []
    assert sorted(expected - set(found), key=repr) == []
    assert len(found) == len(CALENDAR)
    assert Reminder.objects.waiting().count() == 0
