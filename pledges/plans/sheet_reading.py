"""任务推进表 back in: what a filled-in workbook changes, cell by cell, before anything is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from common.spreadsheets.child import cell_name
from common.spreadsheets.columns import Column, Matching, find_header, match_headings
from common.spreadsheets.reader import Workbook, open_workbook
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.values import CellError, Parser, as_text, parse_date, text_up_to
from pledges.models import MAX_TASKS, PlanTask, new_key
from pledges.plans.sheet import ADOPTED, COLUMNS, IDENTITY, TITLE
from pledges.plans.texts import TASK_FIELDS, TRACK_FIELDS, Text, blank_task, is_blank, text_of


def _as_typed(value: Any) -> str:
    """Lines stay lines: a measure may have several."""
    return as_text(value).replace("\r\n", "\n").replace("\r", "\n")


def _parser(key: str) -> Parser:
    if key in ("starts_on", "ends_on"):
        return lambda value: day.isoformat() if (day := parse_date(value)) else ""
    column: Any = PlanTask._meta.get_field(key)
    return text_up_to(column.max_length, _as_typed)


_READ = {
    key: Column(key, heading, required=key != "phase", is_dropped=key == "phase")
    for key, (heading, _) in COLUMNS.items()
}
_TEXT = tuple(key for key in COLUMNS if key in TASK_FIELDS)
_PARSERS = {key: _parser(key) for key in (*_TEXT, *TRACK_FIELDS)}
_STRANGE = "请在本方案的页面上导出任务推进表，填好后再上传；不要另建文件，也不要删去隐藏的“标识”工作表。"


@dataclass(frozen=True, slots=True)
class CellProblem:
    cell: str
    message: str


@dataclass(frozen=True, slots=True)
class CellChange:
    cell: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a row of the sheet does to a task."""

    kind: str  # "changed", "added" or "removed"
    title: str
    cells: list[CellChange]


@dataclass(slots=True)
class Reading:
    """The text and the progress the plan would have, and how they differ from what it has."""

    text: Text
    tracked: dict[str, dict[str, str]] = field(default_factory=dict)
    changes: list[RowChange] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_reordered: bool = False

    @property
    def changes_nothing(self) -> bool:
        return not self.changes and not self.is_reordered


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    key: str  # "" for a new task
    values: dict[str, str]
    cells: dict[str, str]  # column key -> A5


def read_sheet(path: str | os.PathLike[str], name: str, plan: Any) -> Reading:
    """Raises ``WorkbookRefused`` for what is no workbook of this plan; what is wrong in single cells is listed."""
    with open_workbook(path, name=name, sheets=[TITLE, IDENTITY]) as book:
        there = {sheet.title for sheet in book.sheets if sheet.read}
        if IDENTITY not in there or TITLE not in there:
            raise WorkbookRefused("foreign", f"这个文件不是从平台导出的任务推进表。{_STRANGE}")
        version, keys = _identity(book, plan)
        reading = Reading(text_of(plan))
        rows = _rows(book, keys, reading)
    if version != str(plan.version):
        reading.notes.append(
            "这张表导出以后，方案又修改过。导入以表中的内容为准，请对照下面每一处改动再确认。"
        )
    _compare(plan, rows, reading)
    return reading


def _identity(book: Workbook, plan: Any) -> tuple[str, dict[str, str]]:
    said = {as_text(row[0]): as_text(row[1]) for _, row in book.rows(IDENTITY) if len(row) > 1}
    if said.pop("plan", "") != str(plan.pk):
        raise WorkbookRefused("foreign", f"这张表是另一份方案的，没有导入。{_STRANGE}")
    return said.pop("version", ""), said


def _rows(book: Workbook, keys: dict[str, str], reading: Reading) -> list[_Row]:
    columns = list(_READ.values())
    number, head = find_header(book.rows(TITLE), columns, TITLE)
    matching = match_headings(head, columns, number)
    reading.problems += [CellProblem(p.cell, p.message) for p in matching.problems if p.is_fatal]
    reading.notes += [p.message for p in matching.problems if not p.is_fatal]
    found: list[_Row] = []
    if matching.is_usable:
        for at, cells in book.rows(TITLE):
            if at > number and (row := _row(at, cells, matching, keys, reading)):
                _take(row, found, reading)
    return found


def _take(row: _Row, found: list[_Row], reading: Reading) -> None:
    if row.key and any(row.key == other.key for other in found):
        reading.problems.append(
            CellProblem(row.cells["number"], "序号与上面的一行重复；新增的任务请把序号空着。")
        )
    elif len(found) == MAX_TASKS:
        reading.problems.append(
            CellProblem(row.cells["number"], f"一份方案最多 {MAX_TASKS} 项任务，请合并或去掉几项。")
        )
    else:
        found.append(row)


