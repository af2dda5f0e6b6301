"""A form of two-level headings, to be printed, stamped and handed in (报表): A4 landscape, as wide as the page.

For forms of some hundred lines; ``writer`` streams tables of any length. Text is text and never a formula.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.spreadsheets.writer import clean_text

PERCENT = "0.0%"
_FORMULA_START = tuple("=+-@\t\r＝＋－＠")
_HEAD, _FIRST = 3, 5  # rows of the headings and the first line


@dataclass(frozen=True)
class PrintedColumn:
    label: str
    width: float
    number_format: str = "0"


@dataclass(frozen=True)
class PrintedForm:
    """``groups``: (label, columns); without a label the one column's own heading takes both rows.

    ``above`` and ``below`` are the parts of one line each, spread over its width; ``notes`` are lines of their own.
    """

    sheet: str
    title: str
    above: Sequence[str]
    groups: Sequence[tuple[str, Sequence[PrintedColumn]]]
    rows: Sequence[Sequence[str | int | float | None]]
    below: Sequence[str]
    notes: Sequence[str] = ()
    columns: list[PrintedColumn] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", [column for _, group in self.groups for column in group])

    def as_bytes(self) -> bytes:
        from openpyxl import Workbook  # noqa: PLC0415 -- openpyxl: 6 MB in every process

        book = Workbook()
        page = book.active
        page.title = self.sheet
        _whole_line(page, 1, self.title, len(self.columns), size=18, is_title=True)
        self._spread(page, 2, self.above)
        self._headings(page)
        for number, row in enumerate(self.rows, _FIRST):
            self._row(page, number, row)
        last = _FIRST + len(self.rows)
        for number, note in enumerate(self.notes, last):
            _whole_line(page, number, note, len(self.columns))
        self._spread(page, last + len(self.notes), self.below)
        self._set_up(page)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def _headings(self, page: Any) -> None:
        at = 1
        for label, group in self.groups:
            for place, column in enumerate(group, at):
                _dress(page.cell(_HEAD, place), label or column.label, is_head=True)
                _dress(page.cell(_HEAD + 1, place), column.label if label else "", is_head=True)
                page.column_dimensions[page.cell(_HEAD, place).column_letter].width = column.width
            end = at + len(group) - 1
            if label and end > at:
                page.merge_cells(start_row=_HEAD, end_row=_HEAD, start_column=at, end_column=end)
            elif not label:
                page.merge_cells(start_row=_HEAD, end_row=_HEAD + 1, start_column=at, end_column=at)
            at = end + 1
        page.row_dimensions[_HEAD].height = 15 * max(
            _lines(label, sum(column.width for column in group)) for label, group in self.groups
        ) + 6  # fmt: skip
        page.row_dimensions[_HEAD + 1].height = 15 * max(_lines(c.label, c.width) for c in self.columns) + 6

    def _row(self, page: Any, number: int, row: Sequence[str | int | float | None]) -> None:
        for place, (column, value) in enumerate(zip(self.columns, row, strict=True), 1):
            cell = page.cell(number, place)
            _dress(cell, value)
            if not isinstance(value, str):
                cell.number_format = column.number_format
        tall = max(
            _lines(value, column.width)
            for column, value in zip(self.columns, row, strict=True)
            if isinstance(value, str)
        )
        page.row_dimensions[number].height = 15 * tall + 6

    def _spread(self, page: Any, number: int, parts: Sequence[str]) -> None:
        """Each part over its share of the width: as much as it has signs, blanks to write on included."""
        widths = [column.width for column in self.columns]
        needs = [len(part) + 4 for part in parts]
        unit, at, used = sum(widths) / sum(needs), 0, 0.0
        for index, part in enumerate(parts):
            end, share = at + 1, sum(needs[: index + 1]) * unit
            used += widths[at]
            left = len(parts) - index - 1
            while end < len(widths) - left and (not left or used < share):
                used += widths[end]
                end += 1
            cell = page.cell(number, at + 1)
            _put(cell, part)
            cell.alignment = _alignment("left")
            cell.font = _font()
            if end > at + 1:
                page.merge_cells(start_row=number, end_row=number, start_column=at + 1, end_column=end)
            at = end
        page.row_dimensions[number].height = 26

    def _set_up(self, page: Any) -> None:
        page.freeze_panes = f"B{_FIRST}"
        page.print_title_rows = f"{_HEAD}:{_HEAD + 1}"
        page.page_setup.orientation = "landscape"
        page.page_setup.paperSize = page.PAPERSIZE_A4
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.print_options.horizontalCentered = True
        margins = page.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom, margins.header, margins.footer = 0.6, 0.6, 0.3, 0.3
        page.oddFooter.center.text = "第 &P 页，共 &N 页"


def _lines(text: str, width: float) -> int:
    return max(1, math.ceil(2 * len(text) / width))  # a Chinese character is two digits wide


def _put(cell: Any, value: str | int | float | None) -> None:
    if isinstance(value, str):
        cell.value, cell.data_type = clean_text(value), "s"
        cell.quotePrefix = value.startswith(_FORMULA_START)
    elif value is not None:
        cell.value = value


def _dress(cell: Any, value: str | int | float | None, *, is_head: bool = False) -> None:
    from openpyxl.styles import Border, PatternFill, Side  # noqa: PLC0415

    _put(cell, value)
    cell.font = _font(bold=is_head)
    side = Side(style="thin")
    cell.border = Border(side, side, side, side)
    cell.alignment = _alignment("center" if is_head or not isinstance(value, str) else "left")
    if is_head:
        cell.fill = PatternFill("solid", "FFF3ECE2")


def _whole_line(
    page: Any, number: int, text: str, width: int, *, size: int = 11, is_title: bool = False
) -> None:
    cell = page.cell(number, 1)
    _put(cell, text)
    cell.font = _font(size, bold=is_title)
    cell.alignment = _alignment("center" if is_title else "left")
    page.merge_cells(start_row=number, end_row=number, start_column=1, end_column=width)
    page.row_dimensions[number].height = 34 if is_title else 22


def _font(size: int = 11, *, bold: bool = False) -> Any:
    from openpyxl.styles import Font  # noqa: PLC0415

    return Font(name="宋体", size=size, bold=bold)


def _alignment(horizontal: str) -> Any:
    from openpyxl.styles import Alignment  # noqa: PLC0415

    return Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
