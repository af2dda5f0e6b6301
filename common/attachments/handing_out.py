"""The headers under which an attachment leaves the portal."""

from __future__ import annotations

from typing import Protocol

from django.utils.http import content_disposition_header

from common.attachments.checking import CONTENT_TYPES


class Named(Protocol):
    """A ``Clean``, or a row that keeps one."""

    @property
    def name(self) -> str: ...
    @property
    def content_type(self) -> str: ...


def headers(attachment: Named) -> dict[str, str]:
    """Saved by the browser, never shown by it as a page of ours; and kept by nobody in between.

    The name is written as RFC 5987 has it, so that Chinese names arrive.
    """
    known = attachment.content_type in CONTENT_TYPES
    disposition = content_disposition_header(as_attachment=True, filename=attachment.name)
    return {
        "Content-Type": attachment.content_type if known else "application/octet-stream",
        "Content-Disposition": disposition or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