def _row(
    at: int, cells: Sequence[Any], matching: Matching, keys: dict[str, str], reading: Reading
) -> _Row | None:
    """One row, or None when nothing but its number is in it or it is a task of the adopted plan."""
    raw = {key: cells[place] if place < len(cells) else "" for key, place in matching.positions.items()}
    names = {key: cell_name(at, place + 1) for key, place in matching.positions.items()}
    if as_text(raw["number"]).startswith(ADOPTED):
        _refuse_what_was_added(raw, names, reading)
        return None
    values: dict[str, str] = {}
    for key, parse in _PARSERS.items():
        try:
            values[key] = parse(raw[key])
        except CellError as error:
            reading.problems.append(CellProblem(f"{names[key]} {_READ[key].heading}", str(error)))
            values[key] = ""
    if not any(as_text(raw[key]) for key in _PARSERS):
        return None
    return _Row(at, keys.get(as_text(raw["number"]), ""), values, names)


def _refuse_what_was_added(raw: dict[str, Any], names: dict[str, str], reading: Reading) -> None:
    """进展 and 备注 go out empty for a task of the adopted plan: what was typed there must not vanish unsaid."""
    message = "这一行是所采用的上级方案的任务，只供对照；请把这一格清空，要写的写到本组织自己的任务里。"
    reading.problems += [
        CellProblem(f"{names[key]} {_READ[key].heading}", message)
        for key in TRACK_FIELDS
        if as_text(raw[key])
    ]


def _compare(plan: Any, rows: list[_Row], reading: Reading) -> None:
    tasks = {task.key: task for task in plan.tasks.all()}
    was = {task["key"]: task for task in reading.text["tasks"]}
    kept: list[dict[str, str]] = []
    for row in rows:
        if row.key in was:
            kept.append(_compare_row(plan, row, was[row.key], tasks[row.key], reading))
        elif task := _added(plan, row, reading):
            kept.append(task)
    there = [task["key"] for task in kept]
    gone = [task for key, task in was.items() if key not in there]
    if not plan.is_editable:
        reading.notes += [f"表中没有第{tasks[task['key']].number}项，该项保持不变。" for task in gone]
        return
    reading.changes += [
        RowChange("removed", f"去掉原第{tasks[t['key']].number}项：{t['key_task'][:40]}", []) for t in gone
    ]
    reading.is_reordered = [key for key in was if key in there] != [key for key in there if key in was]
    reading.text = {**reading.text, "tasks": kept}


def _compare_row(
    plan: Any, row: _Row, old: dict[str, str], task: PlanTask, reading: Reading
) -> dict[str, str]:
    text = {key: row.values[key] for key in _TEXT}
    changes = [_change(row, key, old[key], text[key]) for key in _TEXT if old[key] != text[key]]
    if changes and not plan.is_editable:
        state = plan.get_state_display()
        reading.problems += [
            CellProblem(
                f"{c.cell} {c.label}", f"方案{state}，只能更新进展和备注；这一格请恢复为“{c.old or '空'}”。"
            )
            for c in changes
        ]
        return old
    said = {key: row.values[key] for key in TRACK_FIELDS}
    tracked = [
        _change(row, key, getattr(task, key), said[key]) for key in said if getattr(task, key) != said[key]
    ]
    if tracked:
        reading.tracked[row.key] = said
    if changes or tracked:
        title = f"第{task.number}项：{old['key_task'][:40]}"
        reading.changes.append(RowChange("changed", title, [*changes, *tracked]))
    return old | text


def _added(plan: Any, row: _Row, reading: Reading) -> dict[str, str] | None:
    """A row without a known number is a new task, as long as the text may change."""
    if not plan.is_editable:
        message = f"方案{plan.get_state_display()}，不能增加任务；需要增加的，请先收回修改。"
        reading.problems.append(CellProblem(f"{row.cells['number']} 序号", message))
        return None
    task = blank_task(key=new_key(), **{key: row.values[key] for key in _TEXT})
    if is_blank(task):
        message = "这一行只有进展或备注，没有任务，请补上重点任务。"
        reading.problems.append(CellProblem(f"{row.cells['key_task']} 重点任务", message))
        return None
    reading.tracked[task["key"]] = {key: row.values[key] for key in TRACK_FIELDS}
    cells = [_change(row, key, "", value) for key, value in row.values.items() if value]
    reading.changes.append(RowChange("added", f"新增：{task['key_task'][:40]}", cells))
    return task


def _change(row: _Row, key: str, old: str, new: str) -> CellChange:
    return CellChange(row.cells[key], _READ[key].heading, old, new)
