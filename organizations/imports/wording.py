"""The preview in words: cells by their name, fields by their heading, dates as people write them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from common.spreadsheets.child import cell_name
from common.spreadsheets.writer import Heading, stream_workbook
from common.templatetags.cn import cn_date, cn_month
from organizations.imports.preview import heading_of
from organizations.imports.problems import group_of, sentence
from organizations.imports.sheets import FORMS, TEMPLATE_NOTES
from organizations.models import Member, RosterImport, RosterImportRow
from organizations.queries.imports import faulty_rows

_LABELS: dict[str, Mapping[Any, Any]] = {
    "sex": dict(Member.Sex.choices),
    "standing": dict(Member.Standing.choices),
    "service": dict(Member.Service.choices),
    "is_mobile": {True: "是", False: "否"},
}
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Change:
    heading: str
    old: str
    new: str


@dataclass(frozen=True)
class Remark:
    """One error or warning: which cell, under which heading, what to do."""

    cell: str
    heading: str
    text: str
    group: str


@dataclass(frozen=True)
class PreviewRow:
    row: RosterImportRow
    title: str
    changes: list[Change]
    problems: list[Remark]
    warnings: list[Remark]


def worded(row: RosterImportRow, summary: Mapping[str, Any]) -> PreviewRow:
    return PreviewRow(
        row,
        summary.get("sheets", {}).get(row.sheet, {}).get("title", row.get_sheet_display()),
        [
            Change(heading_of(row.sheet, key), _shown(key, old), _shown(key, new))
            for key, (old, new) in row.changes.items()
        ],
        [_remark(row, problem, summary) for problem in row.problems],
        [_remark(row, warning, summary) for warning in row.warnings],
    )


def _remark(row: RosterImportRow, problem: list[str], summary: Mapping[str, Any]) -> Remark:
    kind, column, _ = problem
    place = summary.get("columns", {}).get(row.sheet, {}).get(column)
    cell = cell_name(row.number, place) if place else f"第 {row.number} 行"
    return Remark(cell, heading_of(row.sheet, column), sentence(problem), group_of(kind))


def _shown(key: str, value: Any) -> str:
    if key in _LABELS:
        return str(_LABELS[key].get(value, ""))
    if isinstance(value, str) and _DAY.match(value):
        day = dt.date.fromisoformat(value)
        return cn_month(day) if key == "birth_month" else cn_date(day)
    return "" if value is None else str(value)


def problem_list(roster_import: RosterImport) -> Iterator[bytes]:
    """The errors as a workbook, to be worked off beside the file."""
    headings = [
        Heading("工作表", 12),
        Heading("行", 8, "number"),
        Heading("单元格", 12),
        Heading("列", 18),
        Heading("名称", 24),
        Heading("问题", 24),
        Heading("说明和办法", 60),
    ]
    return stream_workbook([("问题清单", headings, _problem_rows(roster_import))])


def _problem_rows(roster_import: RosterImport) -> Iterator[tuple[Any, ...]]:
    for row in faulty_rows(roster_import):
        said = worded(row, roster_import.summary)
        for problem in said.problems:
            yield (
                said.title,
                row.number,
                problem.cell,
                problem.heading,
                row.label,
                problem.group,
                problem.text,
            )


def template() -> bytes:
    """导入模板: three sheets to fill in, one that explains."""
    from common.spreadsheets.template import build_template  # noqa: PLC0415 -- openpyxl: 6 MB in every process

    return build_template([form.as_form() for form in FORMS], notes=TEMPLATE_NOTES)
