"""An archive as files: the table to print, the canonical JSON, and the hash that seals it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from common.events import record
from common.spreadsheets.writer import Form, Heading, stream_workbook
from common.templatetags.cn import cn_date
from pledges.models import COUNTS, RoundArchive, RoundFigure
from pledges.queries.archives import as_json
from pledges.queries.figures import VIEW, Line, reads_everything, total

HEADINGS = (
    Heading("序号", 6, "number"),
    Heading("党组织", 40),
    *(Heading(label, 9, "number") for label in COUNTS.values()),
)


def archive_files(archive: RoundArchive, *, by: Any) -> bytes:
    """A zip of 归档.xlsx, archive.json and sha256.txt. Of the whole tree, so for those who read all of it."""
    if not reads_everything(by):
        raise PermissionDenied("整份归档由全市一级下载；本级和下级的数字可以在页面上查看、打印。")
    figures = list(archive.figures.order_by("order_path"))
    files = io.BytesIO()
    with zipfile.ZipFile(files, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("归档.xlsx", _workbook(archive, figures))
        folder.writestr("archive.json", as_json(archive, figures))
        folder.writestr("sha256.txt", f"{archive.digest}  archive.json\n")
    record(archive, "download", by=by, permission=VIEW, after={"number": archive.label})
    return files.getvalue()


def _workbook(archive: RoundArchive, figures: list[RoundFigure]) -> bytes:
    lines = [Line(f.name, {name: getattr(f, name) for name in COUNTS}) for f in figures]
    rows = [
        (number, line.name, *line.counts.values()) for number, line in enumerate([*lines, total(lines)], 1)
    ]
    rows[-1] = (None, *rows[-1][1:])
    closed = cn_date(timezone.localtime(archive.closed_at))
    form = Form(
        title=f"{archive.phase.campaign.name}{archive.phase.name}公开承诺归档",
        above=[
            f"{archive.label}　　截至日期：{cn_date(archive.as_of)}　　归档：{archive.closed_by}　{closed}　　"
            "每行为本级数字，不含下级"
        ],
        below=[f"archive.json 的 SHA-256 校验码：{archive.digest}"],
    )
    return b"".join(stream_workbook([("归档", HEADINGS, rows)], form=form))
