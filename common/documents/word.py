from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from common.documents import wording
from common.templatetags.cn import cn_date

if TYPE_CHECKING:
    from jinja2 import Environment

# docxtpl reads "{_{" in its own output as an escaped "{{"; as references, braces stay what was written.
_BRACES = str.maketrans({"{": "&#123;", "}": "&#125;"})


def render(
    template_path: Path, context: Mapping[str, Any], *, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The .docx template filled in, as the bytes of a .docx.

    Values are text whatever they look like: neither markup nor tags of the template language come into effect.
    ``None`` is nothing; a newline is a line break. In the template stand the filters ``numbered``, ``aligned``,
    ``cn_date``, ``span`` and ``paragraphs``, and no other Python is within its reach. ``pictures`` takes the place of
    the template's pictures, found by their alternative text (替代文字): PNG for PNG.
    A name that the context does not know raises ``jinja2.UndefinedError``, a picture that is not there ``ValueError``.
    """
    # 24 MB and a fifth of a second; a process that never prints does without
    from docxtpl import DocxTemplate  # noqa: PLC0415

    document = DocxTemplate(template_path)
    document.render(dict(context), _environment())
    for name, png in (pictures or {}).items():
        document.replace_pic(name, io.BytesIO(png))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@cache
def _environment() -> Environment:
    from jinja2 import StrictUndefined  # noqa: PLC0415 -- comes with docxtpl, as late
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    # Escaping is the last thing done to every value, so there is no way round it and no autoescape to do it twice.
    environment = ImmutableSandboxedEnvironment(  # noqa: S701
        autoescape=False, undefined=StrictUndefined, finalize=_printed
    )
    environment.filters |= {
        "numbered": wording.numbered,
        "aligned": wording.aligned,
        "span": wording.span,
        "paragraphs": wording.paragraphs,
        "cn_date": cn_date,
    }
    return environment


def _printed(value: object) -> str:
    text = "" if value is None else wording.clean(str(value))
    return escape(text).translate(_BRACES)
