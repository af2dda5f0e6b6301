"""Write .xlsx of any length in constant memory, as bytes for a StreamingHttpResponse.

Text is always stored as text, so nothing a person once typed can come out as a formula; text that
Excel would take for one when it is edited (= + - @, tab, carriage return) carries the quote-prefix
style, its value unchanged. Figures: docs/imports.md.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from common.spreadsheets.child import column_letters

Kind = Literal["text", "number", "date", "datetime"]

LAST_ROW = 1_048_576
_LAST_BYTE = 1_500_000_000  # of one sheet's XML: below 2 GiB no zip64 is needed, which old readers lack
_BATCH = 400
_ZONE = ZoneInfo("Asia/Shanghai")
_EPOCH = dt.date(1899, 12, 30).toordinal()
_FIRST_SERIAL = dt.date(1900, 3, 1)  # before it Excel counts a day that never was
_EXACT = 10**15  # Excel keeps 15 digits of a number
_FORMULA_START = frozenset("=+-@\t\r＝＋－＠")
# C0 controls except tab, newline and return, surrogates and non-characters: not XML.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEX_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

# Indices into cellXfs of _STYLES.
_HEADER, _TEXT, _QUOTED, _DATE, _DATETIME = 1, 2, 3, 4, 5
_TITLE, _LINE, _RULED_NUMBER, _RULED_HEADER, _RULED_TEXT = 6, 7, 8, 9, 10
_RULED = {str(_TEXT): 10, str(_QUOTED): 11, str(_DATE): 12, str(_DATETIME): 13}
_WRAPPED = 'borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"'
_STYLES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot; hh:mm"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="18"/><name val="宋体"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFF3ECE2"/></patternFill></fill></fills>'
    '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"/>'
    '<right style="thin"/><top style="thin"/><bottom style="thin"/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="14"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyAlignment="1">'
    '<alignment vertical="center" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" quotePrefix="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment horizontal="left"/></xf>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">'
    '<alignment horizontal="left"/></xf>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
    '<alignment horizontal="center" vertical="center"/></xf>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="center"/></xf>'
    f'<xf numFmtId="0" fontId="0" fillId="0" {_WRAPPED}><alignment horizontal="center" vertical="center"/></xf>'
    f'<xf numFmtId="49" fontId="1" fillId="2" {_WRAPPED} applyFont="1" applyFill="1">'
    '<alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
    f'<xf numFmtId="49" fontId="0" fillId="0" {_WRAPPED}><alignment vertical="center" wrapText="1"/></xf>'
    f'<xf numFmtId="49" fontId="0" fillId="0" {_WRAPPED} quotePrefix="1"><alignment vertical="center" wrapText="1"/></xf>'
    f'<xf numFmtId="164" fontId="0" fillId="0" {_WRAPPED}><alignment horizontal="center" vertical="center" wrapText="1"/></xf>'
    f'<xf numFmtId="165" fontId="0" fillId="0" {_WRAPPED}><alignment horizontal="center" vertical="center" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OOXML = "http://schemas.openxmlformats.org"
_MAIN = f"{_OOXML}/spreadsheetml/2006/main"
_LINK = f"{_OOXML}/officeDocument/2006/relationships"
_PACKAGE = f"{_OOXML}/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPE = f"{_TYPE}.sheet"


@dataclass(frozen=True)
class Heading:
    """One column to write. ``kind`` decides how its cells are stored; "text" stores whatever as text.

    ``show`` turns a value (of one type throughout the column) into what is stored: a choice into its label.
    """

    title: str
    width: float = 14
    kind: Kind = "text"
    show: Callable[[Any], Any] | None = None
    choices: Sequence[
        str
    ] = ()  # offered as a list in each cell; few and short, they stand in the rule itself


Table = tuple[str, Sequence[Heading], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class Form:
    """What makes a table a form to be printed and stamped (台账): its title and lines above the headings, lines below
    the last row, everything ruled, the headings on every page.
    """

    title: str
    above: Sequence[str] = ()
    below: Sequence[str] = ()

    @property
    def head_row(self) -> int:
        return len(self.above) + 2


class _Sink:
    """The unseekable end that zipfile writes to."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return data


