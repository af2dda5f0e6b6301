"""Headings in any order and under any usual name; the form that people download."""

import io

import openpyxl
import pytest

from common.spreadsheets.columns import Column, Form, find_header, match_headings
from common.spreadsheets.reader import open_workbook
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.template import HELP_TITLE, build_template

COLUMNS = [
    Column("name", "姓名", required=True, help="与身份证一致。"),
    Column("sex", "性别", required=True, choices=("男", "女")),
    Column("branch", "所在党支部", aliases=("所属党支部", "党支部名称"), required=True),
    Column("birth_month", "出生年月", aliases=("出生日期",)),
    Column("phone", "联系电话", aliases=("手机号码", "电话")),
    Column("id_number", "公民身份号码", aliases=("身份证号",), is_dropped=True),
]


def test_headings_match_in_any_order_with_marks_and_aliases():
    found = match_headings(["联系电话", "姓 名*", "", "性别（必填）", "所属党支部：", "身份证号"], COLUMNS)
    assert found.positions == {"phone": 0, "name": 1, "sex": 3, "branch": 4}
    assert found.dropped == ["公民身份号码"]
    assert found.is_usable


def test_an_unknown_heading_is_named_with_what_it_may_have_meant():
    found = match_headings(["姓名", "性别", "所在支部", "籍贯"], COLUMNS, number=3)
    unknown = [(p.cell, p.message) for p in found.problems if p.kind == "unknown"]
    assert unknown == [
        ("C3", "不认识表头“所在支部”，这一列不会导入。是否为“所在党支部”？"),
        ("D3", "不认识表头“籍贯”，这一列不会导入。"),
    ]


def test_a_missing_required_heading_makes_the_sheet_unusable():
    found = match_headings(["姓名", "性别"], COLUMNS)
    assert [p.message[:11] for p in found.problems] == ["缺少必需的列“所在党支"]
    assert not found.is_usable


def test_a_heading_given_twice_makes_the_sheet_unusable():
    found = match_headings(["姓名", "性别", "所在党支部", "姓名"], COLUMNS)
    assert [(p.kind, p.cell) for p in found.problems] == [("duplicate", "D1")]
    assert not found.is_usable


def test_the_header_is_found_below_title_lines():
    rows = [
        (1, ["苏河市党员花名册"]),
        (2, ["填表单位：", "", "日期"]),
        (4, ["姓名", "性别"]),
        (5, ["甲", "男"]),
    ]
    assert find_header(rows, COLUMNS, "党员") == (4, ["姓名", "性别"])


def test_a_sheet_without_headings_is_refused_with_the_headings_wanted():
    with pytest.raises(WorkbookRefused, match="表头应有：姓名、性别、所在党支部"):
        find_header([(1, ["甲", "男"]), (12, ["姓名", "性别"])], COLUMNS, "党员")


def test_the_template_can_be_filled_in_and_read_back(tmp_path):
    form = Form("党员", COLUMNS, about="每人一行。", example={"name": "张伟", "sex": "男"})
    book = openpyxl.load_workbook(io.BytesIO(build_template([form], notes=["先填党组织。"])))
    sheet = book["党员"]
    assert [cell.value for cell in sheet[1]] == ["姓名*", "性别*", "所在党支部*", "出生年月", "联系电话"]
    assert sheet.max_row == 1
    assert sheet.freeze_panes == "A2"
    assert "与身份证一致" in sheet["A1"].comment.text
    rule = sheet.data_validations.dataValidation[0]
    assert (rule.type, str(rule.sqref)) == ("list", "B2:B5001")
    assert [row[0].value for row in book["选项"]] == ["性别", "男", "女"]
    assert ["姓名", "是", "与身份证一致。", "张伟"] in [
        [cell.value for cell in row] for row in book[HELP_TITLE]
    ]

    sheet.append(["李娜", "女", "第一支部", "1980-05", "13900000001"])
    book.save(tmp_path / "filled.xlsx")
    with open_workbook(tmp_path / "filled.xlsx", sheets=["党员"]) as filled:
        rows = dict(filled.rows("党员"))
    assert match_headings(rows[1], COLUMNS).is_usable
    assert rows[2] == ["李娜", "女", "第一支部", "1980-05", "13900000001"]
