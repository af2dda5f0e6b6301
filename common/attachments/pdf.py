"""A PDF is searched for what runs by itself: scripts, and commands that start a program."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise

from common.attachments.refusal import Unfit

_UNPACKED_BYTES = 64 * 1024 * 1024  # of all streams that are looked into; files of 10 MB have a few
_HEAD_BYTES = 64
_STREAM_KEYWORDS = 100_000  # two for each stream
_REPRINT = "请打开后用“打印”另存为新的 PDF，再重新上传。"
_ACTIVE_FOUND = f"里带有脚本或启动程序的命令，不能接收。{_REPRINT}"
_LOCKED = f"设有密码或权限限制，无法检查。请取消限制，或{_REPRINT[1:]}"
_UNCHECKABLE = f"内部的写法不规范，无法检查。{_REPRINT}"


def _name(word: bytes) -> bytes:
    """A pattern for a PDF name, each letter of which may be written as #xx; longer names are other names."""
    letters = b"".join(b"(?:%c|(?i:#%02x))" % (letter, letter) for letter in word)
    return b"/" + letters + rb"(?![A-Za-z0-9#])"


_ACTIVE = re.compile(_name(b"JavaScript") + b"|" + _name(b"Launch"))
_ENCRYPTED = re.compile(_name(b"Encrypt"))
_OBJECT_STREAM = re.compile(_name(b"ObjStm"))
_OBJECTS = re.compile(rb"\s*\d+\s+\d+")  # an object stream opens with the numbers and places of its objects


def checked_pdf(sent: bytes) -> bytes:
    """The file as it was sent; raises ``Unfit``.

    A search, not a reader of PDF: it finds what the usual programs write and what hides behind #xx or in
    compressed objects (since PDF 1.5), and refuses compressed objects that it cannot look into.
    """
    if _ENCRYPTED.search(sent):
        raise Unfit(_LOCKED)
    _refuse_active(sent)
    left = _UNPACKED_BYTES
    for packed, holds_objects in _streams(sent):
        unpacked, is_whole = _unpacked(packed, left)
        looks_like_objects = _OBJECTS.match(unpacked)
        if holds_objects and not (is_whole and looks_like_objects):
            raise Unfit(_UNCHECKABLE)
        if looks_like_objects:
            _refuse_active(unpacked)
            left -= len(unpacked)
        if left <= 0:
            raise Unfit(_UNCHECKABLE)
    return sent


def _refuse_active(data: bytes) -> None:
    if _ACTIVE.search(data):
        raise Unfit(_ACTIVE_FOUND)


def _streams(sent: bytes) -> Iterator[tuple[bytes, bool]]:
    """Each stream up to the next such keyword, and whether what stands before it calls it an object stream."""
    if sent.count(b"stream") > _STREAM_KEYWORDS:
        raise Unfit(_UNCHECKABLE)
    for before, after in pairwise(sent.split(b"stream")):
        if not before.endswith(b"end"):
            yield after.lstrip(), bool(_OBJECT_STREAM.search(before))


def _unpacked(packed: bytes, limit: int) -> tuple[bytes, bool]:
    """(content, is it whole), no more than the head where that is not the head of objects."""
    engine = zlib.decompressobj()
    try:
        content = engine.decompress(packed, _HEAD_BYTES)
        if _OBJECTS.match(content):
            content += engine.decompress(engine.unconsumed_tail, limit)
    except zlib.error:
        return b"", False
    return content, engine.eof
