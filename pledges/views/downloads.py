"""Files that are saved, not shown."""

from __future__ import annotations

from typing import TypeVar

from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

R = TypeVar("R", bound=HttpResponseBase)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def as_download(response: R, name: str) -> R:
    """To be saved under ``name``, in Chinese too."""
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
