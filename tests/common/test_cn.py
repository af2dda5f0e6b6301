import datetime as dt

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from common.privacy import mask_phone
from common.templatetags import cn


def _render(text, **context):
    return Template(text).render(Context(context))


def test_dates_are_written_the_chinese_way():
    day = dt.date(2010, 8, 19)
    assert cn.cn_date(day) == "2010年8月19日"
    assert cn.cn_day(day) == "8月19日"
    assert cn.cn_month(day) == "2010年8月"
    assert cn.cn_datetime(day) == "2010年8月19日"
    assert cn.cn_date(None) == cn.cn_datetime(None) == cn.cn_month(None) == cn.cn_date("2010-08-19") == ""


def test_moments_are_shown_in_the_time_of_the_site():
    late = dt.datetime(2010, 8, 18, 20, 4, tzinfo=dt.UTC)
    assert cn.cn_datetime(late) == "2010年8月19日 04:04"
    assert cn.cn_date(late) == "2010年8月19日"
    assert timezone.is_aware(late)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13900001234", "139****1234"),
        ("139 0000 1234", "139****1234"),
        ("0512-63400000", "051****0000"),
        ("110", "****10"),
        ("", ""),
        (None, ""),
    ],
)
def test_phones_are_masked(phone, shown):
    assert mask_phone(phone) == shown
    assert _render("{{ phone|mask_phone }}", phone=phone) == shown


def test_a_count_that_stopped_says_so():
    assert cn.capped(37) == "37"
    assert cn.capped(1000) == "1000"
    assert cn.capped(1001) == "1000+"
    assert _render("{{ n|capped:99 }}", n=120) == "99+"


def test_a_figure_carries_its_denominator():
    assert cn.of(412, 418) == "412 / 418"
    assert cn.of(2314, 2408) == "2,314 / 2,408"


def test_a_percentage_carries_its_formula():
    text = _render("{% percent_of 412 418 %}")
    assert "98.6%" in text
    assert 'title="412 ÷ 418"' in text
    assert "100%" in _render("{% percent_of 6 6 %}")
    assert "应办数为 0" in _render("{% percent_of 0 0 %}")


def test_an_icon_is_decoration_unless_it_is_named():
    assert 'aria-hidden="true"' in _render('{% icon "home" %}')
    named = _render("{% icon 'home' label %}", label='<b>"首页"</b>')
    assert 'role="img"' in named
    assert "<b>" not in named


def test_column_heads_are_written_in_one_line():
    assert cn.columns("单位|支部#num") == [{"label": "单位", "cls": ""}, {"label": "支部", "cls": "num"}]


def test_a_page_address_keeps_the_filters():
    request = RequestFactory().get("/", {"q": "震泽", "page": "3"})
    text = Template("{% page_url 'page' 4 %}").render(Context({"request": request}))
    assert text == "?q=%E9%9C%87%E6%B3%BD&amp;page=4"


def test_page_numbers_leave_out_the_middle():
    page = Paginator(range(400), 20).page(10)
    assert cn.page_numbers(page) == [1, "…", 9, 10, 11, "…", 20]


def test_ids_on_one_page_differ_and_are_the_same_next_time():
    def once():
        request = RequestFactory().get("/")
        return Template("{% unique_id %} {% unique_id %}").render(Context({"request": request}))

    assert once() == once() == "u1 u2"
