"""The workbook of a branch's member pledges: prefilled out, and back row by row (domain.md 8.4 no. 2).

What comes back is judged as a whole: each problem names its cell, and nothing is written while there is one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.models import Phase, RubricItem
from common.spreadsheets.child import cell_name
from common.spreadsheets.columns import Column, Form, Matching, find_header, match_headings
from common.spreadsheets.reader import open_workbook
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.values import CellError, as_text, choice, match_key, parse_date, text_up_to
from common.spreadsheets.writer import Heading, stream_workbook
from organizations.models import Member
from pledges.forms.entry import LONGEST_AIM, LONGEST_PLAN, SLOTS, categories_of
from pledges.models import MAX_MEMBER_ITEMS, Direction, Pledge, new_key
from pledges.queries.rosters import Row
from pledges.services import Entry
from pledges.texts import ITEM_FIELDS, Text, blank_text, text_of

SHEET = "党员承诺"
MOST_ROWS = 200
NOTES = [
    "一名党员一行。“编号”“姓名”“版本”用来认人和核对，请不要改动；不要增加行。",
    "承诺类别从下拉列表中选。每名党员 1 至 3 项：写明具体打算和完成时限；努力方向写一句。",
    "日期写成 2010-12-20 或 2010年12月20日。还没想好的可以空着，先存草稿，以后再补。",
    "“状态”一列只供参考。已经提交的承诺、已经审定的项不能在这里改；登记为口头承诺或豁免的党员请空着。",
    "上传后先检查和预览，有一处不对整份都不写入；确认以后才保存，保存以后还要在填写页面提交。",
]


def numbered(member: Member) -> str:
    """What tells a member in the workbook: the number on the roster, or a sign for who has none."""
    return member.number or f"无编号-{member.pk}"


def columns(categories: Sequence[RubricItem]) -> list[Column]:
    labels = {c.name: str(c.pk) for c in categories}
    found = [
        Column("number", "编号", required=True, parse=text_up_to(60)),
        Column("name", "姓名", required=True, parse=text_up_to(60)),
        Column("category", "承诺类别", required=True, parse=choice(labels, "承诺类别")),
        Column("aim", "努力方向", required=True, parse=text_up_to(LONGEST_AIM, as_text)),
    ]
    for n in SLOTS:
        found.append(
            Column(f"content_{n}", f"具体打算{n}", required=True, parse=text_up_to(LONGEST_PLAN, as_text))
        )
        found.append(Column(f"due_{n}", f"完成时限{n}", required=True, parse=parse_date))
    return [
        *found,
        Column("version", "版本", required=True, parse=_version),
        Column("state", "状态", is_dropped=True),
    ]


def _version(value: Any) -> int:
    text = as_text(value)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise CellError(f"“{text[:20]}”不是下载时的版本号，请重新下载工作簿。")
    return int(text)


# -- out -------------------------------------------------------------------------------------


def workbook_of(rows: Sequence[Row], phase: Phase) -> Iterator[bytes]:
    """The .xlsx, prefilled with what is saved."""
    names = [c.name for c in categories_of(phase)]
    wide = {"number": 16, "name": 12, "aim": 26, "version": 8, "state": 18}
    headings = []
    for column in columns(categories_of(phase)):
        kind: Any = "date" if column.key.startswith("due") else "text"
        width = wide.get(column.key, 32 if column.key.startswith("content") else 16)
        picks = names if column.key == "category" else ()
        headings.append(Heading(column.heading, width, kind, choices=picks))
    notes = ("填写说明", [Heading("填写说明", 100)], [[text] for text in NOTES])
    return stream_workbook([(SHEET, headings, (_cells(row) for row in rows)), notes], wrapped=True)


def _cells(row: Row) -> list[Any]:
    pledge = row.pledge
    items = list(pledge.items.all()) if pledge else []
    cells: list[Any] = [
        numbered(row.member),
        row.member.name,
        pledge.category.name if pledge and pledge.category else "",
        pledge.aim if pledge else "",
    ]
    for n in SLOTS:
        item = items[n - 1] if n <= len(items) else None
        cells += [item.content if item else "", item.due_on if item else None]
    return [*cells, str(pledge.version if pledge else 0), state_of(row)]


def state_of(row: Row) -> str:
    if row.exemption is not None:
        return f"已登记：{row.exemption.get_kind_display()}"
    return str(row.pledge.get_state_display()) if row.pledge else "未填写"


# -- back ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellProblem:
    cell: str  # "C5", or empty for the whole row or sheet
    who: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs from what is saved."""

    member: Member
    is_new: bool
    fields: list[tuple[str, str, str]]  # what, before, after
    entry: Entry


