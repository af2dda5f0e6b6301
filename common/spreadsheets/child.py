"""``python -m common.spreadsheets.child FILE WANTED``: the process in which an untrusted workbook is parsed.

Sets its own limits before it opens anything, because the limits of a parent would be everybody's.
Rows go to standard output as pickled batches ``(first row number, rows)``; the last line of standard
error is the summary as JSON, or the refusal. Imports no Django: it starts in 50 ms.
"""

from __future__ import annotations

import heapq
import json
import pickle
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from common.spreadsheets import limits
from common.spreadsheets.refusal import WorkbookRefused

BATCH = 1000
Cell = Any


def limit_resources() -> None:
    try:
        import resource  # noqa: PLC0415 -- POSIX only
    except ImportError:
        return
    for name, most in (
        (resource.RLIMIT_AS, limits.CHILD_MEMORY_BYTES),
        (resource.RLIMIT_CPU, limits.CHILD_SECONDS),
        (resource.RLIMIT_FSIZE, limits.CHILD_OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (most, most))


def read(path: str, wanted: list[str], out: BinaryIO) -> dict[str, Any]:
    """Check the archive, then parse the wanted sheets (all when empty). Returns the summary."""
    from common.spreadsheets.archive import Archive, SheetPart  # noqa: PLC0415 -- after the limits
    from common.spreadsheets.sheetscan import Scan, scan  # noqa: PLC0415

    with open(path, "rb") as file:
        archive = Archive(file)
        archive.check()
        sheets: list[tuple[SheetPart, Scan | None]] = []
        inflated = 0
        for part in archive.sheets():
            take = not wanted or tidy_title(part.title) in wanted
            found = scan(part.title, archive.chunks(part.path)) if take else None
            inflated += found.inflated if found else 0
            sheets.append((part, found))
        scanned = {part.path for part, found in sheets if found}
        _inflate_the_rest(archive, scanned, inflated)
        notes = []
        if archive.has_external_links:
            notes.append(note("external", "", "", "文件引用了其他工作簿，引用已忽略，只读取表中显示的值。"))
    return _parse(path, sheets, notes, out)


def _inflate_the_rest(archive: Any, scanned: set[str], inflated: int) -> None:
    from common.spreadsheets.archive import refuse_doctype, refuse_inflation  # noqa: PLC0415

    for name in archive.names:
        if name in scanned:
            continue
        head = b""
        for chunk in archive.chunks(name):
            inflated += len(chunk)
            refuse_inflation(inflated, limits.INFLATED_BYTES)
            if name.endswith((".xml", ".rels")):
                refuse_doctype(head + chunk)
                head = chunk[-16:]
            elif chunk.startswith(b"PK\x03\x04"):
                raise WorkbookRefused("nested", "文件里还套着压缩包，不能接收。请删除嵌入的对象后重新上传。")


def _parse(path: str, sheets: list[Any], notes: list[Any], out: BinaryIO) -> dict[str, Any]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    book = CalamineWorkbook.from_path(path)
    summary: list[dict[str, Any]] = []
    more = 0
    for part, found in sheets:
        entry = {
            "title": part.title,
            "visible": part.visible,
            "read": found is not None,
            "rows": 0,
            "offset": -1,
        }
        summary.append(entry)
        if found is None:
            continue
        sheet = book.get_sheet_by_name(part.title)
        entry["offset"] = out.tell()
        more += max(0, len(found.formulas) - limits.NOTES)
        notes += formula_notes(part.title, found) + merge_notes(part.title, sheet.merged_cell_ranges or [])
        rows = overlaid(sheet_rows(sheet, part.title), found)
        for first, batch in batches(rows):
            spend(pickle.dumps((first, batch), protocol=5), out, part.title)
            entry["rows"] = first + len(batch) - 1
        pickle.dump(None, out, protocol=5)
    return {
        "sheets": summary,
        "notes": notes[: limits.NOTES],
        "more_notes": more + max(0, len(notes) - limits.NOTES),
    }


def spend(data: bytes, out: BinaryIO, title: str) -> None:
    """Write a batch, unless it unfolds too far: one long shared string can stand in every cell."""
    if out.tell() + len(data) > limits.UNFOLDED_BYTES:
        raise WorkbookRefused(
            "characters", "文字总量过大，不能接收。请删除无关的大段文字，或分成几个文件上传。", sheet=title
        )
    out.write(data)


def sheet_rows(sheet: Any, title: str) -> Iterator[tuple[int, list[Cell]]]:
    """Rows that hold something, as (row number from 1, values from column A); strings as they stand."""
    indent = [""] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), 1):
        width = len(row)
        while width and row[width - 1] == "":
            width -= 1
        if not width:
            continue
        if number > limits.ROWS or width + len(indent) > limits.COLUMNS:
            raise WorkbookRefused(
                "far",
                f"数据最多 {limits.ROWS} 行、{limits.COLUMNS} 列，这个单元格在范围之外。"
                "请删除表格以外的内容后重新上传。",
                sheet=title,
                cell=cell_name(number, width + len(indent)),
            )
        yield number, indent + row[:width] if indent else row[:width]