def stream_workbook(
    tables: Iterable[Table],
    *,
    form: Form | None = None,
    wrapped: bool = False,
    chunk_bytes: int = 64 * 1024,
) -> Iterator[bytes]:
    """The .xlsx file, piece by piece. ``tables`` are (title, headings, rows); rows are read once, lazily.

    A table longer than a sheet goes on in a further sheet with the same headings. With ``form`` each is printed so.
    ``wrapped`` rules the cells and wraps long texts, for a workbook that is also printed.
    """
    sink = _Sink()
    titles: list[str] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:  # type: ignore[call-overload]
        archive.writestr("_rels/.rels", _root_relations())
        archive.writestr("xl/styles.xml", _STYLES)
        for title, headings, rows in tables:
            left: Iterator[Sequence[Any]] | None = iter(rows)
            while left is not None:
                titles.append(_sheet_title(title, titles))
                with archive.open(f"xl/worksheets/sheet{len(titles)}.xml", "w") as part:
                    sheet = _SheetPart(part.write, headings, form, wrapped=wrapped)
                    for _ in sheet.write(left):
                        if sink.size >= chunk_bytes:
                            yield sink.take()
                left = sheet.unwritten
        archive.writestr("xl/workbook.xml", _workbook(titles, form))
        archive.writestr("xl/_rels/workbook.xml.rels", _workbook_relations(len(titles)))
        archive.writestr("[Content_Types].xml", _content_types(len(titles)))
    yield sink.take()


