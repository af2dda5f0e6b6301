"""Word and Excel files as zip archives: no bomb, no macro, nothing that is fetched from elsewhere on opening."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

from common.attachments.refusal import Unfit
from common.spreadsheets import limits
from common.spreadsheets.archive import Archive
from common.spreadsheets.refusal import WorkbookRefused

_TYPES = "[Content_Types].xml"
_CENTRAL_HEADER = b"PK\x01\x02"
_OR_PDF = "或另存为 PDF 后重新上传。"
_MACRO = "带有宏，不能接收。请打开后另存为不带宏的 .docx 或 .xlsx，再重新上传。"
_TOO_BIG = f"解开后过大或部件过多，不能接收。请删除多余的图片、工作表和空行空列，{_OR_PDF}"
_DAMAGED = "已损坏或没有传完。请用 Word、Excel 或 WPS 打开确认内容完整，另存后重新上传。"
_FETCHES = (
    "引用了外部的模板、图片或其他文件，不能接收。请断开链接（Word：“文件－信息－编辑指向文件的链接”；"
    f"Excel：“数据－编辑链接－断开链接”），改用自带的模板，另存后重新上传，{_OR_PDF}"
)
_IRREGULAR = f"内部的写法不规范，无法检查。请用 Word、Excel 或 WPS 打开，另存后重新上传，{_OR_PDF}"
# The archive words its refusals for the import of rosters; these are the same for attachments.
_WORDS = {
    "macro": _MACRO,
    "embedded": f"里嵌有其他文件或控件（包括图表自带的数据表），不能接收。请把它们改成图片，{_OR_PDF}",
    "encrypted": "设有密码，无法检查。请取消密码，另存后重新上传。",
    "bomb": _TOO_BIG,
    "entries": _TOO_BIG,
    "damaged": _DAMAGED,
}


def checked_document(main: str, named: str) -> Callable[[bytes], bytes]:
    """A function that gives a document back as it was sent; raises ``Unfit``.

    ``main`` is the content type of the part that makes it what its extension says, ``named`` its name in Chinese.
    """

    def looked_at(sent: bytes) -> bytes:
        try:
            _look(sent, main, named)
        except WorkbookRefused as refused:
            raise Unfit(_WORDS.get(refused.code, _IRREGULAR)) from refused
        except ElementTree.ParseError as error:
            raise Unfit(_DAMAGED) from error
        return sent

    return looked_at


def _look(sent: bytes, main: str, named: str) -> None:
    if sent.count(_CENTRAL_HEADER) > limits.ZIP_ENTRIES:  # before each entry becomes an object
        raise Unfit(_TOO_BIG)
    archive = Archive(BytesIO(sent))
    archive.check()
    _refuse_foreign_types(archive, main, named)
    for name in archive.names:
        if name.lower().endswith(".rels"):
            _refuse_what_fetches(_tree(archive, name))
        for _ in archive.chunks(name):  # holds what it declares, no more and no less
            pass
    if archive.has_external_links:  # DDE, too, which needs no relationship
        raise Unfit(_FETCHES)


def _refuse_foreign_types(archive: Archive, main: str, named: str) -> None:
    if _TYPES not in archive.names:
        raise Unfit(f"是压缩包，不是 {named}。请解压后逐个上传其中的文件。")
    types = {item.get("ContentType") or "" for item in _tree(archive, _TYPES)}
    if any("macroenabled" in each.lower() or "vbaproject" in each.lower() for each in types):
        raise Unfit(_MACRO)
    if main not in types:
        raise Unfit(f"的内容不是 {named}。请改回原来的扩展名，或打开后另存为这种文件，再重新上传。")


def _refuse_what_fetches(relationships: ElementTree.Element) -> None:
    """A link that is clicked is the reader's choice. Everything else from outside is fetched by opening the file."""
    for item in relationships:
        kind = (item.get("Type") or "").rpartition("/")[2]
        if kind == "vbaProject":
            raise Unfit(_MACRO)
        if (item.get("TargetMode") or "").lower() == "external" and kind != "hyperlink":
            raise Unfit(_FETCHES)


def _tree(archive: Archive, name: str) -> ElementTree.Element:
    # No DOCTYPE gets this far (``Archive.small``), hence no entities to expand.
    return ElementTree.fromstring(archive.small(name))  # noqa: S314