@dataclass(slots=True)
class Preview:
    changes: list[Change] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    unchanged: int = 0

    @property
    def new(self) -> int:
        return sum(change.is_new for change in self.changes)

    @property
    def changed(self) -> int:
        return len(self.changes) - self.new


def read(path: str, name: str, rows: Sequence[Row], phase: Phase) -> Preview:
    """What the uploaded workbook would change. Raises WorkbookRefused for a file that cannot be looked at."""
    categories = categories_of(phase)
    form = Form(SHEET, columns(categories))
    with open_workbook(path, name=name, sheets=[SHEET]) as book:
        title = next((sheet.title for sheet in book.sheets if sheet.read), None)
        if title is None:
            raise WorkbookRefused("sheet", f"没有工作表“{SHEET}”。请使用从这一页下载的工作簿。")
        number, heads = find_header(book.rows(title), form.columns, title)
        found = match_headings(heads, form.columns, number)
        lines = [(n, cells) for n, cells in book.rows(title) if n > number and any(as_text(c) for c in cells)]
    if not found.is_usable:
        wrong = [CellProblem(p.cell, "", p.message) for p in found.problems if p.is_fatal]
        return Preview(problems=wrong)
    if len(lines) > MOST_ROWS:
        raise WorkbookRefused(
            "rows", f"有 {len(lines)} 行，最多 {MOST_ROWS} 行。请使用从这一页下载的工作簿。"
        )
    return _Judge(rows, categories, form, found).judge(lines)


