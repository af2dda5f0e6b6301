"""放假和调休: what the office enters goes before the calendar's own table, and moves what is counted from it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaigns.deadlines import last_day
from campaigns.models import Obligation, Phase
from campaigns.refusals import RuleRefused
from campaigns.services import assignments, variations
from campaigns.services.special_days import remove_day, set_day
from common.models import SpecialDay
from common.workdays import is_workday, special_days

D = dt.date


@pytest.fixture
def counted(chain, campaign):
    phase = Phase.objects.get(number=1)
    rule = Obligation.objects.create(
        phase=phase, expects="plan", name="报送活动方案", anchor="phase_start", offset=5, unit="workdays",
        opens_on=phase.starts_on, due_on=D(2010, 6, 8), made_on=phase.starts_on,
    )  # fmt: skip
    assignments.refresh(rule)
    return rule


@pytest.mark.parametrize(
    ("start", "offset", "expected"),
    [
        (
            D(2010, 9, 21),
            1,
            D(2010, 9, 25),
        ),  # 中秋节 22 to 24; Saturday the 25th and Sunday the 26th are worked
        (D(2010, 9, 30), 1, D(2010, 10, 8)),
        (D(2010, 9, 30), 2, D(2010, 10, 9)),  # a Saturday that is worked
        (D(2022, 5, 6), 1, D(2022, 5, 7)),  # 7 May 2022 is a working day
        (D(2022, 5, 7), 1, D(2022, 5, 9)),
        (D(2022, 5, 9), -1, D(2022, 5, 7)),
    ],
)
def test_working_days_skip_holidays_and_work_make_up_days(db, start, offset, expected):
    assert last_day("phase_start", offset, "workdays", date=None, starts_on=start, ends_on=None) == expected


def test_natural_days_and_a_fixed_date_are_what_they_say(db):
    asked = {"date": D(2010, 9, 30), "starts_on": D(2010, 6, 1), "ends_on": D(2010, 12, 31)}
    assert last_day("date", 5, "workdays", **asked) == D(2010, 9, 30)
    assert last_day("phase_end", -10, "days", **asked) == D(2010, 12, 21)
    assert last_day("phase_end", 0, "workdays", **asked) == D(2010, 12, 31)


def test_a_day_entered_moves_deadlines_counted_in_working_days(counted, person, time_machine):
    time_machine.move_to(dt.datetime(2010, 6, 2, 4, tzinfo=dt.UTC))
    office = person("office", "city")
    obligation = counted
    assert set_day(D(2010, 6, 7), is_worked=False, name="停电", by=office) == [obligation.pk]
    assert obligation.assignments.values_list("due_on", flat=True).distinct().get() == D(2010, 6, 9)
    assert not is_workday(D(2010, 6, 7), special_days())
    remove_day(SpecialDay.objects.get(), by=office)
    obligation.refresh_from_db()
    assert obligation.due_on == D(2010, 6, 8)


def test_what_offices_vary_below_never_gets_later_than_the_rule(counted, chain, person, time_machine):
    time_machine.move_to(dt.datetime(2010, 6, 2, 4, tzinfo=dt.UTC))
    below = person("office", "committee")
    values = {"due_on": D(2010, 6, 7), "opens_on": D(2010, 6, 1)}
    base = variations.basis(counted, chain["committee"])
    variations.vary(counted, chain["committee"], values, base=base, by=below)
    for day in (D(2010, 6, 5), D(2010, 6, 6)):  # the weekend is worked: the fifth day is its Sunday
        set_day(day, is_worked=True, name="调休", by=person("office", "city"))
    counted.refresh_from_db()
    assert (counted.due_on, counted.variations.get().due_on) == (D(2010, 6, 6), D(2010, 6, 6))
    assert {row.due_on for row in counted.assignments.all()} == {D(2010, 6, 6)}


def test_a_day_that_would_end_a_thing_before_it_begins_is_refused_whole(counted, chain, person, time_machine):
    time_machine.move_to(dt.datetime(2010, 6, 2, 4, tzinfo=dt.UTC))
    Obligation.objects.update(opens_on=D(2010, 6, 8))
    with pytest.raises(RuleRefused, match="报送活动方案.*请先修改它的开始日期"):
        set_day(D(2010, 6, 5), is_worked=True, name="调休", by=person("office", "city"))
    assert not SpecialDay.objects.exists()


def test_the_office_sees_what_a_day_would_move_before_it_is_entered(
    counted, chain, person, client, time_machine
):
    time_machine.move_to(dt.datetime(2010, 6, 2, 4, tzinfo=dt.UTC))
    client.force_login(person("office", "city"), backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("campaigns:special_day_new")
    assert client.post(page, {"day": "2010", "is_worked": "0", "name": ""}).status_code == 422
    said = {"day": "2010年6月7日", "is_worked": "0", "name": "停电"}
    preview = client.post(page, said)
    told = preview.content.decode()
    assert "截止日期变动" in told and "安排" in told and "停电" in told
    assert not SpecialDay.objects.exists()
    base = preview.context["base"]
    saved = client.post(page, said | {"base": base, "confirm": "1"}, follow=True)
    assert "已保存：登记放假或调休" in saved.content.decode()
    counted.refresh_from_db()
    assert counted.due_on == D(2010, 6, 9)
    # of two who entered the same day the second is told what the first wrote
    late = client.post(page, said | {"name": "检修", "base": base, "confirm": "1"})
    assert late.status_code == 409
    assert SpecialDay.objects.get().name == "停电"
    away = reverse("campaigns:special_day_remove", args=[SpecialDay.objects.get().pk])
    preview = client.get(away)
    SpecialDay.objects.update(name="检修")
    stale = client.post(away, {"base": preview.context["base"], "confirm": "1"}, follow=True)
    assert "别人修改了这里，没有保存" in stale.content.decode()
    client.post(away, {"base": stale.context["base"], "confirm": "1"})
    assert not SpecialDay.objects.exists()
    counted.refresh_from_db()
    assert counted.due_on == D(2010, 6, 8)


def test_the_office_at_the_root_alone(chain, person):
    with pytest.raises(PermissionDenied):
        set_day(D(2010, 6, 7), is_worked=False, name="停电", by=person("secretary", "committee"))
