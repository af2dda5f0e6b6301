import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.shifting import Shift, add_months, last_day

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
MONTHS = st.integers(-360, 360)
D = dt.date


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (D(2010, 8, 19), 6, D(2011, 2, 19)),
        (D(2010, 8, 31), 6, D(2011, 2, 28)),  # the last day stays the last day
        (D(2011, 2, 28), 1, D(2011, 3, 31)),
        (D(2010, 12, 31), 2, D(2011, 2, 28)),
        (D(2011, 12, 31), 2, D(2012, 2, 29)),
        (D(2010, 12, 30), 2, D(2011, 2, 28)),  # February lacks the 30th
        (D(2012, 2, 28), 12, D(2013, 2, 28)),  # in a leap year the 28th is not the last day
        (D(2010, 3, 15), -3, D(2009, 12, 15)),
    ],
)
def test_months_are_added_with_regard_to_month_ends(day, months, expected):
    assert add_months(day, months) == expected


@given(DAYS, MONTHS)
def test_a_month_end_stays_a_month_end(day, months):
    end = day.replace(day=last_day(day.year, day.month))
    moved = add_months(end, months)
    assert moved.day == last_day(moved.year, moved.month)
    assert (moved.year - end.year) * 12 + moved.month - end.month == months


@given(DAYS, DAYS, MONTHS)
def test_the_order_of_days_is_kept(one, other, months):
    earlier, later = sorted([one, other])
    assert add_months(earlier, months) <= add_months(later, months)


@given(DAYS, MONTHS)
def test_the_day_after_a_month_end_is_still_the_day_after(day, months):
    """Phases that touch at a month's end still touch, whatever the months' lengths."""
    end = day.replace(day=last_day(day.year, day.month))
    assert add_months(end, months) + dt.timedelta(1) == add_months(end + dt.timedelta(1), months)


@given(DAYS, DAYS, DAYS)
def test_a_shift_begins_on_the_chosen_day_and_nothing_lies_before(origin, start, day):
    shift = Shift(origin, start)
    assert shift(origin) == start
    if day >= origin:
        assert shift(day) >= start


@given(DAYS, DAYS)
def test_a_shift_to_its_own_start_changes_nothing(origin, day):
    if day >= origin:
        assert Shift(origin, origin)(day) == day


@given(DAYS, DAYS, DAYS, DAYS)
def test_a_shift_keeps_the_order_of_dates(origin, start, one, other):
    earlier, later = sorted([max(one, origin), max(other, origin)])
    assert Shift(origin, start)(earlier) <= Shift(origin, start)(later)


def test_dates_beyond_the_calendar_are_refused():
    with pytest.raises(ValueError, match="out of range"):
        add_months(D(9999, 6, 1), 12)
