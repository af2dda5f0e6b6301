"""The empty form people download and fill in: headings, drop-down lists, a sheet that explains."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from common.spreadsheets.columns import Column, Form

HELP_TITLE = "填写说明"
_LISTS_TITLE = "选项"  # hidden; a list in the cell itself may not exceed 255 characters
_BOLD = Font(bold=True)
_REQUIRED = PatternFill("solid", fgColor="F6D9D5")
_OPTIONAL = PatternFill("solid", fgColor="F3ECE2")
_WRAP = Alignment(wrap_text=True, vertical="center")
_TOP = Alignment(wrap_text=True, vertical="top")


def build_template(forms: Sequence[Form], *, rows: int = 5000, notes: Sequence[str] = ()) -> bytes:
    """The template as bytes; drop-down lists and text format reach down to ``rows``."""
    book = Workbook()
    book.remove(book.active)
    for form in forms:
        book.create_sheet(form.title)
    help_sheet = book.create_sheet(HELP_TITLE)
    lists = book.create_sheet(_LISTS_TITLE)
    lists.sheet_state = "hidden"
    for form in forms:
        _fill_form(book[form.title], form, lists, rows)
    _fill_help(help_sheet, forms, notes)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_form(sheet: Worksheet, form: Form, lists: Worksheet, rows: int) -> None:
    columns = [column for column in form.columns if not column.is_dropped]
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, column.heading + ("*" if column.required else ""))
        cell.font, cell.alignment = _BOLD, _WRAP
        cell.fill = _REQUIRED if column.required else _OPTIONAL
        if column.help:
            cell.comment = Comment(column.help, "", width=260, height=90)
        sheet.column_dimensions[letter].width = column.width
        if column.is_text:
            sheet.column_dimensions[letter].number_format = "@"
        if column.choices:
            sheet.add_data_validation(_drop_down(column, letter, lists, rows))
    sheet.row_dimensions[1].height = 24
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _drop_down(column: Column, letter: str, lists: Worksheet, rows: int) -> DataValidation:
    place = lists.max_column + (1 if lists.cell(1, lists.max_column).value is not None else 0)
    for number, text in enumerate((column.heading, *column.choices), 1):
        lists.cell(number, place, text)
    at = get_column_letter(place)
    rule = DataValidation(
        "list",
        formula1=f"'{_LISTS_TITLE}'!${at}$2:${at}${len(column.choices) + 1}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=column.heading,
        error="请从下拉列表中选择。",
    )
    rule.add(f"{letter}2:{letter}{rows + 1}")
    return rule


def _fill_help(sheet: Worksheet, forms: Sequence[Form], notes: Sequence[str]) -> None:
    for letter, width in zip("ABCD", (22, 8, 64, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    for text in notes:
        sheet.append([text])
        sheet.merge_cells(start_row=sheet.max_row, start_column=1, end_row=sheet.max_row, end_column=4)
        sheet.cell(sheet.max_row, 1).alignment = _TOP
        sheet.row_dimensions[sheet.max_row].height = 32
    for form in forms:
        sheet.append([])
        sheet.append([f"工作表“{form.title}”", "", form.about])
        sheet.append(["列名", "必填", "怎样填写", "示例"])
        for cell in (*sheet[sheet.max_row - 1], *sheet[sheet.max_row]):
            cell.font = _BOLD
        for column in form.columns:
            if not column.is_dropped:
                _explain(sheet, column, form.example.get(column.key, ""))


def _explain(sheet: Worksheet, column: Column, example: Any) -> None:
    words = column.help
    if column.choices:
        words = f"{words}可填：{'、'.join(column.choices)}。"
    sheet.append([column.heading, "是" if column.required else "", words, str(example)])
    for cell in sheet[sheet.max_row]:
        cell.alignment = _TOP
        cell.number_format = "@"
