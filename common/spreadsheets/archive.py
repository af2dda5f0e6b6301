"""Look at a workbook as a zip archive, before any spreadsheet parser sees it.

Runs in the child process of ``reader``. Every entry is inflated once here, so that what the archive
declares about itself is compared with what it really holds.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree import ElementTree

from common.spreadsheets import limits
from common.spreadsheets.refusal import SAVE_AS, WorkbookRefused

_CHUNK = 1 << 18
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_KINDS = {
    "application/vnd.ms-excel.sheet.macroEnabled": ("macro", f"文件带有宏，不能接收。{SAVE_AS}"),
    "application/vnd.ms-excel.template.macroEnabled": ("macro", f"文件带有宏，不能接收。{SAVE_AS}"),
    "application/vnd.ms-excel.addin": ("macro", f"文件是 Excel 加载项，不能接收。{SAVE_AS}"),
    "application/vnd.ms-excel.sheet.binary": ("binary", f"文件是二进制工作簿（.xlsb），不能接收。{SAVE_AS}"),
    f"{_MAIN}template": ("template", f"文件是 Excel 模板（.xltx），不能接收。{SAVE_AS}"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml": (
        "word",
        "文件是 Word 文档，不是电子表格。请把表格填入导入模板（.xlsx）后上传。",
    ),
    "application/vnd.openxmlformats-officedocument.presentationml": (
        "slides",
        "文件是演示文稿，不是电子表格。请把表格填入导入模板（.xlsx）后上传。",
    ),
}
DAMAGED = "文件已损坏或没有传完。请用 Excel 或 WPS 打开确认内容完整，另存为 .xlsx 后重新上传。"
TOO_BIG = (
    "文件解开后过大，不能接收。请删除数据下方和右侧多余的空行、空列与格式（选中整行整列后“删除”），"
    "另存后重新上传；数据确实很多时请分成几个文件。"
)
_BOMB = "文件的压缩程度异常，不能接收。请把数据复制到新的工作簿，另存为 .xlsx 后重新上传。"


@dataclass(frozen=True)
class SheetPart:
    title: str
    visible: bool
    path: str


class Archive:
    """An opened, not yet trusted zip file. ``check`` must pass before anything else reads it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        try:
            zipped = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise WorkbookRefused("damaged", DAMAGED) from error
        self._entries = {entry.filename: entry for entry in zipped.infolist()}
        self._count = len(zipped.infolist())

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def check(self) -> None:
        if self._count > limits.ZIP_ENTRIES:
            raise WorkbookRefused(
                "entries",
                f"文件内部含有 {self._count} 个部件，超过 {limits.ZIP_ENTRIES} 个的上限。{SAVE_AS}",
            )
        if self._count != len(self._entries):
            raise WorkbookRefused("damaged", DAMAGED)
        for entry in self._entries.values():
            if entry.flag_bits & 0x1:
                raise WorkbookRefused("encrypted", f"文件已加密，无法读取。请取消密码保护，{SAVE_AS[1:]}")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise WorkbookRefused("damaged", DAMAGED)
        self._refuse_foreign_parts()
        declared = sum(entry.file_size for entry in self._entries.values())
        packed = sum(entry.compress_size for entry in self._entries.values())
        refuse_inflation(declared, packed)

    def _refuse_foreign_parts(self) -> None:
        for name in self._entries:
            low = name.lower()
            if low.endswith("vbaproject.bin") or "/macrosheets/" in low:
                raise WorkbookRefused("macro", f"文件带有宏，不能接收。{SAVE_AS}")
            if "/embeddings/" in low or "/activex/" in low or low.endswith("oleobject.bin"):
                raise WorkbookRefused(
                    "embedded",
                    "文件里嵌有其他文件或控件，不能接收。请删除这些对象，另存为 .xlsx 后重新上传。",
                )
            if low == "mimetype":
                raise WorkbookRefused("other", f"文件不是 Excel 工作簿。{SAVE_AS}")

    @property
    def has_external_links(self) -> bool:
        return any("/externallinks/" in name.lower() for name in self._entries)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The inflated bytes of one entry, never more than it declared."""
        entry = self._entries.get(name)
        if entry is None:
            raise WorkbookRefused("damaged", DAMAGED)
        left = entry.file_size
        for chunk in self._inflate(entry):
            left -= len(chunk)
            if left < 0:
                raise WorkbookRefused("bomb", _BOMB)
            yield chunk
        if left:
            raise WorkbookRefused("damaged", DAMAGED)

    def _inflate(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        self._file.seek(entry.header_offset)
        head = self._file.read(_LOCAL_HEADER.size)
        if len(head) < _LOCAL_HEADER.size or head[:4] != b"PK\x03\x04":
            raise WorkbookRefused("damaged", DAMAGED)
        _, name_length, extra_length = _LOCAL_HEADER.unpack(head)
        self._file.seek(name_length + extra_length, 1)
        engine = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
        left = entry.compress_size
        while left > 0:
            packed = self._file.read(min(_CHUNK, left))
            if not packed:
                raise WorkbookRefused("damaged", DAMAGED)
            left -= len(packed)
            if engine is None:
                yield packed
                continue
            try:
                while packed:
                    yield engine.decompress(packed, _CHUNK * 4)
                    packed = engine.unconsumed_tail
            except zlib.error as error:
                raise WorkbookRefused("damaged", DAMAGED) from error

    def small(self, name: str) -> bytes:
        data = bytearray()
        for chunk in self.chunks(name):
            data += chunk
            if len(data) > limits.SMALL_PART_BYTES:
                raise WorkbookRefused("bomb", TOO_BIG)
        refuse_doctype(bytes(data))
        return bytes(data)

    def sheets(self) -> list[SheetPart]:
        """The sheets in the workbook's order; refuses what is not a plain .xlsx workbook."""
        main = self._main_part()
        folder = posixpath.dirname(main)
        relations = f"{folder}/_rels/{posixpath.basename(main)}.rels".lstrip("/")
        targets = {
            item.get("Id"): posixpath.normpath(posixpath.join("/" + folder, item.get("Target") or "")).lstrip(
                "/"
            )
            for item in self._tree(relations)
            if (item.get("Type") or "").endswith("/worksheet")
        }
        found = []
        for item in self._tree(main).iter():
            if _local(item.tag) != "sheet":
                continue
            link = next((value for key, value in item.attrib.items() if _local(key) == "id"), None)
            if link in targets:
                visible = item.get("state") in (None, "visible")
                found.append(SheetPart(item.get("name") or "", visible, targets[link]))
        if len(found) > limits.SHEETS:
            raise WorkbookRefused(
                "sheets", f"文件有 {len(found)} 张工作表，最多 {limits.SHEETS} 张。请删除无关的工作表。"
            )
        return found

    def _main_part(self) -> str:
        if "[Content_Types].xml" not in self._entries:
            raise WorkbookRefused("other", f"文件是压缩包，不是 Excel 工作簿。{SAVE_AS}")
        main = ""
        for item in self._tree("[Content_Types].xml"):
            kind = item.get("ContentType") or ""
            for start, (code, reason) in _KINDS.items():
                if kind.startswith(start):
                    raise WorkbookRefused(code, reason)
            if kind == f"{_MAIN}sheet.main+xml":
                main = (item.get("PartName") or "").lstrip("/")
        if not main:
            raise WorkbookRefused("other", f"文件不是 Excel 工作簿。{SAVE_AS}")
        return main

    def _tree(self, name: str) -> ElementTree.Element:
        try:
            # No DOCTYPE gets this far (``small``), hence no entities to expand.
            return ElementTree.fromstring(self.small(name))  # noqa: S314
        except ElementTree.ParseError as error:
            raise WorkbookRefused("damaged", DAMAGED) from error


def refuse_inflation(inflated: int, packed: int) -> None:
    if inflated > limits.INFLATED_BYTES:
        raise WorkbookRefused("bomb", TOO_BIG)
    if inflated > limits.RATIO_FREE_BYTES and inflated > packed * limits.INFLATION_RATIO:
        raise WorkbookRefused("bomb", _BOMB)


def refuse_doctype(data: bytes) -> None:
    """No document type, hence no entity; and UTF-8 only, so that this search sees what parsers see."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:8]:
        raise WorkbookRefused("encoding", f"文件内部的文字编码不是 UTF-8。{SAVE_AS}")
    head = data[:200]
    if head.startswith((b"<?xml", b"\xef\xbb\xbf<?xml")) and b"encoding" in head:
        said = head.split(b"encoding", 1)[1][:20].lower()
        if b"utf-8" not in said and b"utf8" not in said and b"ascii" not in said:
            raise WorkbookRefused("encoding", f"文件内部的文字编码不是 UTF-8。{SAVE_AS}")
    if b"<!" in data and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
        raise WorkbookRefused("doctype", f"文件内部含有文档类型声明，不能接收。{SAVE_AS}")


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
