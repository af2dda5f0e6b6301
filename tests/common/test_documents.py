"""common.documents: templates are filled in with text and nothing else; official documents are worded as such."""

import datetime as dt
import io
from pathlib import Path

import docx
import jinja2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from common.documents import qr_png, render
from common.documents.wording import aligned, clean, numbered, numeral, paragraphs, span, title_lines
from tests.common.word_files import WordFile, value

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(ROOT.glob("*/documents/templates/*.docx"))
OFFICIAL_FONTS = {"方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"}
A4 = {"width": 210, "height": 297, "top": 37, "left": 28, "right": 210 - 28 - 156, "bottom": 297 - 37 - 225}


def read(png):
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))]


@pytest.fixture(scope="module")
def one_line(tmp_path_factory):
    document = docx.Document()
    document.add_paragraph("前{{ x }}后")
    document.save(path := tmp_path_factory.mktemp("forms") / "one_line.docx")
    return path


@pytest.fixture
def filled(tmp_path):
    """filled("{{ x }}", x=…) -> the text of a one-paragraph template with these values."""

    def fill(template, **context):
        document = docx.Document()
        document.add_paragraph(template)
        document.save(tmp_path / "template.docx")
        return WordFile(render(tmp_path / "template.docx", context)).text

    return fill


@pytest.mark.parametrize(
    "value",
    [
        "<w:p/> & </w:t> \" ' &amp; &lt;",
        "{{ 7 * 7 }} {% if x %} {# x #}",
        "{_{ x }_} {_% x %_} {%p x %} {{r x }}",
        "“引号”、①②③ 𠮷 2010年",
    ],
)
def test_a_value_stays_the_text_it_is(filled, value):
    assert filled("前{{ x }}后", x=value) == f"前{value}后"


@settings(max_examples=30)
@given(text=st.text())
def test_whatever_is_typed_makes_a_readable_document(one_line, text):
    assert WordFile(render(one_line, {"x": text})).text == f"前{clean(text)}后"


def test_control_characters_and_turning_marks_are_removed():
    assert clean("a\x00\x07\x0c\x1b\x7f\x9fb\u202ec\ud800\ufffe\U0001ffffd\u2069") == "a\nbcd"
    assert clean("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd e"


def test_a_newline_breaks_the_line_and_none_is_nothing(filled):
    assert filled("{{ x }}|{{ y }}|{{ z }}", x="甲\r\n乙", y=None, z=0) == "甲\n乙||0"


def test_the_template_knows_dates_numbers_and_names(filled):
    on = dt.date(2010, 8, 19)
    assert filled("{{ 3|numbered(2) }}{{ '张三'|aligned }} {{ on|cn_date }} {{ on|span(none) }}", on=on) == (
        "（三）张　三 2010年8月19日 2010年8月19日起"
    )


def test_a_name_that_nobody_gave_is_an_error_and_not_a_gap(filled):
    with pytest.raises(jinja2.UndefinedError):
        filled("{{ missing }}")


def test_a_template_reaches_no_python(filled):
    with pytest.raises(jinja2.exceptions.SecurityError):
        filled("{{ x.__class__.__mro__ }}", x="")


def test_a_picture_that_the_template_has_not_is_an_error():
    with pytest.raises(ValueError, match="二维码"):
        render(
            ROOT / "pledges/documents/templates/member_letters.docx",
            {"letters": []},
            pictures={"二维码": b""},
        )


def test_a_qr_code_is_read_back():
    address = "https://chuangxian.example/pledges/12345/?from=海报&round=2010-2"
    assert read(qr_png(address)) == [address]
    assert read(qr_png("https://chuangxian.example/" + "a" * 300)) == [
        "https://chuangxian.example/" + "a" * 300
    ]


def test_numerals():
    assert [numeral(n) for n in (1, 9, 10, 11, 19, 20, 21, 99)] == [
        "一", "九", "十", "十一", "十九", "二十", "二十一", "九十九",
    ]  # fmt: skip
    assert [numbered(12, level) for level in (1, 2, 3, 4)] == ["十二、", "（十二）", "12.", "（12）"]
    for number in (0, 100):
        with pytest.raises(ValueError, match=str(number)):
            numeral(number)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张　三"),
        ("李国强", "李国强"),
        ("欧阳建国", "欧阳建国"),
        ("王", "王"),
        ("Li", "Li"),
        ("", ""),
    ],
)
def test_a_name_of_two_characters_is_as_wide_as_one_of_three(name, shown):
    assert aligned(name) == shown


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "shown"),
    [
        (dt.date(2010, 8, 1), dt.date(2010, 12, 31), "2010年8月1日至12月31日"),
        (dt.date(2010, 8, 1), dt.date(2011, 7, 31), "2010年8月1日至2011年7月31日"),
        (dt.date(2011, 7, 1), None, "2011年7月1日起"),
        (None, dt.date(2011, 7, 1), "2011年7月1日前"),
        (None, None, ""),
    ],
)
def test_spans_of_time(starts_on, ends_on, shown):
    assert span(starts_on, ends_on) == shown


