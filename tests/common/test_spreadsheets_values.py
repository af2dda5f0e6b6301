"""Cells as people fill them in."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.spreadsheets import values
from common.spreadsheets.values import CellError

DAY = dt.date(2010, 8, 19)


@pytest.mark.parametrize(
    "cell",
    [
        DAY,
        dt.datetime(2010, 8, 19, 9, 30),  # noqa: DTZ001 -- as a sheet holds it
        "2010-8-19",
        "2010-08-19",
        "2010.8.19",
        "2010/8/19",
        "2010年8月19日",
        " 2010 年 8 月 19 日 ",
        "２０１０年８月１９日",
        "二〇一〇年八月十九日",
        "20100819",
        20100819.0,
        "2010-08-19 00:00:00",
        40409.0,
        "40409",
    ],
)
def test_a_day_is_understood_in_every_shape(cell):
    assert values.parse_date(cell) == DAY


@pytest.mark.parametrize(
    "cell",
    [
        "2010.8",
        2010.8,
        "2010年8月",
        "2010-08",
        "2010/8",
        "201008",
        201008.0,
        "二〇一〇年八月",
        "２０１０．８",
        DAY,
        40409.0,
    ],
)
def test_a_month_is_understood_in_every_shape(cell):
    assert values.parse_month(cell) == dt.date(2010, 8, 1)


@pytest.mark.parametrize(
    ("cell", "month"),
    [("二〇一〇年十月", 10), ("二〇一〇年十二月", 12), (2010.11, 11), ("2010.10", 10), ("2010.1", 1)],
)
def test_months_above_nine(cell, month):
    assert values.parse_month(cell) == dt.date(2010, month, 1)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (2010.1, "1 月还是 10 月"),
        ("2010", "只有年份"),
        (1958.0, "只有年份"),
        ("2010-13", "日历上"),
        ("2010-2-30", "日历上"),
        ("85.6", "不是能识别"),
        ("约1990年", "不是能识别"),
        ("1899-12-31", "1900 年至 2099 年"),
        (True, "不是日期"),
        (dt.time(9, 0), "不是日期"),
        ("9" * 50, "不是能识别"),
    ],
)
def test_what_is_not_a_month_is_said_with_the_right_way_to_write_it(cell, words):
    with pytest.raises(CellError, match=words) as caught:
        values.parse_month(cell)
    assert "请写成 2010-08" in str(caught.value)


def test_a_day_that_lacks_its_day_is_told_so():
    with pytest.raises(CellError, match="还需要日"):
        values.parse_date("2010年8月")
    assert values.parse_date_or_month("2010年8月") == dt.date(2010, 8, 1)


def test_empty_is_no_date():
    assert values.parse_date("") is values.parse_month("　") is values.parse_date(None) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.dates(), st.none()))
def test_any_cell_is_a_date_or_a_cell_error(cell):
    try:
        found = values.parse_month(cell)
        assert found is None or found.day == 1
    except CellError as error:
        assert str(error).endswith("。")


@given(st.dates(dt.date(1908, 3, 19), dt.date(2099, 12, 31)))
def test_every_way_of_writing_one_day_gives_that_day(day):
    serial = (day - dt.date(1899, 12, 30)).days
    for cell in (day.isoformat(), f"{day.year}.{day.month}.{day.day}", f"{day:%Y%m%d}", float(serial)):
        assert values.parse_date(cell) == day


def test_full_width_signs_and_spaces_do_not_make_another_identifier():
    assert values.identifier("　Ａ０１ － 02　") == "A01-02"
    assert values.identifier(13900001234.0) == "13900001234"


def test_a_name_keeps_its_punctuation_and_loses_its_padding():
    assert values.tidy_name(" 张　　伟 ") == "张伟"
    assert values.tidy_name("中共苏河市第３支部（机关）") == "中共苏河市第3支部（机关）"
    assert values.tidy_name("Zhang  Wei") == "Zhang Wei"


def test_match_keys_bring_spellings_together():
    assert values.match_key("第３支部（机关）") == values.match_key("第3支部(机关) ")


def test_a_choice_names_what_may_be_written():
    parse = values.choice({"男": "m", "女": "f", "女性": "f"}, "性别")
    assert (parse("　男 "), parse("女性"), parse("")) == ("m", "f", None)
    with pytest.raises(CellError, match="可填：男、女。"):
        parse("先生")


def test_yes_and_no():
    assert [values.parse_yes_no(cell) for cell in ("是", "√", True, "否", "", False)] == [True] * 3 + [
        False
    ] * 3
    with pytest.raises(CellError):
        values.parse_yes_no("也许")


def test_numbers_and_lengths_have_limits():
    assert values.parse_whole_number(99)("１２") == 12
    with pytest.raises(CellError, match="0 到 99"):
        values.parse_whole_number(99)("100")
    with pytest.raises(CellError, match="最多 3 个字"):
        values.text_up_to(3)("四个字啊")
