"""任务推进表 out: the tasks as a print-ready workbook with the columns of domain.md 2.

A hidden sheet says which plan it is of and which 序号 is which task, so that the filled-in one finds back. The tasks of
an adopted plan stand before the branch's own, locked and without an identity: they are the superior's to change.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from typing import Any

from common.spreadsheets.writer import clean_text
from common.templatetags.cn import cn_date
from pledges.plans.texts import DATES

TITLE = "任务推进表"
IDENTITY = "标识"  # hidden; plan, version, and a line (序号, key) for each task
HEADER_ROW = 3
ADOPTED = "上级"  # 上级1, 上级2 … is the 序号 of the adopted tasks
# key -> heading and width, in the order of the sheet
COLUMNS = {
    "number": ("序号", 6),
    "key_task": ("重点任务", 22),
    "measures": ("具体措施", 34),
    "department": ("责任部门", 12),
    "person": ("责任人", 10),
    "starts_on": ("起始", 14),
    "ends_on": ("完成时限", 14),
    "phase": ("阶段", 10),
    "progress": ("进展", 24),
    "remark": ("备注", 14),
}
_DATE = 'yyyy"年"m"月"d"日"'


def build_sheet(plan: Any, day: dt.date) -> bytes:
    """The .xlsx; two queries at most."""
    from openpyxl import Workbook  # noqa: PLC0415 -- openpyxl: 6 MB in every process

    tasks = list(plan.tasks.all())
    book = Workbook()
    sheet = book.active
    sheet.title = TITLE
    _put(sheet.cell(1, 1), f"{plan.organization.name}创先争优活动{TITLE}")
    _put(
        sheet.cell(2, 1),
        f"填报单位（盖章）：{plan.organization.name}　　填报人：　　　　审核人：　　　　截至日期：{cn_date(day)}",
    )
    for column, (heading, width) in enumerate(COLUMNS.values(), 1):
        _put(sheet.cell(HEADER_ROW, column), heading)
        sheet.column_dimensions[sheet.cell(HEADER_ROW, column).column_letter].width = width
    adopted = _adopted(plan)
    own = [{key: getattr(task, key, None) for key in COLUMNS} for task in tasks]
    for row, values in enumerate([*adopted, *own], HEADER_ROW + 1):
        for column, key in enumerate(COLUMNS, 1):
            _put(sheet.cell(row, column), plan.phase.name if key == "phase" else values.get(key))
    _dress(sheet, HEADER_ROW + len(adopted) + len(tasks))
    if adopted:
        _lock(sheet, HEADER_ROW + len(adopted))
    _identify(book, plan, tasks)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _adopted(plan: Any) -> list[dict[str, Any]]:
    """The tasks of the superior's text as the branch took it over."""
    return [
        task
        | {"number": f"{ADOPTED}{number}"}
        | {key: dt.date.fromisoformat(task[key]) for key in DATES if task[key]}
        for number, task in enumerate((plan.adopted or {}).get("tasks", []), 1)
    ]


def _put(cell: Any, value: Any) -> None:
    """Text stays text whatever it begins with; nothing typed can come out as a formula."""
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = _DATE
        return
    if value:
        cell.value = clean_text(value)
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in "=+-@＝＋－＠\t"
    cell.number_format = "@"


def _dress(sheet: Any, last: int) -> None:
    """A4 landscape, one page wide, the head on every page and in sight while scrolling."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # noqa: PLC0415

    line = Side(style="thin", color="FF8C8C8C")
    frame = Border(left=line, right=line, top=line, bottom=line)
    for row in (1, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(COLUMNS))
    sheet.cell(1, 1).font = Font(name="方正小标宋简体", size=18)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 36, 22
    for row in sheet.iter_rows(min_row=HEADER_ROW, max_row=last, max_col=len(COLUMNS)):
        for cell in row:
            cell.border = frame
            across = "center" if cell.is_date else None
            cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=across)
    for row in range(HEADER_ROW + 1, last + 1):
        _heighten(sheet, row)
    for cell in sheet[HEADER_ROW]:
        cell.font = Font(name="黑体", size=11)
        cell.fill = PatternFill("solid", fgColor="FFF3ECE2")
        cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, 1)
    sheet.print_title_rows = f"1:{HEADER_ROW}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"


def _heighten(sheet: Any, row: int) -> None:
    """As high as its text, for not every program works that out on opening, yet growing with what is typed."""
    from openpyxl.worksheet.dimensions import RowDimension  # noqa: PLC0415

    class Growing(RowDimension):
        customHeight = None

    lines = [
        sum(math.ceil(2 * len(line) / (width - 1)) or 1 for line in str(cell.value or "").split("\n"))
        for cell, (_, width) in zip(sheet[row], COLUMNS.values(), strict=True)
        if cell.data_type == "s"
    ]
    sheet.row_dimensions[row] = Growing(sheet, index=row, ht=15 * max(lines, default=1) + 4)


def _lock(sheet: Any, last: int) -> None:
    """Headings and adopted tasks, without a password: everything below can be filled, added to and taken out."""
    from openpyxl.styles import PatternFill, Protection  # noqa: PLC0415

    free, grey = Protection(locked=False), PatternFill("solid", fgColor="FFF2F2F2")
    for column in range(1, len(COLUMNS) + 1):
        sheet.column_dimensions[sheet.cell(HEADER_ROW, column).column_letter].protection = free
    for cell in (sheet.cell(2, 1), *(c for row in sheet.iter_rows(min_row=last + 1) for c in row)):
        cell.protection = free
    for cell in (c for row in sheet.iter_rows(min_row=HEADER_ROW + 1, max_row=last) for c in row):
        cell.fill = grey
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows"):
        setattr(sheet.protection, allowed, False)


def _identify(book: Any, plan: Any, tasks: list[Any]) -> None:
    hidden = book.create_sheet(IDENTITY)
    hidden.sheet_state = "hidden"
    lines = [("plan", plan.pk), ("version", plan.version), *((str(t.number), t.key) for t in tasks)]
    for row, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            _put(hidden.cell(row, column), str(value))