def test_typed_indents_and_blank_lines_are_not_paragraphs():
    assert paragraphs("　　第一段。\r\n\r\n  第二段。  \n　\n") == ["第一段。", "第二段。"]
    assert paragraphs(" \n　") == []


@pytest.mark.parametrize(
    ("phrases", "shown"),
    [
        (["中共吴江市统计局支部委员会", "公开承诺书"], "中共吴江市统计局支部委员会公开承诺书"),
        (["中共吴江市东方丝绸市场工作委员会", "公开承诺书"], "中共吴江市东方丝绸市场工作委员会\n公开承诺书"),
        (
            ["中共吴江市委深入开展创先争优活动领导小组办公室"],
            "中共吴江市委深入开展\n创先争优活动领导小组办公室",
        ),
        (
            ["吴江市统计局党支部在全体党员中深入开展创先争优活动的实施方案"],
            "吴江市统计局党支部在全体党员中\n深入开展创先争优活动的实施方案",
        ),
        ([""], ""),
    ],
)
def test_a_title_is_broken_where_a_reader_would_pause(phrases, shown):
    assert title_lines(*phrases, unbroken=["创先争优", "领导小组", "办公室"]) == shown


@given(st.text(alphabet="甲乙丙会局的、“”《》12ab", max_size=120), st.integers(min_value=5, max_value=24))
def test_no_line_of_a_title_is_too_long_and_none_is_lost(title, width):
    lines = title_lines(title, width=width, unbroken=["甲乙丙"]).split("\n")
    assert "".join(lines) == title
    assert max(map(len, lines)) <= width


def test_there_are_templates_to_look_at():
    assert {path.stem for path in TEMPLATES} >= {"organization_letter", "member_letters", "poster", "plan"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_names_the_fonts_of_official_documents(path):
    assert WordFile(path).fonts() >= OFFICIAL_FONTS


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_has_the_page_of_official_documents_or_is_a_sheet_of_a3(path):
    page = WordFile(path).page()
    assert page == A4 or (page["width"], page["height"]) == (420, 297)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_pages_are_numbered_as_in_official_documents(path):
    """— 1 —, right on odd pages and left on even ones; a poster has one side and its number in the middle."""
    file = WordFile(path)
    sides = {}
    for pages, footer in file.footers.items():
        [number] = footer.xpath("//w:p[.//w:instrText]", namespaces=footer.nsmap)
        assert "".join(number.itertext()).split() == ["—", "PAGE", "1", "—"]
        sides[pages] = _side(file, value(number, "pPr/pStyle"))
    is_official = file.page() == A4
    assert sides == ({"default": "right", "even": "left"} if is_official else {"default": "center"})
    assert (b"evenAndOddHeaders" in file.parts["word/settings.xml"]) == is_official


def _side(file, style_id):
    [style] = file.styles.xpath(f".//w:style[@w:styleId='{style_id}']", namespaces=file.styles.nsmap)
    return value(style, "pPr/jc")
