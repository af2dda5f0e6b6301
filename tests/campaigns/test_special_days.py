"""放假和调休: what the office enters goes before the calendar's own table, and moves what is counted from it."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from campaigns.deadlines import last_day
from campaigns.models import Obligation, Phase
from campaigns.services import assignments
from campaigns.services.special_days import remove_day, set_day
from common.workdays import is_workday, special_days

D = dt.date


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


def test_a_day_entered_moves_deadlines_counted_in_working_days(chain, campaign, person):
    office = person("office", "city")
    phase = Phase.objects.get(number=1)
    obligation = Obligation.objects.create(
        phase=phase, expects="plan", name="报送活动方案", anchor="phase_start", offset=5, unit="workdays",
        opens_on=phase.starts_on, due_on=D(2010, 6, 8), made_on=phase.starts_on,
    )  # fmt: skip
    assignments.refresh(obligation)
    entered = set_day(D(2010, 6, 7), is_worked=False, name="停电", by=office)
    assert obligation.assignments.values_list("due_on", flat=True).distinct().get() == D(2010, 6, 9)
    assert not is_workday(D(2010, 6, 7), special_days())
    remove_day(entered, by=office)
    obligation.refresh_from_db()
    assert obligation.due_on == D(2010, 6, 8)


def test_the_office_alone(chain, person, client):
    with pytest.raises(PermissionDenied):
        set_day(D(2010, 6, 7), is_worked=False, name="停电", by=person("secretary", "committee"))
    client.force_login(person("office", "city"), backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("campaigns:special_days")
    assert client.post(page, {"day": "2027", "is_worked": "0", "name": ""}).status_code == 422
    said = {"day": "2027年10月1日", "is_worked": "0", "name": "国庆节"}
    assert "国庆节" in client.post(page, said, follow=True).content.decode()
