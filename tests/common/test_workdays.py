import datetime as dt

import pytest

from common.workdays import add_workdays, is_known, is_workday, workdays_between


def days(first, last):
    return [first + dt.timedelta(days=passed) for passed in range((last - first).days + 1)]


def test_the_public_notice_of_may_2022_ran_five_working_days_over_a_weekend():
    begins, ends = dt.date(2022, 5, 7), dt.date(2022, 5, 12)
    assert [day for day in days(begins, ends) if not is_workday(day)] == [dt.date(2022, 5, 8)]
    assert workdays_between(begins - dt.timedelta(days=1), ends) == 5
    assert add_workdays(begins - dt.timedelta(days=1), 5) == ends


def test_national_day_of_2010_is_free_and_the_weekends_around_it_are_worked():
    assert not any(is_workday(day) for day in days(dt.date(2010, 10, 1), dt.date(2010, 10, 7)))
    assert is_workday(dt.date(2010, 9, 25)), "Saturday, made up for"
    assert is_workday(dt.date(2010, 9, 26)), "Sunday, made up for"
    assert add_workdays(dt.date(2010, 9, 30), 1) == dt.date(2010, 10, 8)
    assert add_workdays(dt.date(2010, 9, 30), 2) == dt.date(2010, 10, 9), "Saturday, made up for"


def test_beyond_the_table_monday_to_friday_are_worked_and_it_says_so():
    national_day, saturday = dt.date(2040, 10, 1), dt.date(2040, 10, 6)
    assert not is_known(national_day)
    assert not is_known(dt.date(1999, 12, 31))
    assert is_known(dt.date(2010, 1, 1))
    assert is_known(dt.date(2022, 12, 31))
    assert is_workday(national_day)
    assert not is_workday(saturday)
    assert add_workdays(national_day, 5) == dt.date(2040, 10, 8)


@pytest.mark.parametrize("start", days(dt.date(2022, 4, 28), dt.date(2022, 5, 9)))
@pytest.mark.parametrize("n", [1, 2, 7])
def test_what_was_added_is_what_lies_between(start, n):
    end = add_workdays(start, n)
    assert is_workday(end)
    assert workdays_between(start, end) == n


def test_nothing_lies_between_a_day_and_itself_or_an_earlier_one():
    monday = dt.date(2022, 5, 9)
    assert workdays_between(monday, monday) == 0
    assert workdays_between(monday, dt.date(2022, 5, 6)) == 0
    assert add_workdays(monday, 0) == monday
