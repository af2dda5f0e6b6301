"""Which column is which: headings in any order, under names people really use."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.spreadsheets.child import cell_name
from common.spreadsheets.refusal import WorkbookRefused
from common.spreadsheets.values import Parser, as_text, match_key, text_up_to

HEADER_ROWS = 10  # Chinese forms have a title, an author and a date line above the headings
_REMARK = re.compile(r"[(（\[【].*?[)）\]】]")
_SIGNS = re.compile(r"[*＊:：、，,。．.\-—_/／\s]+")


@dataclass(frozen=True)
class Column:
    """One column of a form. ``parse`` gets the raw cell; ``is_dropped`` ones are accepted and never read."""

    key: str
    heading: str
    aliases: Sequence[str] = ()
    required: bool = False  # the column must be there; whether a cell may be empty is the form's business
    parse: Parser = text_up_to(500)
    help: str = ""
    choices: Sequence[str] = ()
    width: float = 14
    is_text: bool = True  # codes and phones keep their zeros in the template
    is_dropped: bool = False


@dataclass(frozen=True)
class Form:
    """One sheet to fill in. ``example`` (column key -> text) is shown on the help sheet, never as data."""

    title: str
    columns: Sequence[Column]
    about: str = ""
    example: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HeadingProblem:
    kind: str  # unknown | missing | duplicate
    cell: str
    message: str
    is_fatal: bool


@dataclass
class Matching:
    """``positions``: column key -> index into a row. ``dropped``: headings whose cells are not read."""

    row: int
    positions: dict[str, int] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    problems: list[HeadingProblem] = field(default_factory=list)

    @property
    def is_usable(self) -> bool:
        return not any(problem.is_fatal for problem in self.problems)


def heading_key(text: Any) -> str:
    """姓 名*（必填） and 姓名 are one heading."""
    key = match_key(text)
    return _SIGNS.sub("", _REMARK.sub("", key)) or _SIGNS.sub("", key)


def find_header(
    rows: Iterable[tuple[int, Sequence[Any]]], columns: Sequence[Column], sheet: str
) -> tuple[int, Sequence[Any]]:
    """The row, among the first ten, that knows most headings. Refuses when none knows two."""
    known = _names(columns)
    best: tuple[int, int, Sequence[Any]] = (0, 0, ())
    for number, row in rows:
        if number > HEADER_ROWS:
            break
        hits = len({known[key].key for cell in row if (key := heading_key(cell)) in known})
        if hits > best[0]:
            best = (hits, number, row)
    if best[0] < min(2, len(columns)):
        wanted = "、".join(column.heading for column in columns if column.required)
        raise WorkbookRefused(
            "headings",
            f"前 {HEADER_ROWS} 行里找不到表头。表头应有：{wanted}。请使用导入模板，或在数据上方补上表头一行。",
            sheet=sheet,
        )
    return best[1], best[2]


def match_headings(row: Sequence[Any], columns: Sequence[Column], number: int = 1) -> Matching:
    """Say for each heading which column it is; name the unknown ones and what they may have meant."""
    known = _names(columns)
    found = Matching(number)
    unknown: list[tuple[str, str]] = []
    for index, raw in enumerate(row):
        key = heading_key(raw)
        if not key:
            continue
        cell, column = cell_name(number, index + 1), known.get(key)
        if column is None:
            unknown.append((cell, as_text(raw)))
        elif column.is_dropped:
            found.dropped.append(column.heading)
        elif column.key in found.positions:
            first = cell_name(number, found.positions[column.key] + 1)
            message = f"表头“{as_text(raw)}”与 {first} 重复，请只保留一列“{column.heading}”。"
            found.problems.append(HeadingProblem("duplicate", cell, message, True))
        else:
            found.positions[column.key] = index
    found.problems += _unknown(unknown, columns, found)
    found.problems += _missing(columns, found, number)
    return found


def _names(columns: Sequence[Column]) -> dict[str, Column]:
    return {heading_key(name): column for column in columns for name in (column.heading, *column.aliases)}


def _unknown(
    unknown: list[tuple[str, str]], columns: Sequence[Column], found: Matching
) -> list[HeadingProblem]:
    problems = []
    free = [column for column in columns if column.key not in found.positions and not column.is_dropped]
    for cell, heading in unknown:
        near = suggest(heading, free)
        hint = f"是否为“{'”或“'.join(near)}”？" if near else ""
        problems.append(
            HeadingProblem(
                "unknown", cell, f"不认识表头“{heading[:30]}”，这一列不会导入。{hint}", is_fatal=False
            )
        )
    return problems


def _missing(columns: Sequence[Column], found: Matching, number: int) -> list[HeadingProblem]:
    return [
        HeadingProblem(
            "missing",
            cell_name(number, 1),
            f"缺少必需的列“{column.heading}”。请补上这一列，或使用导入模板。",
            is_fatal=True,
        )
        for column in columns
        if column.required and column.key not in found.positions
    ]


def suggest(heading: str, columns: Sequence[Column], most: int = 2) -> list[str]:
    """Headings that look or read alike: shared 2-grams count as much as the order of the signs."""
    scored = []
    for column in columns:
        score = max(
            _likeness(heading_key(heading), heading_key(n)) for n in (column.heading, *column.aliases)
        )
        if score >= 0.5:
            scored.append((-score, column.heading))
    return [name for _, name in sorted(scored)[:most]]


def _likeness(left: str, right: str) -> float:
    ratio = difflib.SequenceMatcher(None, left, right).ratio()
    grams = [{text[i : i + 2] for i in range(max(1, len(text) - 1))} for text in (left, right)]
    union = grams[0] | grams[1]
    return max(ratio, len(grams[0] & grams[1]) / len(union) if union else 0)
