"""Open a workbook that a stranger uploaded.

The file is parsed in a child process with 512 MiB and 60 s, after its zip archive was checked; rows
come back through an unnamed temporary file. Whatever goes wrong, the caller sees ``WorkbookRefused``.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from common.spreadsheets import limits
from common.spreadsheets.child import tidy_title
from common.spreadsheets.refusal import SAVE_AS, WorkbookRefused

_ROOT = Path(__file__).resolve().parents[2]
_UNREADABLE = f"文件内容无法读取，可能已损坏，或不是规范的 Excel 工作簿。{SAVE_AS}"
_TOO_HEAVY = (
    "文件内容过大或过于复杂，读取时超出了允许的内存或时间。"
    "请把数据复制到新下载的导入模板中（只粘贴值）后重新上传；数据很多时请分成几个文件。"
)
_EXTENSIONS = {
    ".xls": f"文件是旧版 Excel 格式（.xls），不能接收。{SAVE_AS}",
    ".et": f"文件是 WPS 表格格式（.et），不能接收。{SAVE_AS}",
    ".xlsm": f"文件是带宏的工作簿（.xlsm），不能接收。{SAVE_AS}",
    ".xlsb": f"文件是二进制工作簿（.xlsb），不能接收。{SAVE_AS}",
    ".ods": f"文件是 OpenDocument 表格（.ods），不能接收。{SAVE_AS}",
    ".csv": f"文件是文本表格（.csv），不能接收：编号和电话会丢失开头的 0。{SAVE_AS}",
    ".doc": "文件是 Word 文档，不是电子表格。请把表格填入导入模板（.xlsx）后上传。",
    ".docx": "文件是 Word 文档，不是电子表格。请把表格填入导入模板（.xlsx）后上传。",
    ".wps": "文件是 WPS 文字文档，不是电子表格。请把表格填入导入模板（.xlsx）后上传。",
    ".pdf": "文件是 PDF，不是电子表格。请把表格填入导入模板（.xlsx）后上传。",
    ".zip": "文件是压缩包。请先解压，再上传其中的 .xlsx 文件。",
    ".rar": "文件是压缩包。请先解压，再上传其中的 .xlsx 文件。",
}


@dataclass(frozen=True)
class Note:
    """Something the person should know about a file that could be read. ``kind`` is for programs."""

    kind: str  # formula | merged | external
    sheet: str
    cell: str
    text: str

    def __str__(self) -> str:
        where = f"工作表“{self.sheet}”{self.cell}：" if self.sheet else ""
        return f"{where}{self.text}"


@dataclass(frozen=True)
class Sheet:
    title: str
    visible: bool
    read: bool
    rows: int  # number of the last row that holds something
    offset: int


class Workbook:
    """What was read. Values are str, float, bool, date, datetime, time or timedelta; "" when empty."""

    def __init__(self, spool: IO[bytes], sheets: list[Sheet], notes: list[Note], more_notes: int) -> None:
        self._spool = spool
        self.sheets = sheets
        self.notes = notes
        self.more_notes = more_notes

    def rows(self, title: str) -> Iterator[tuple[int, list[Any]]]:
        """(row number from 1, values from column A) of each row that is not empty."""
        sheet = next(sheet for sheet in self.sheets if sheet.title == title and sheet.read)
        self._spool.seek(sheet.offset)
        while (batch := _load(self._spool)) is not None:
            first, rows = batch
            yield from enumerate(rows, first)

    def close(self) -> None:
        self._spool.close()

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_workbook(
    path: str | os.PathLike[str],
    *,
    name: str = "",
    sheets: Sequence[str] = (),
    seconds: float = limits.CHILD_SECONDS,
) -> Workbook:
    """Read an .xlsx file; ``name`` is what the person called it, ``sheets`` the titles wanted (all if none).

    Raises ``WorkbookRefused`` and nothing else for whatever the file may contain.
    """
    refuse_by_look(path, name or str(path))
    spool = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the Workbook
    try:
        answer = _run_child(path, sheets, spool, seconds)
        if "refused" in answer:
            raise WorkbookRefused(**answer["refused"])
        if "failed" in answer:
            heavy = answer["failed"] == "memory"
            raise WorkbookRefused("heavy" if heavy else "unreadable", _TOO_HEAVY if heavy else _UNREADABLE)
        return Workbook(
            spool,
            [Sheet(**sheet) for sheet in answer["sheets"]],
            [Note(**note) for note in answer["notes"]],
            answer["more_notes"],
        )
    except BaseException as error:
        spool.close()
        if isinstance(error, Exception) and not isinstance(error, WorkbookRefused):
            raise WorkbookRefused("unreadable", _UNREADABLE) from error
        raise


def refuse_by_look(path: str | os.PathLike[str], name: str) -> None:
    """What size, name and first bytes already tell; cheap enough for the request that uploads."""
    path = Path(path)
    size = path.stat().st_size
    if size > limits.FILE_BYTES:
        mib = limits.FILE_BYTES // limits.MIB
        raise WorkbookRefused(
            "size",
            f"文件有 {size / limits.MIB:.1f} MB，超过 {mib} MB 的上限。请删除图片和多余的工作表，或分成几个文件上传。",
        )
    with path.open("rb") as file:
        head = file.read(512)
    extension = Path(name).suffix.lower()
    if reason := _EXTENSIONS.get(extension):
        raise WorkbookRefused(extension[1:], reason)
    if reason := _by_magic(head, size):
        raise WorkbookRefused("other", reason)


def _by_magic(head: bytes, size: int) -> str:
    if not size:
        return "文件是空的。请选择填好的 .xlsx 文件后重新上传。"
    if head.startswith(b"PK\x03\x04"):
        return ""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return f"文件是旧版 Excel 格式（.xls）或设有打开密码。请取消密码，{SAVE_AS[1:]}"
    if head.startswith(b"%PDF"):
        return _EXTENSIONS[".pdf"]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return f"文件实际是网页或 XML 表格，只是扩展名像 Excel。{SAVE_AS}"
    return f"文件不是 Excel 工作簿。{SAVE_AS}"


def _run_child(
    path: str | os.PathLike[str], sheets: Sequence[str], spool: IO[bytes], seconds: float
) -> dict[str, Any]:
    wanted = json.dumps([tidy_title(title) for title in sheets])
    command = [sys.executable, "-m", "common.spreadsheets.child", os.path.abspath(path), wanted]
    environment = {
        key: value for key, value in os.environ.items() if key in ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR")
    }
    try:
        done = subprocess.run(  # noqa: S603 -- our own module, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=spool,
            stderr=subprocess.PIPE,
            cwd=_ROOT,
            env=environment,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"failed": "memory"}
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode or not lines:
        # Killed by a limit: the Rust parser aborts when memory is refused, the kernel ends CPU time.
        return {"failed": "memory"}
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


class _Unpickler(pickle.Unpickler):
    """Only dates and times may come out: the child has touched a stranger's file."""

    _ALLOWED = frozenset({"date", "datetime", "time", "timedelta"})

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in self._ALLOWED:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _load(spool: IO[bytes]) -> Any:
    return _Unpickler(spool).load()
