"""The archive of a closed phase: tables to print, rows for machines, a note to read, and the hash of each.

The same closing gives the same bytes: nothing in it depends on when it is written.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from campaigns.documents import ClosingNote, CountedObligation, SealedFile, closing_note
from campaigns.models import Assignment, AssignmentState, Obligation, PhaseClosing
from campaigns.presentation import period
from campaigns.queries.closing import totals
from common.archives import timeless, timeless_entry
from common.spreadsheets.writer import Form, Heading, Table, stream_workbook
from common.templatetags.cn import cn_date

WORKBOOK, DATA, NOTE, SEALS = "办理情况.xlsx", "办理情况.json", "归档说明.docx", "sha256.txt"
MEMORY = 8 * 1024 * 1024  # of one file before it goes to the disk
_STATES = dict(AssignmentState.choices)
_TOTALS = (
    Heading("应办事项", 36), Heading("截止日期", 16, "date"), Heading("应办", 9, "number"), Heading("已办", 9, "number"),
    Heading("按时", 9, "number"), Heading("逾期", 9, "number"), Heading("未办", 9, "number"),
    Heading("免办", 9, "number"), Heading("延期", 9, "number"),
)  # fmt: skip
_ROWS = (
    Heading("党组织", 40), Heading("应办事项", 36), Heading("情况", 10), Heading("截止日期", 16, "date"),
    Heading("办结日期", 16, "date"), Heading("延期", 8), Heading("退回待修改", 8, "number"), Heading("应办数", 8, "number"),
    Heading("已办数", 8, "number"),
)  # fmt: skip
FIELDS = (
    "organization__code", "organization__name", "organization__path", "obligation_id", "state", "assigned_on", "due_on",
    "done_on", "is_extended", "is_waived", "returned", "wanted", "got", "items", "fulfilled",
)  # fmt: skip


def write_archive(closing: PhaseClosing, into: IO[bytes]) -> tuple[dict[str, str], str]:
    """Writes the zip; returns the SHA-256 of each file in it by name, and that of the zip itself."""
    counted = totals(closing.phase, _day(closing))
    with zipfile.ZipFile(into, "w") as archive:
        files = {
            WORKBOOK: _add(archive, WORKBOOK, lambda entry: _write_workbook(closing, counted, entry)),
            DATA: _add(archive, DATA, lambda entry: _write_data(closing, counted, entry)),
        }
        note = _note(closing, counted, files)
        files[NOTE] = _add(archive, NOTE, lambda entry: _write_note(note, entry))
        seals = "".join(f"{seal}  {name}\n" for name, seal in files.items())
        files[SEALS] = _add(archive, SEALS, lambda entry: entry.write(seals.encode()))
    into.seek(0)
    return files, hashlib.file_digest(into, "sha256").hexdigest()  # type: ignore[arg-type]


def _add(archive: zipfile.ZipFile, name: str, write: Callable[[IO[bytes]], Any]) -> str:
    with tempfile.SpooledTemporaryFile(MEMORY) as made:
        write(made)
        made.seek(0)
        digest = hashlib.file_digest(made, "sha256").hexdigest()
        made.seek(0)
        with timeless_entry(archive, name) as entry:
            shutil.copyfileobj(made, entry)
    return digest


def _day(closing: PhaseClosing) -> Any:
    return timezone.localdate(closing.closed_at)


def _rows(closing: PhaseClosing, counted: list[tuple[Obligation, Any]]) -> Iterator[dict[str, Any]]:
    """Organization by organization in protocol order, each with what it owed, the first due first."""
    rows = Assignment.objects.filter(obligation__in=[each.pk for each, _ in counted])
    ordered = rows.order_by(
        "organization__order_path", "organization", "obligation__due_on", "obligation"
    ).values_list(*FIELDS)
    for row in ordered.iterator():
        yield dict(zip(FIELDS, row, strict=True))


def _write_workbook(closing: PhaseClosing, counted: list[tuple[Obligation, Any]], into: IO[bytes]) -> None:
    phase = closing.phase
    form = Form(
        title=f"{phase.campaign.name}{phase.name}办理情况归档",
        above=[
            f"截至日期：{cn_date(_day(closing))}　　归档：{closing.closed_by}　　本时段第{closing.number}次归档"
        ],
    )
    with tempfile.SpooledTemporaryFile(MEMORY) as made:
        for piece in stream_workbook(_tables(closing, counted), form=form):
            made.write(piece)
        made.seek(0)
        timeless(made, into)


def _tables(closing: PhaseClosing, counted: list[tuple[Obligation, Any]]) -> Iterator[Table]:
    yield "全市合计", _TOTALS, [(o.name, o.due_on, *_figures(count)) for o, count in counted]
    day, names = _day(closing), {each.pk: each.name for each, _ in counted}
    headings = [
        Heading("序号", 6, "number"),
        Heading("党组织", 40),
        *(Heading(each.name, 16) for each, _ in counted),
    ]
    by_place = itertools.groupby(_rows(closing, counted), lambda row: row["organization__path"])
    yield (
        "各党组织",
        headings,
        (_of_a_place(number, list(rows), names, day) for number, (_, rows) in enumerate(by_place, 1)),
    )
    yield "办理情况", _ROWS, (_detail(row, names, day) for row in _rows(closing, counted))


def _figures(count: Any) -> tuple[int, ...]:
    return (count.due, count.done, count.on_time, count.late, count.open, count.exempt, count.extended)


def _of_a_place(number: int, rows: list[dict[str, Any]], names: dict[int, str], day: Any) -> tuple[Any, ...]:
    said = {row["obligation_id"]: _standing(row, day) for row in rows}
    return (number, rows[0]["organization__name"], *(said.get(pk, "不承担") for pk in names))


def _standing(row: dict[str, Any], day: Any) -> str:
    late = row["state"] != AssignmentState.EXEMPT and (row["done_on"] or day) > row["due_on"]
    return _STATES[row["state"]] + ("（逾期）" if late else "")


def _detail(row: dict[str, Any], names: dict[int, str], day: Any) -> tuple[Any, ...]:
    return (
        row["organization__name"], names[row["obligation_id"]], _standing(row, day), row["due_on"], row["done_on"],
        "是" if row["is_extended"] else "", row["returned"], row["wanted"], row["got"],
    )  # fmt: skip


def _write_data(closing: PhaseClosing, counted: list[tuple[Obligation, Any]], into: IO[bytes]) -> None:
    phase = closing.phase
    head = {
        "campaign": phase.campaign.code,
        "phase": phase.number,
        "closing": closing.number,
        "as_of": _day(closing).isoformat(),
        "missing": closing.missing,
        "reason": closing.reason,
        "obligations": [
            {"id": o.pk, "name": o.name, "expects": o.expects, "due_on": o.due_on.isoformat()}
            for o, _ in counted
        ],
    }
    into.write(b'{"closing":' + _canonical(head) + b',"assignments":[')
    for number, row in enumerate(_rows(closing, counted)):
        plain = {key.removeprefix("organization__"): value for key, value in row.items()}
        into.write((b"," if number else b"") + b"\n" + _canonical(plain))
    into.write(b"\n]}\n")


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return text.encode()


def _note(closing: PhaseClosing, counted: list[tuple[Obligation, Any]], files: dict[str, str]) -> ClosingNote:
    phase = closing.phase
    return ClosingNote(
        campaign=phase.campaign.name,
        phase=phase.name,
        period=period(phase.starts_on, phase.ends_on, phase.ends_note),
        closed_on=_day(closing),
        closed_by=str(closing.closed_by),
        number=closing.number,
        obligations=[CountedObligation(name=o.name, due_on=o.due_on, count=c) for o, c in counted],
        missing=closing.missing,
        reason=closing.reason,
        files=[SealedFile(name=name, sha256=seal) for name, seal in files.items()],
        office=settings.SITE["organizer"],
    )


def _write_note(note: ClosingNote, into: IO[bytes]) -> None:
    with tempfile.SpooledTemporaryFile(MEMORY) as made:
        made.write(closing_note(note))
        made.seek(0)
        timeless(made, into)