def overlaid(rows: Iterator[tuple[int, list[Cell]]], found: Any) -> Iterator[tuple[int, list[Cell]]]:
    """Formula cells become the text they show; error cells the error they show."""
    marked: dict[int, list[int]] = {}
    for row, column in found.formulas | found.errors.keys():
        marked.setdefault(row, []).append(column)
    if not marked:
        yield from rows
        return
    for number, row in rows:
        for column in marked.get(number, ()):
            shown = found.errors.get((number, column))
            if shown is not None:
                row.extend([""] * (column - len(row)))
                row[column - 1] = shown
            elif column <= len(row):
                row[column - 1] = shown_text(row[column - 1])
        yield number, row


def batches(rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[tuple[int, list[list[Cell]]]]:
    """Runs of adjoining rows, at most ``BATCH`` long: an empty row starts a new run."""
    first, batch = 0, list[list[Cell]]()
    for number, row in rows:
        if batch and (number != first + len(batch) or len(batch) >= BATCH):
            yield first, batch
            batch = []
        if not batch:
            first = number
        batch.append(row)
    if batch:
        yield first, batch


def shown_text(value: Cell) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def formula_notes(title: str, found: Any) -> list[dict[str, str]]:
    return [
        note("formula", title, cell_name(row, column), "含公式，按显示的文字读取，不再计算。")
        for row, column in heapq.nsmallest(limits.NOTES, found.formulas)
    ]


def merge_notes(title: str, ranges: list[Any]) -> list[dict[str, str]]:
    return [
        note(
            "merged",
            title,
            f"{cell_name(top + 1, left + 1)}:{cell_name(bottom + 1, right + 1)}",
            "是合并单元格，只有左上角一格有值，其余按空白读取。请取消合并并逐行填写。",
        )
        for (top, left), (bottom, right) in ranges
    ]


def note(kind: str, sheet: str, cell: str, text: str) -> dict[str, str]:
    return {"kind": kind, "sheet": sheet, "cell": cell, "text": text}


def column_letters(number: int) -> str:
    """1 -> A, 27 -> AA"""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"


def tidy_title(title: str) -> str:
    return "".join(title.split())


def main(path: str, wanted: str) -> int:
    limit_resources()
    try:
        answer = read(path, json.loads(wanted), sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except WorkbookRefused as refused:
        answer = {
            "refused": {
                "code": refused.code,
                "reason": refused.reason,
                "sheet": refused.sheet,
                "cell": refused.cell,
            }
        }
    except MemoryError:
        answer = {"failed": "memory"}
    except BaseException as error:  # noqa: BLE001 -- a panic of the Rust parser is not an Exception
        answer = {"failed": f"{type(error).__name__}: {error}"[:500]}
    sys.stderr.write("\n" + json.dumps(answer) + "\n")
    sys.stderr.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
