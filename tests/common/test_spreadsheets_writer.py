"""The streaming writer: every reader sees the same values, and nothing comes out as a formula."""

import datetime as dt
import io
import os
import shutil
import subprocess
import tracemalloc
import zipfile
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from common.spreadsheets import writer
from common.spreadsheets.writer import Form, Heading, stream_workbook

HEADINGS = [
    Heading("编号"),
    Heading("名称", 30),
    Heading("人数", 8, "number"),
    Heading("成立日期", 14, "date"),
    Heading("登记时间", 18, "datetime"),
]
ROWS = [
    ("001", "中共苏河市第一支部委员会", 12, dt.date(2010, 8, 19), dt.datetime(2010, 8, 19, 9, 30)),  # noqa: DTZ001 -- as a sheet holds it
    ("002", "=1+1", 1.5, dt.date(1921, 7, 23), None),
    ("003", "+86", Decimal("2.25"), None, dt.datetime(2026, 1, 1, 16, 0, tzinfo=ZoneInfo("UTC"))),
    ("004", "-cmd|' /C calc'!A0", 0, dt.date(2026, 11, 23), None),
    ("005", "@SUM(1)", None, None, None),
    ("006", "＝HYPERLINK()", None, None, None),
    ("007", " 前后有空格 ", None, None, None),
    ("008", "两行\n文字 <b>&amp;</b> ]]>", None, None, None),
]


def made(*tables) -> bytes:
    return b"".join(stream_workbook(tables))


def by_openpyxl(data: bytes) -> list[list]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


def by_calamine(data: bytes) -> list[list]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    return sheet.to_python(skip_empty_area=False)[1:]


def plain(row) -> list:
    """One spelling for what readers tell apart: empty cells, 12 and 12.0, a date and its midnight."""
    values = []
    for value in row:
        if isinstance(value, dt.datetime):
            value = value.replace(tzinfo=None, microsecond=0)
            value = value.date() if value.time() == dt.time() else value
        elif isinstance(value, int | float | Decimal):
            value = float(value)
        values.append(None if value == "" else value)
    return values


EXPECTED = [plain(row) for row in ROWS]
EXPECTED[2][4] = dt.date(2026, 1, 2)  # 16:00 UTC is midnight in Shanghai


@pytest.mark.parametrize("read", [by_openpyxl, by_calamine])
def test_readers_see_the_values_that_were_written(read):
    assert [plain(row) for row in read(made(("党组织", HEADINGS, ROWS)))] == EXPECTED


MISSING = "LibreOffice is missing: apt-get install -y --no-install-recommends libreoffice-calc"


def _require_libreoffice():
    if shutil.which("soffice"):
        return
    if os.environ.get("REQUIRE_LIBREOFFICE") == "1":
        pytest.fail(f"REQUIRE_LIBREOFFICE=1: {MISSING}")
    pytest.skip(MISSING)


