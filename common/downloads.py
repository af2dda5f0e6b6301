"""Files that are saved, not shown."""

from __future__ import annotations

from typing import Protocol, TypeVar

from django.utils.http import content_disposition_header

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class _Response(Protocol):
    def __setitem__(self, header: str, value: str) -> None: ...


R = TypeVar("R", bound=_Response)


def as_download(response: R, name: str) -> R:
    """To be saved under ``name``, in Chinese too."""
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
