"""Pictures are decoded and written anew: no place of taking, no owner's name, nothing hidden behind the picture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

from PIL import Image

from common.attachments.refusal import Unfit

LONG_SIDE = 3000
# A telephone's 50 million and a little more; a JPEG of this size is decoded at half of it. A PNG cannot be.
PIXELS = {"JPEG": 60_000_000, "PNG": 30_000_000}
_ORIENTATION = 0x0112
_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WRITTEN: dict[str, dict[str, Any]] = {"JPEG": {"quality": 88}, "PNG": {}}
_SMALLER = "请用看图软件把图片缩小（长边 3000 像素就够），另存后重新上传。"
_DAMAGED = "无法打开，可能已损坏或没有传完。请用看图软件打开确认，另存后重新上传。"

# The largest take some 250 MB and two seconds: one picture at a time in each process.
_one_at_a_time = threading.Lock()


def written_anew(form: str) -> Callable[[bytes], bytes]:
    """A function from the bytes of a picture (``form``: JPEG or PNG) to those of its copy; raises ``Unfit``."""

    def copied(sent: bytes) -> bytes:
        try:
            with _one_at_a_time, Image.open(BytesIO(sent), formats=[form]) as picture:
                return _written(_upright(picture, form), form)
        except Unfit:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise Unfit(_too_many(form)) from error
        except Exception as error:  # a decoder that is fed with anything fails in every way there is
            raise Unfit(_DAMAGED) from error

    return copied


def _upright(picture: Image.Image, form: str) -> Image.Image:
    if picture.width * picture.height > PIXELS[form]:
        raise Unfit(_too_many(form))
    orientation = 1
    with suppress(Exception):  # what cannot be read of it is not worth refusing a good picture for
        orientation = picture.getexif().get(_ORIENTATION, 1)
    picture.draft(None, (LONG_SIDE, LONG_SIDE))  # a JPEG is decoded no larger than needed
    plain = _plain(picture, form)
    plain.thumbnail((LONG_SIDE, LONG_SIDE))
    return plain.transpose(_TURNED[orientation]) if orientation in _TURNED else plain


def _plain(picture: Image.Image, form: str) -> Image.Image:
    """Grey, coloured or (PNG only) with transparency, eight bits each."""
    if picture.mode == "I;16":
        return picture.point(lambda value: value / 256).convert("L")
    mode = "L" if picture.mode in ("1", "L") else "RGB"
    if form == "PNG" and picture.has_transparency_data:
        mode = "RGBA"
    return picture if picture.mode == mode else picture.convert(mode)  # which copies in any case


def _written(picture: Image.Image, form: str) -> bytes:
    picture.info.clear()  # comments, profiles and texts, which are written along otherwise
    out = BytesIO()
    picture.save(out, form, **_WRITTEN[form])
    return out.getvalue()


def _too_many(form: str) -> str:
    return f"的像素太多，超过 {PIXELS[form] // 10_000} 万的上限。{_SMALLER}"
