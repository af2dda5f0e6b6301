import datetime as dt

import pytest
from django import forms
from django.core.exceptions import ValidationError

from common.fields import DayField


@pytest.mark.parametrize(
    "typed", ["2010-12-01", "2010年12月1日", "2010.12.1", "2010/12/1", "２０１０年１２月１日", " 2010-12-1 "]
)
def test_a_day_is_taken_as_people_write_it(typed):
    assert DayField().clean(typed) == dt.date(2010, 12, 1)


@pytest.mark.parametrize("typed", ["2010年12月", "12月1日", "2010年13月1日", "昨天", "20101201"])
def test_what_names_no_day_is_refused(typed):
    with pytest.raises(ValidationError):
        DayField().clean(typed)


@pytest.mark.parametrize("typed", ["9999-12-31", "0001-01-01", "1899年12月31日", "2100-01-01"])
def test_a_slip_in_the_year_is_asked_about(typed):
    with pytest.raises(ValidationError, match="不在 1900 年至 2099 年之间"):
        DayField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("字" * 12, "最多 10 字，现在是 12 字，请缩短。"),
        ("一\x00二", "文字里有不能保存的符号，请删去后重新填写。"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_in_words_one_can_act_on(typed, said):
    with pytest.raises(ValidationError) as refused:
        forms.CharField(max_length=10).clean(typed)
    assert refused.value.messages == [said]