class _Judge:
    def __init__(
        self, rows: Sequence[Row], categories: Sequence[RubricItem], form: Form, found: Matching
    ) -> None:
        self.rows = {match_key(numbered(row.member)): row for row in rows}
        self.names = {c.pk: c.name for c in categories}
        self.form, self.found = form, found
        self.seen: dict[int, int] = {}
        self.preview = Preview()

    def judge(self, lines: Sequence[tuple[int, Sequence[Any]]]) -> Preview:
        for number, cells in lines:
            self._line(number, cells)
        return self.preview

    def _line(self, number: int, cells: Sequence[Any]) -> None:
        before = len(self.preview.problems)
        who = as_text(self._raw(cells, "name"))
        said = {}
        for column in self.form.columns:
            if column.is_dropped:
                continue
            try:
                said[column.key] = column.parse(self._raw(cells, column.key))
            except CellError as wrong:
                self._problem(number, column.key, who, str(wrong))
        row = self._member(number, said, who)
        if row is None or len(self.preview.problems) > before:
            return
        self._compare(number, row, said)

    def _member(self, number: int, said: dict[str, Any], who: str) -> Row | None:
        if not said.get("number"):
            self._problem(number, "number", who, "没有编号，认不出是哪名党员。请不要增加行或改动编号。")
            return None
        row = self.rows.get(match_key(said["number"]))
        if row is None:
            self._problem(number, "number", who, f"本组织应作承诺的党员中没有编号“{said['number'][:40]}”。")
            return None
        if match_key(said.get("name", "")) != match_key(row.member.name):
            self._problem(
                number, "name", who, f"编号“{said['number']}”是{row.member.name}，与这里的姓名不符。"
            )
            return None
        if (first := self.seen.setdefault(row.member.pk, number)) != number:
            self._problem(
                number, "number", who, f"{row.member.name}在第 {first} 行已经有了，一名党员只能一行。"
            )
            return None
        return row

    def _compare(self, number: int, row: Row, said: dict[str, Any]) -> None:
        pledge, who = row.pledge, row.member.name
        saved = text_of(pledge) if pledge else _nothing()
        text = _text(saved, said, pledge)
        fields = self._fields(saved, text)
        if not fields:
            self.preview.unchanged += 1
            return
        if why := _closed(row):
            self._problem(number, "state", who, why)
        elif said["version"] != (pledge.version if pledge else 0):
            self._problem(
                number, "version", who, "下载以后，这名党员的承诺在网上改过。请重新下载，在新的工作簿里改。"
            )
        elif settled := _touched(pledge, saved, text):
            self._problem(number, f"content_{settled}", who, f"第{settled}项已经审定，不能修改或去掉。")
        else:
            entry = Entry(row.member, text, said["version"])
            self.preview.changes.append(Change(row.member, pledge is None, fields, entry))

    def _fields(self, saved: Text, text: Text) -> list[tuple[str, str, str]]:
        before, after = self._shown(saved), self._shown(text)
        return [
            (n, before.get(n, ""), after.get(n, ""))
            for n in {**before, **after}
            if before.get(n, "") != after.get(n, "")
        ]

    def _shown(self, text: Text) -> dict[str, str]:
        """As the workbook shows it: what is not in its columns is no difference."""
        shown = {"承诺类别": self.names.get(text["category"], ""), "努力方向": as_text(text["aim"])}
        for n, item in enumerate(text["items"], 1):
            shown |= {f"具体打算{n}": as_text(item["content"]), f"完成时限{n}": item["due_on"]}
        return shown

    def _raw(self, cells: Sequence[Any], key: str) -> Any:
        at = self.found.positions.get(key)
        return cells[at] if at is not None and at < len(cells) else ""

    def _problem(self, number: int, key: str, who: str, message: str) -> None:
        at = self.found.positions.get(key)
        cell = cell_name(number, at + 1) if at is not None else f"第{number}行"
        self.preview.problems.append(CellProblem(cell, who, message))


def _nothing() -> Text:
    return blank_text(directions=[Direction.ORGANIZATION, Direction.MASSES])


def _closed(row: Row) -> str:
    if row.exemption is not None:
        return (
            f"已登记为“{row.exemption.get_kind_display()}”，不再作书面承诺；要改的，请先在填写页面撤销登记。"
        )
    if row.pledge is not None and not row.pledge.is_editable:
        return f"这名党员的承诺现在是“{row.pledge.get_state_display()}”，不能修改；要改的，请先收回。"
    return ""


def _text(saved: Text, said: dict[str, Any], pledge: Pledge | None) -> Text:
    """The row as a text. Items keep their keys by place, so that who vetted them finds them again."""
    items = []
    for n in SLOTS:
        old = (
            saved["items"][n - 1]
            if n <= len(saved["items"])
            else {"key": new_key(), **dict.fromkeys(ITEM_FIELDS, "")}
        )
        due: dt.date | None = said[f"due_{n}"]
        content = said[f"content_{n}"]
        new = old | {"content": content, "due_on": due.isoformat() if due else ""}
        if content == as_text(old["content"]):
            new["content"] = old["content"]
        if content or due:
            items.append(new)
    aim = saved["aim"] if said["aim"] == as_text(saved["aim"]) else said["aim"]
    category = int(said["category"]) if said["category"] else None
    return saved | {"category": category, "aim": aim, "items": items}


def _touched(pledge: Pledge | None, saved: Text, text: Text) -> int:
    """The number of the first settled (已定) item that would change; 0 for none."""
    if pledge is None:
        return 0
    kept = {item["key"]: item for item in text["items"]}
    settled = {item.key for item in pledge.items.all() if item.is_settled}
    return next(
        (
            n
            for n, item in enumerate(saved["items"], 1)
            if item["key"] in settled and kept.get(item["key"]) != item
        ),
        0,
    )


assert len(SLOTS) == MAX_MEMBER_ITEMS  # noqa: S101 -- a column for each item there can be