class _SheetPart:
    """The XML of one sheet. ``unwritten`` holds the rows that found no room, or None."""

    def __init__(
        self,
        write: Callable[[bytes], Any],
        headings: Sequence[Heading],
        form: Form | None = None,
        *,
        wrapped: bool = False,
    ) -> None:
        self._write = write
        self._headings = headings
        self._form = form
        self._is_ruled = wrapped or form is not None
        self._head_row = form.head_row if form else 1
        self._letters = [column_letters(number) for number in range(1, len(headings) + 1)]
        self.unwritten: Iterator[Sequence[Any]] | None = None

    def write(self, rows: Iterator[Sequence[Any]]) -> Iterator[None]:
        size = self._put(self._opening())
        last = self._head_row
        self._pieces = [
            _piece_of(heading, f'<c r="{following}' if following else "</row>", is_ruled=self._is_ruled)
            for heading, following in zip(self._headings, [*self._letters[1:], ""], strict=True)
        ]
        while batch := list(islice(rows, min(_BATCH, LAST_ROW - last))):
            size += self._put(
                "".join(self._row(str(number), row) for number, row in enumerate(batch, last + 1))
            )
            last += len(batch)
            yield
            if last >= LAST_ROW or size >= _LAST_BYTE:
                more = next(rows, None)
                self.unwritten = None if more is None else chain([more], rows)
                break
        self._put(self._closing(last))
        yield

    def _put(self, text: str) -> int:
        data = text.encode()
        self._write(data)
        return len(data)

    def _row(self, number: str, row: Sequence[Any]) -> str:
        """The row number stands before the row's and every cell's rest: one join puts the row together."""
        return number.join(
            [
                '<row r="',
                f'"{self._height(row)}><c r="{self._letters[0]}',
                *[piece_of(value) for piece_of, value in zip(self._pieces, row, strict=True)],
            ]
        )

    def _height(self, row: Sequence[Any]) -> str:
        """Ruled rows are as high as their wrapped text: not every program works that out on opening.

        Only a form's height is fixed: rows of a table that is filled in must grow with what is typed.
        """
        if not self._is_ruled:
            return ""
        lines = [
            math.ceil(2 * len(value) / heading.width)  # a Chinese character is two digits wide
            for value, heading in zip(row, self._headings, strict=True)
            if type(value) is str
        ]
        fixed = ' customHeight="1"' if self._form else ""
        return f' ht="{15 * max(lines, default=1) + 4}"{fixed}'

    def _opening(self) -> str:
        columns = "".join(
            f'<col min="{place}" max="{place}" width="{heading.width:g}" customWidth="1"'
            f"{' style=' + quoteattr(str(_TEXT)) if heading.kind == 'text' else ''}/>"
            for place, heading in enumerate(self._headings, 1)
        )
        height = self._height([heading.title for heading in self._headings]) or ' ht="22" customHeight="1"'
        head, style = self._head_row, _RULED_HEADER if self._is_ruled else _HEADER
        header = "".join(
            f'<c r="{letters}{head}" s="{style}" t="inlineStr"><is>{_t(heading.title)}</is></c>'
            for letters, heading in zip(self._letters, self._headings, strict=True)
        )
        return (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<sheetViews><sheetView workbookViewId="0"><pane ySplit="{head}" topLeftCell="A{head + 1}" activePane="bottomLeft"'
            ' state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
            f"<cols>{columns}</cols><sheetData>{self._above()}"
            f'<row r="{head}"{height}>{header}</row>'
        )

    def _above(self) -> str:
        if self._form is None:
            return ""
        title = _line(1, self._form.title, style=_TITLE, height=34)
        return title + "".join(_line(number, text) for number, text in enumerate(self._form.above, 2))

    def _closing(self, last: int) -> str:
        set_up = (
            '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        )
        if self._form is None:
            filtered = f'<autoFilter ref="A1:{self._letters[-1]}{last}"/>'
            return f"</sheetData>{filtered}{self._lists(last)}{set_up}</worksheet>"
        below = "".join(_line(number, text) for number, text in enumerate(self._form.below, last + 1))
        whole = [*range(1, self._head_row), *range(last + 1, last + 1 + len(self._form.below))]
        merged = "".join(f'<mergeCell ref="A{row}:{self._letters[-1]}{row}"/>' for row in whole)
        return (
            f'{below}</sheetData><mergeCells count="{len(whole)}">{merged}</mergeCells>{set_up}'
            "<headerFooter><oddFooter>&amp;C第 &amp;P 页，共 &amp;N 页</oddFooter></headerFooter></worksheet>"
        )

    def _lists(self, last: int) -> str:
        """Drop-down lists, where a heading has choices that fit the 255 characters of a rule."""
        rules = []
        for letters, heading in zip(self._letters, self._headings, strict=True):
            joined = ",".join(heading.choices)
            if 0 < len(joined) <= 255 and not any("," in c or '"' in c for c in heading.choices):
                rules.append(
                    '<dataValidation type="list" allowBlank="1" showErrorMessage="1" error="请从下拉列表中选择。"'
                    f' sqref="{letters}2:{letters}{max(last, 2)}"><formula1>{escape(chr(34) + joined + chr(34))}'
                    "</formula1></dataValidation>"
                )
        return f'<dataValidations count="{len(rules)}">{"".join(rules)}</dataValidations>' if rules else ""


def _line(number: int, text: str, *, style: int = _LINE, height: int = 24) -> str:
    cell = f'<c r="A{number}" s="{style}" t="inlineStr"><is>{_t(text)}</is></c>'
    return f'<row r="{number}" ht="{height}" customHeight="1">{cell}</row>'


def clean_text(text: str) -> str:
    """Without the characters that no XML file, hence no spreadsheet, can hold."""
    return _ILLEGAL.sub("", text)


def _t(text: str) -> str:
    text = escape(_HEX_ESCAPE.sub("_x005F_", clean_text(text)), {"\r": "&#13;"})
    return f'<t xml:space="preserve">{text}</t>'


def _text(value: Any) -> str:
    """The rest of a text cell after its reference; "" for nothing to write."""
    text = value if type(value) is str else _as_text(value)
    if not text:
        return ""
    style = _QUOTED if text[0] in _FORMULA_START else _TEXT
    # One pass of C code decides that nothing needs escaping, which is so for nearly every cell.
    if text.isprintable() and not ("&" in text or "<" in text or ">" in text or "_" in text or " " in text):
        return f' s="{style}" t="inlineStr"><is><t>{text}</t></is></c>'
    return f' s="{style}" t="inlineStr"><is>{_t(text)}</is></c>'


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return f' t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int) and -_EXACT < value < _EXACT:
        return f"><v>{value}</v></c>"
    if isinstance(value, float | Decimal) and math.isfinite(value):
        return f"><v>{value}</v></c>"
    return _text(value)


def _date(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return _datetime(value)
    if isinstance(value, dt.date) and value >= _FIRST_SERIAL:
        return f' s="{_DATE}"><v>{value.toordinal() - _EPOCH}</v></c>'
    return _text(value)


def _datetime(value: Any) -> str:
    if not isinstance(value, dt.datetime):
        return _date(value)
    local = value.astimezone(_ZONE) if value.tzinfo else value
    if local.date() < _FIRST_SERIAL:
        return _text(local.replace(tzinfo=None).isoformat(sep=" "))
    seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    return f' s="{_DATETIME}"><v>{local.toordinal() - _EPOCH + seconds / 86400:.10f}</v></c>'


class _Remembered(dict[Any, str]):
    """What a column's values were turned into: names, nations and dates repeat. Bounded."""

    def __init__(self, make: Callable[[Any], str], only: type) -> None:
        self._make, self._only = make, only

    def __missing__(self, value: Any) -> str:
        piece = self._make(value)
        if isinstance(value, self._only) and len(self) < 4096:
            self[value] = piece
        return piece


_BODIES: dict[str, Callable[[Any], str]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
}


def _piece_of(heading: Heading, following: str, *, is_ruled: bool = False) -> Callable[[Any], str]:
    """Value -> what follows the row number in its cell, up to the next cell's row number."""
    body_of, show = _BODIES[heading.kind], heading.show or (lambda value: value)

    def piece(value: Any) -> str:
        body = ("" if value is None or value == "" else body_of(show(value))) or "/>"
        return f'"{_ruled(body) if is_ruled else body}{following}'

    if heading.show is not None:
        return _Remembered(piece, object).__getitem__
    if heading.kind == "text":  # texts only: 1 == True, and the two are not written alike
        return _Remembered(piece, str).__getitem__
    return _Remembered(piece, dt.date).__getitem__ if heading.kind == "date" else piece


def _ruled(body: str) -> str:
    """The same cell in the ruled variant of its style."""
    if body.startswith(' s="'):
        style, rest = body[4:].split('"', 1)
        return f' s="{_RULED[style]}"{rest}'
    style = str(_RULED_TEXT if body == "/>" else _RULED_NUMBER)
    return f' s="{style}"{body}'


def _sheet_title(title: str, taken: list[str]) -> str:
    """At most 31 characters, none of the forbidden ones, unique: 党员, 党员 (2), …"""
    base = re.sub(r"[\[\]:*?/\\']", " ", clean_text(title)).strip() or "Sheet"
    lower = {name.lower() for name in taken}
    name, number = base[:31], 1
    while name.lower() in lower:
        number += 1
        tail = f" ({number})"
        name = base[: 31 - len(tail)] + tail
    return name


def _root_relations() -> str:
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_LINK}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )


def _workbook(titles: list[str], form: Form | None) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{number}" r:id="rId{number}"/>'
        for number, title in enumerate(titles, 1)
    )
    names = f"<definedNames>{_repeated_heads(titles, form)}</definedNames>" if form else ""
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINK}"><sheets>{sheets}</sheets>{names}</workbook>'


def _repeated_heads(titles: list[str], form: Form) -> str:
    row = f"${form.head_row}:${form.head_row}"
    return "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{number}">'
        + escape(f"'{title}'!{row}")
        + "</definedName>"
        for number, title in enumerate(titles)
    )


def _workbook_relations(count: int) -> str:
    sheets = "".join(
        f'<Relationship Id="rId{number}" Type="{_LINK}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, count + 1)
    )
    styles = f'<Relationship Id="rId{count + 1}" Type="{_LINK}/styles" Target="styles.xml"/>'
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{sheets}{styles}</Relationships>'


def _content_types(count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in range(1, count + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{sheets}</Types>'
    )