def test_libreoffice_sees_the_same_values_and_no_formula(tmp_path):
    _require_libreoffice()
    source = tmp_path / "made.xlsx"
    source.write_bytes(made(("党组织", HEADINGS, ROWS)))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
        + ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(source)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    data = (tmp_path / "out" / "made.xlsx").read_bytes()
    assert [plain(row) for row in by_openpyxl(data)] == EXPECTED
    assert {cell.data_type for row in openpyxl.load_workbook(io.BytesIO(data)).active for cell in row} <= set(
        "snd"
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_text_that_excel_would_take_for_a_formula_is_quoted_and_unchanged(start):
    text = f"{start}1+1"
    cell = openpyxl.load_workbook(io.BytesIO(made(("表", [Heading("列")], [(text,)]))))["表"]["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert by_calamine(made(("表", [Heading("列")], [(text,)]))) == [[text]]


def test_control_characters_are_left_out_and_the_rest_stays():
    text = "".join(map(chr, range(32))) + "好\ud800\uffff"
    assert by_openpyxl(made(("表", [Heading("列")], [(text,)]))) == [["\t\n\r好"]]


def test_codes_and_phones_stay_text_whatever_comes_in():
    rows = [("0012",), (13900001234,), (True,), (1,), (dt.date(2010, 1, 2),)]
    assert [row[0] for row in by_openpyxl(made(("表", [Heading("电话")], rows)))] == [
        "0012",
        "13900001234",
        "是",
        "1",
        "2010-01-02",
    ]


def test_a_number_longer_than_excel_keeps_becomes_text():
    rows = [(10**15 - 1,), (10**17 + 1,), (float("inf"),)]
    assert [row[0] for row in by_openpyxl(made(("表", [Heading("数", kind="number")], rows)))] == [
        10**15 - 1,
        str(10**17 + 1),
        "inf",
    ]


def test_the_header_is_bold_frozen_and_filtered():
    sheet = openpyxl.load_workbook(io.BytesIO(made(("党组织", HEADINGS, ROWS))))["党组织"]
    assert sheet["B1"].font.b
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:E{len(ROWS) + 1}"
    assert sheet.column_dimensions["B"].width == 30
    assert sheet["D2"].is_date


def test_a_table_longer_than_a_sheet_goes_on_in_a_further_one(monkeypatch):
    monkeypatch.setattr(writer, "LAST_ROW", 4)
    book = openpyxl.load_workbook(
        io.BytesIO(made(("党员", [Heading("编号")], [(str(n),) for n in range(7)])))
    )
    assert book.sheetnames == ["党员", "党员 (2)", "党员 (3)"]
    assert [[cell.value for cell in sheet["A"]] for sheet in book] == [
        ["编号", "0", "1", "2"],
        ["编号", "3", "4", "5"],
        ["编号", "6"],
    ]


def test_a_table_that_just_fills_a_sheet_needs_no_further_one(monkeypatch):
    monkeypatch.setattr(writer, "LAST_ROW", 4)
    book = openpyxl.load_workbook(
        io.BytesIO(made(("党员", [Heading("编号")], [(str(n),) for n in range(3)])))
    )
    assert book.sheetnames == ["党员"]


def test_sheet_titles_are_made_legal_and_unique():
    tables = [
        ("a/b:c", [Heading("列")], []),
        ("A b c", [Heading("列")], []),
        ("长" * 40, [Heading("列")], []),
    ]
    assert openpyxl.load_workbook(io.BytesIO(made(*tables))).sheetnames == ["a b c", "A b c (2)", "长" * 31]


def test_the_file_is_a_sound_zip():
    assert zipfile.ZipFile(io.BytesIO(made(("表", HEADINGS, ROWS)))).testzip() is None


def test_memory_does_not_grow_with_the_rows():
    def peak(count: int) -> int:
        tracemalloc.start()
        size = sum(
            map(len, stream_workbook([("表", [Heading("名")] * 6, ((f"名{n}",) * 6 for n in range(count)))]))
        )
        assert size > count
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    assert peak(20_000) < peak(4_000) * 1.5 + 2_000_000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=20),
        min_size=1,
        max_size=5,
    )
)
def test_any_text_comes_back_as_it_was(texts):
    assert [
        row[0] for row in by_calamine(made(("表", [Heading("列")], [(text,) for text in texts])))
    ] == texts


def test_a_form_has_its_lines_its_ruled_rows_and_room_for_wrapped_text():
    headings = [Heading("序号", 6, "number"), Heading("事项", 20), Heading("日期", 14, "date")]
    rows = [(1, "全年上门办税十二次，每次走访两家以上企业", dt.date(2010, 12, 20)), (2, "=1+1", None)]
    form = Form("台账", above=["填报单位：甲"], below=["填报人："])
    sheet = openpyxl.load_workbook(
        io.BytesIO(b"".join(stream_workbook([("台账", headings, rows)], form=form)))
    ).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["台账", None, None],
        ["填报单位：甲", None, None],
        ["序号", "事项", "日期"],
        [1, "全年上门办税十二次，每次走访两家以上企业", dt.datetime(2010, 12, 20)],  # noqa: DTZ001 -- as openpyxl reads it
        [2, "=1+1", None],
        ["填报人：", None, None],
    ]
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A1:C1", "A2:C2", "A6:C6"]
    assert {cell.border.left.style for row in sheet["A3:C5"] for cell in row} == {"thin"}
    assert sheet["B5"].quotePrefix and sheet["B5"].data_type == "s"
    assert sheet.row_dimensions[4].height > 2 * 15 > sheet.row_dimensions[5].height
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$3:$3", "A4")


def test_a_wrapped_table_has_room_for_its_text_and_grows_with_what_is_typed():
    long = "每月到联系企业走访一次，" * 5
    headings = [Heading("姓名", 12), Heading("具体打算", 30, choices=["甲"])]
    data = b"".join(stream_workbook([("表", headings, [("王芳", long), ("李强", "")])], wrapped=True))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [sheet.row_dimensions[row].height for row in (2, 3)] == [4 * 15 + 4, 15 + 4]
    assert sheet["B2"].alignment.wrap_text and sheet["B3"].alignment.wrap_text
    assert b"customHeight" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert (sheet.auto_filter.ref, len(sheet.data_validations.dataValidation)) == ("A1:B3", 1)
