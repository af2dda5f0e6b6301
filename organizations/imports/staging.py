"""The rows of a workbook, parsed: organizations and posts as objects, members straight into PostgreSQL by COPY.

Members are many. Each column remembers what its cells turned into, already spelt for COPY, so that a
million cells cost a million dictionary look-ups.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, takewhile
from typing import Any

from django.db import connection

from common.spreadsheets.child import tidy_title
from common.spreadsheets.columns import HEADER_ROWS, Column, Matching, find_header, match_headings
from common.spreadsheets.reader import Workbook
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.values import CellError, match_key
from organizations.imports.sheets import FORMS, MEMBER, ORGANIZATION, POST, SheetForm

Progress = Callable[[str, int, int], None]
Problem = tuple[str, str, str]  # (kind, column key, argument); words in ``problems``
_BATCH = 2000
MOST_POSTS = 2000  # each is an appointment of its own, with its own event
_NULL = "\\N"


@dataclass
class IncomingRow:
    """One row as parsed. ``values`` has every column of the sheet that is there; None when the cell is blank."""

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def get(self, key: str) -> Any:
        return self.values.get(key)


@dataclass
class Staged:
    """What one workbook brought. Members lie in the temporary table ``incoming_member``."""

    organizations: list[IncomingRow] = field(default_factory=list)
    posts: list[IncomingRow] = field(default_factory=list)
    members: int = 0
    titles: dict[str, str] = field(default_factory=dict)  # sheet -> its title in the file
    positions: dict[str, dict[str, int]] = field(default_factory=dict)  # sheet -> column key -> index
    dropped: dict[str, list[str]] = field(default_factory=dict)
    headings: list[dict[str, Any]] = field(default_factory=list)  # problems of headings

    def unjudged(self) -> Staged:
        """The same with rows of its own: a judgement writes into them, and the next begins from what was read."""

        def fresh(rows: list[IncomingRow]) -> list[IncomingRow]:
            return [IncomingRow(row.number, dict(row.values), list(row.problems)) for row in rows]

        return replace(self, organizations=fresh(self.organizations), posts=fresh(self.posts))


def wanted_titles() -> list[str]:
    return [title for form in FORMS for title in form.titles()]


def stage(book: Workbook, progress: Progress) -> Staged:
    """Parse every known sheet. Raises WorkbookRefused when there is none, or a heading makes one unusable."""
    staged = Staged()
    total = sum(sheet.rows for sheet in book.sheets)
    create_member_table()
    done = 0
    for form, title, matching in _headed(_known_sheets(book), book):
        _note(staged, form, title, matching)
        rows = _below(matching.row, book.rows(title))
        counted = _counted(rows, lambda n, done=done: progress("读取", done + n, total))  # type: ignore[misc]
        if form.sheet == MEMBER:
            staged.members = copy_members(counted, matching, form.columns)
        else:
            found = list(parsed_rows(counted, matching, form.columns))
            if form.sheet == POST and len(found) > MOST_POSTS:
                raise WorkbookRefused(
                    "posts", f"一次最多导入 {MOST_POSTS} 条任职，请分成几个文件上传。", sheet=title
                )
            setattr(staged, "organizations" if form.sheet == ORGANIZATION else "posts", found)
        done += next(sheet.rows for sheet in book.sheets if sheet.title == title)
    progress("读取", total, total)
    return staged


def _known_sheets(book: Workbook) -> list[tuple[SheetForm, str]]:
    by_title = {tidy_title(title): form for form in FORMS for title in form.titles()}
    found: dict[str, tuple[SheetForm, str]] = {}
    for sheet in book.sheets:
        form = by_title.get(tidy_title(sheet.title))
        if form is None or not sheet.rows:
            continue
        if form.sheet in found:
            raise WorkbookRefused(
                "sheets",
                f"“{found[form.sheet][1]}”和“{sheet.title}”都是{form.title}表，请合并为一张后重新上传。",
            )
        found[form.sheet] = (form, sheet.title)
    if not found:
        shown = "、".join(f"“{sheet.title}”" for sheet in book.sheets if sheet.visible) or "没有"
        raise WorkbookRefused(
            "sheets",
            f"找不到名为“党组织”“党员”或“任职”的工作表（文件中有：{shown}），或者这些表是空的。"
            "请把工作表改名，或使用导入模板。",
        )
    return [found[form.sheet] for form in FORMS if form.sheet in found]


def _headed(sheets: list[tuple[SheetForm, str]], book: Workbook) -> list[tuple[SheetForm, str, Matching]]:
    """Match the headings of every sheet. When rows could not be read, all that is wrong is said at once."""
    headed: list[tuple[SheetForm, str, Matching]] = []
    refusals: list[WorkbookRefused] = []
    is_usable = True
    for form, title in sheets:
        first = takewhile(lambda row: row[0] <= HEADER_ROWS, book.rows(title))
        try:
            number, header = find_header(first, form.columns, title)
        except WorkbookRefused as refused:
            is_usable = False
            refusals.append(refused)
            continue
        matching = match_headings(header, form.columns, number)
        is_usable = is_usable and matching.is_usable
        refusals += [
            WorkbookRefused(problem.kind, problem.message, sheet=title, cell=problem.cell)
            for problem in matching.problems
        ]
        headed.append((form, title, matching))
    if not is_usable:
        raise WorkbookRefused("headings", "\n".join(map(str, refusals)))
    return headed


def _note(staged: Staged, form: SheetForm, title: str, matching: Matching) -> None:
    staged.titles[form.sheet] = title
    staged.positions[form.sheet] = matching.positions
    staged.dropped[form.sheet] = matching.dropped
    for problem in matching.problems:
        staged.headings.append({"sheet": title, "cell": problem.cell, "text": problem.message})


def _below(header: int, rows: Iterator[tuple[int, list[Any]]]) -> Iterator[tuple[int, list[Any]]]:
    return dropwhile(lambda row: row[0] <= header, rows)


def _counted(
    rows: Iterator[tuple[int, list[Any]]], report: Callable[[int], None]
) -> Iterator[tuple[int, list[Any]]]:
    for row in rows:
        if row[0] % _BATCH == 0:
            report(row[0])
        yield row


def parsed_rows(
    rows: Iterator[tuple[int, list[Any]]], matching: Matching, columns: Sequence[Column]
) -> Iterator[IncomingRow]:
    taken = [
        (column, matching.positions[column.key]) for column in columns if column.key in matching.positions
    ]
    for number, row in rows:
        incoming = IncomingRow(number, {})
        for column, index in taken:
            raw = row[index] if index < len(row) else ""
            try:
                value = column.parse(raw)
            except CellError as error:
                value = None
                incoming.problems.append((error.kind, column.key, str(error)))
            else:
                if column.required and value in (None, ""):
                    incoming.problems.append(("blank", column.key, ""))
            incoming.values[column.key] = None if value == "" else value
        if any(value is not None for value in incoming.values.values()):
            yield incoming


# -- members: COPY ---------------------------------------------------------------------------

# The columns of incoming_member in COPY order; a name column carries its key for comparing with it.
_MEMBER_TYPES = {
    "number": "text",
    "name": "text",
    "sex": "text",
    "ethnicity": "text",
    "birth_month": "date",
    "branch": "text",
    "branch_code": "text",
    "standing": "text",
    "joined_on": "date",
    "confirmed_on": "date",
    "service": "text",
    "post_title": "text",
    "phone": "text",
    "is_mobile": "boolean",
    "receiving": "text",
}
_KEYED = ("branch", "receiving")


def create_member_table() -> None:
    columns = "".join(
        f", {key} {kind}" + (f", {key}_key text" if key in _KEYED else "")
        for key, kind in _MEMBER_TYPES.items()
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS incoming_member")
        cursor.execute(f"CREATE TEMPORARY TABLE incoming_member (row integer{columns}, problems jsonb)")


class _Bad(str):
    """A cell that could not be read: NULL for COPY, and what is wrong with it."""

    __slots__ = ("problem",)
    problem: Problem


class _Cells(dict[Any, str]):
    """One column: raw cell -> its spelling for COPY. Only texts and dates are remembered: 1.0 == True."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._column = column
        self._null = f"{_NULL}\t{_NULL}" if column.key in _KEYED else _NULL

    def __missing__(self, raw: Any) -> str:
        spelt = self._spell(raw)
        if type(raw) in (str, dt.date) and len(self) < 50_000:
            self[raw] = spelt
        return spelt

    def _spell(self, raw: Any) -> str:
        column = self._column
        try:
            value = column.parse(raw)
        except CellError as error:
            return self._bad(error.kind, str(error))
        if value is None or value == "":
            return self._bad("blank", "") if column.required else self._null
        text = copy_text(value)
        return f"{text}\t{copy_text(match_key(value))}" if column.key in _KEYED else text

    def _bad(self, kind: str, argument: str) -> _Bad:
        bad = _Bad(self._null)
        bad.problem = (kind, self._column.key, argument)
        return bad


