"""The one exception by which an uploaded workbook is turned away."""

from __future__ import annotations

SAVE_AS = "请用 Excel 或 WPS 打开，“另存为”“Excel 工作簿（*.xlsx）”后重新上传。"


class WorkbookRefused(Exception):
    """Says in Chinese what is wrong, where, and what to do about it.

    ``code`` is for programs and tests; ``sheet`` and ``cell`` are empty when the whole file is meant.
    """

    def __init__(self, code: str, reason: str, *, sheet: str = "", cell: str = "") -> None:
        super().__init__(code, reason, sheet, cell)
        self.code, self.reason, self.sheet, self.cell = code, reason, sheet, cell

    @property
    def where(self) -> str:
        sheet = f"工作表“{self.sheet}”" if self.sheet else ""
        cell = f"单元格 {self.cell}" if self.cell else ""
        return f"{sheet}{cell}"

    def __str__(self) -> str:
        return f"{self.where}：{self.reason}" if self.where else self.reason
