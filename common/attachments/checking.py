"""One uploaded file: its size, its name, what it really is, and what it may not hold."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

import puremagic
from django.core.files.uploadedfile import UploadedFile

from common.attachments.office import checked_document
from common.attachments.pdf import checked_pdf
from common.attachments.pictures import written_anew
from common.attachments.refusal import AttachmentRefused, Unfit

MIB = 1024 * 1024
FILE_BYTES = 10 * MIB
_STEM_LENGTH = 80
_UNFIT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')  # on Windows, where most readers save it

_OPEN_XML = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True)
class _Kind:
    content_type: str
    named: str
    made_clean: Callable[[bytes], bytes]  # raises Unfit


_KINDS = {
    ".jpg": _Kind("image/jpeg", "JPG 图片", written_anew("JPEG")),
    ".png": _Kind("image/png", "PNG 图片", written_anew("PNG")),
    ".pdf": _Kind("application/pdf", "PDF 文件", checked_pdf),
    ".docx": _Kind(
        f"{_OPEN_XML}.wordprocessingml.document",
        "Word 文档（.docx）",
        checked_document(f"{_OPEN_XML}.wordprocessingml.document.main+xml", "Word 文档（.docx）"),
    ),
    ".xlsx": _Kind(
        f"{_OPEN_XML}.spreadsheetml.sheet",
        "Excel 工作簿（.xlsx）",
        checked_document(f"{_OPEN_XML}.spreadsheetml.sheet.main+xml", "Excel 工作簿（.xlsx）"),
    ),
}
_KINDS[".jpeg"] = _KINDS[".jpg"]
CONTENT_TYPES = frozenset(kind.content_type for kind in _KINDS.values())
ACCEPT = ",".join(_KINDS)  # for the file control

_AS_DOCX = "请用 Word 或 WPS 打开，另存为 .docx 后重新上传。"
_AS_XLSX = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传。"
_AS_JPG = "请用看图软件打开，另存为 .jpg 后重新上传。"
_AS_PDF = "请打开后另存为或打印成 PDF 再上传。"
_UNPACK = "请先解压，再逐个上传其中的文件。"
_PROGRAM = ("程序", "请改传文档、表格、PDF 或图片。")
_PHOTO = (
    "苹果手机的 HEIC 照片",
    "请转成 .jpg 后重新上传（手机“设置－相机－格式”选“兼容性最佳”，以后拍的就是）。",
)
# What people try most, by the end of a name and by what the content turns out to be.
_KNOWN = {
    ".doc": ("旧版 Word 文档", _AS_DOCX),
    ".wps": ("WPS 文字文档", _AS_DOCX),
    ".docm": ("带宏的 Word 文档", _AS_DOCX),
    ".dotx": ("Word 模板", _AS_DOCX),
    ".rtf": ("RTF 文档", _AS_DOCX),
    ".xls": ("旧版 Excel 工作簿", _AS_XLSX),
    ".et": ("WPS 表格", _AS_XLSX),
    ".xlsm": ("带宏的 Excel 工作簿", _AS_XLSX),
    ".csv": ("文本表格", _AS_XLSX),
    ".ppt": ("演示文稿", _AS_PDF),
    ".pptx": ("演示文稿", _AS_PDF),
    ".ofd": ("OFD 版式文件", _AS_PDF),
    ".txt": ("纯文本", _AS_DOCX),
    ".heic": _PHOTO,
    ".heif": _PHOTO,
    ".webp": ("WebP 图片", _AS_JPG),
    ".gif": ("GIF 图片", _AS_JPG),
    ".bmp": ("BMP 图片", _AS_JPG),
    ".tif": ("TIFF 图片", _AS_JPG),
    ".tiff": ("TIFF 图片", _AS_JPG),
    ".svg": ("SVG 图片", _AS_JPG),
    ".zip": ("压缩包", _UNPACK),
    ".rar": ("压缩包", _UNPACK),
    ".7z": ("压缩包", _UNPACK),
    ".html": ("网页", _AS_PDF),
    ".htm": ("网页", _AS_PDF),
    ".mht": ("网页", _AS_PDF),
    ".exe": _PROGRAM,
    ".bat": _PROGRAM,
    ".js": _PROGRAM,
}
# Where the beginning of a content does not tell as much as the end of a name.
_FOUND = {
    **_KNOWN,
    ".doc": ("旧版 Office 文件，或者设有打开密码", "请取消密码，另存为 .docx 或 .xlsx 后重新上传。"),
    ".zip": ("Office 文件或压缩包", "请改回原来的扩展名；压缩包请先解压，再逐个上传其中的文件。"),
}
_TAKEN = "可以上传 jpg、png 图片，以及 PDF、Word（.docx）、Excel（.xlsx）文件。"


@dataclass(frozen=True)
class Clean:
    """What may be kept: ``name`` is fit to be shown and saved, ``content`` is not always what was sent."""

    name: str
    content_type: str
    content: bytes
    sha256: str  # of the content, in hexadecimal


def checked(upload: UploadedFile) -> Clean:
    """The file as it may be kept. Raises ``AttachmentRefused`` and nothing else, whatever the file holds."""
    name, extension = _safe_name(upload.name or "")
    try:
        kind = _kind(extension)
        sent = _read(upload)
        _agree(sent, extension, kind)
        content = kind.made_clean(sent)
        if len(content) > FILE_BYTES:  # a picture, whose new form is larger than the one that was sent
            raise Unfit(f"的内容超过 {FILE_BYTES // MIB} MB 的上限。{_AS_JPG}")
    except Unfit as unfit:
        raise AttachmentRefused(f"附件“{name}”{unfit}") from unfit
    return Clean(name, kind.content_type, content, hashlib.sha256(content).hexdigest())


def _safe_name(sent: str) -> tuple[str, str]:
    """(name, extension) without folders, control signs and signs that turn the writing direction round."""
    text = "".join(
        sign for sign in unicodedata.normalize("NFC", sent) if unicodedata.category(sign)[0] != "C"
    )
    base = " ".join(text.replace("\\", "/").rpartition("/")[2].split()).strip(" .")
    extension = PurePosixPath(base).suffix
    stem = _UNFIT_IN_NAMES.sub("_", base.removesuffix(extension))[:_STEM_LENGTH].strip(" .")
    return f"{stem or '附件'}{extension.lower()}", extension.lower()


def _kind(extension: str) -> _Kind:
    if kind := _KINDS.get(extension):
        return kind
    if known := _KNOWN.get(extension):
        raise Unfit(f"不能接收，因为它是“{known[0]}”。{known[1]}")
    raise Unfit(f"的类型不能接收。{_TAKEN}")


def _read(upload: UploadedFile) -> bytes:
    size = upload.size or 0
    if size > FILE_BYTES:
        raise Unfit(
            f"有 {size / MIB:.1f} MB，超过 {FILE_BYTES // MIB} MB 的上限。请缩小图片或分成几个文件后重新上传。"
        )
    upload.seek(0)
    sent = upload.read(FILE_BYTES)
    if not sent:
        raise Unfit("是空的。请打开确认里面有内容，保存后重新上传。")
    return sent


def _agree(sent: bytes, extension: str, kind: _Kind) -> None:
    found = _found(sent)
    if any(_KINDS.get(each) is kind for each in found):
        return
    for each in found:
        if each in _FOUND:
            raise Unfit(f"的扩展名是 {extension}，内容却是“{_FOUND[each][0]}”。{_FOUND[each][1]}")
        if each in _KINDS:
            raise Unfit(
                f"的扩展名是 {extension}，内容却是“{_KINDS[each].named}”。请把扩展名改成 {each} 后重新上传。"
            )
    raise Unfit(f"的内容不是 {kind.named}，可能已损坏或没有传完。请打开确认内容完整，另存后重新上传。")


def _found(sent: bytes) -> list[str]:
    """The extensions that go with the content, ``.zip`` before the many kinds that are zip archives."""
    try:
        found = [match.extension for match in puremagic.magic_string(sent)]
    except puremagic.PureError:
        return []
    return [".zip", *found] if ".zip" in found else found