def copy_text(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text


def copy_members(rows: Iterator[tuple[int, list[Any]]], matching: Matching, columns: Sequence[Column]) -> int:
    """Stream the rows into incoming_member; returns how many. Rows that are blank in every column are left out."""
    by_key = {column.key: column for column in columns}
    readers: list[tuple[int, Callable[[Any], str]]] = []
    for key in _MEMBER_TYPES:
        cells = _Cells(by_key[key])
        if key in matching.positions:
            readers.append((matching.positions[key], cells.__getitem__))
        else:
            readers.append((-1, lambda raw, null=cells._null: null))  # type: ignore[misc]
    width = max(index for index, _ in readers) + 1
    padding = [""] * width
    used = [index for index, _ in readers if index >= 0]
    count, lines = 0, list[str]()
    for number, row in rows:
        if len(row) < width:
            row = row + padding[len(row) :]
        if not any(row[index] != "" for index in used):
            continue
        cells_of_row = [read(row[index]) for index, read in readers]
        problems = "[]"
        if _Bad in map(type, cells_of_row):
            found = [cell.problem for cell in cells_of_row if isinstance(cell, _Bad)]
            problems = copy_text(json.dumps(found, ensure_ascii=False))
        lines.append("\t".join((str(number), *cells_of_row, problems)) + "\n")
        count += 1
        if len(lines) >= _BATCH:
            copy_lines("incoming_member", lines)
            lines.clear()
    copy_lines("incoming_member", lines)
    return count


def copy_lines(table: str, lines: list[str], columns: str = "") -> None:
    if lines:
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {table}{columns} FROM STDIN", io.StringIO("".join(lines)))
