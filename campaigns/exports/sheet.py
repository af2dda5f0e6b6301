"""进度统计表 as the form that is printed, stamped and handed in (domain.md 6.1)."""

from __future__ import annotations

from campaigns.columns import FORM, Column
from campaigns.queries.sheets import Sheet
from common.spreadsheets.printed import PERCENT, PrintedColumn, PrintedForm
from common.templatetags.cn import cn_date

_NARROW, _NAME = 4.6, 24.0
NOTES = (
    "注：每行含该单位全部下级，合计为各行之和，比率按合计重新计算；应报、应承诺不含免办的；党组织数不含党组；"
    "没有数据的栏目留空，由填报单位填写。",
)
FOOT = ("填报人：", "审核人：", "联系电话：", "填报日期：　　　　年　　月　　日")


def workbook(sheet: Sheet) -> bytes:
    lines = [*sheet.lines, sheet.total]
    columns = [column for group in FORM for column in group.columns]
    form = PrintedForm(
        sheet="进度统计表",
        title=sheet.title,
        above=(
            f"填报单位（盖章）：{sheet.organization}",
            f"截至日期：{cn_date(sheet.as_of)}",
            "单位：个、名、件、%",
        ),
        groups=[
            ("", [PrintedColumn("单位", _NAME)]),
            *((group.label, [_printed(column, sheet) for column in group.columns]) for group in FORM),
        ],
        rows=[(line.name, *(line.value(column) for column in columns)) for line in lines],
        below=FOOT,
        notes=NOTES,
    )
    return form.as_bytes()


def _printed(column: Column, sheet: Sheet) -> PrintedColumn:
    """Wide enough for the column's sum, the largest of it."""
    if column.part:
        return PrintedColumn(column.label, 7, PERCENT)
    digits = len(str(sheet.total.counts.get(column.key, "")))
    return PrintedColumn(column.label, max(_NARROW, digits + 1.6))
