"""The verbs of a roster import (名册导入) that a person takes: start, confirm, give up. The work is in ``imports``."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from common.events import record
from common.spreadsheets import limits
from common.spreadsheets.reader import refuse_by_look
from common.spreadsheets.refusal import WorkbookRefused
from common.states import StepRefused
from organizations.models import Organization, RosterImport
from organizations.services.refusals import require

IMPORT = "organizations.import_roster"
State = RosterImport.State


def start_import(
    organization: Organization, upload: UploadedFile, *, mode: str, effective_on: dt.date, by: Any
) -> RosterImport:
    """Keep the file under a random name outside the web root; the background checks it.

    Raises WorkbookRefused for what name, size and first bytes already tell.
    """
    require(by, IMPORT, organization)
    if (upload.size or 0) > limits.FILE_BYTES:
        raise WorkbookRefused(
            "size", f"文件超过 {limits.FILE_BYTES // limits.MIB} MB 的上限，请分成几个文件上传。"
        )
    roster_import = RosterImport(
        organization=organization,
        mode=RosterImport.Mode(mode),
        effective_on=effective_on,
        filename=(upload.name or "")[-200:],
        sha256=_digest(upload),
        uploaded_by=by,
        acting_key=getattr(by, "acting_key", ""),
    )
    roster_import.file.save("", upload, save=False)
    try:
        refuse_by_look(roster_import.file.path, roster_import.filename)
        with transaction.atomic():
            roster_import.save()
            after = {"filename": roster_import.filename, "mode": mode, "sha256": roster_import.sha256}
            record(roster_import, "upload", by=by, permission=IMPORT, after=after)
    except BaseException:
        roster_import.file.delete(save=False)
        raise
    return roster_import


def _digest(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


@transaction.atomic
def confirm_import(roster_import: RosterImport, *, digest: str, by: Any) -> RosterImport:
    """确认导入: exactly the preview with this ``digest``. Raises StepRefused when it is not the one shown."""
    roster_import = _own(roster_import, by)
    if roster_import.state != State.CHECKED:
        raise StepRefused(f"这次导入{roster_import.get_state_display()}，不能再确认。")
    if digest != roster_import.digest:
        raise StepRefused("预览已经更新，请看过最新的核对结果后再确认。")
    if not roster_import.is_clean:
        raise StepRefused("还有需要处理的行，或没有可导入的内容，不能确认。")
    roster_import.state, roster_import.confirmed_at = State.CONFIRMED, timezone.now()
    roster_import.message, roster_import.done, roster_import.attempts = "", 0, 0
    roster_import.save(update_fields=["state", "confirmed_at", "message", "done", "attempts"])
    record(roster_import, "confirm", by=by, permission=IMPORT)
    return roster_import


@transaction.atomic
def cancel_import(roster_import: RosterImport, *, by: Any) -> RosterImport:
    """放弃 before it is confirmed; the file goes."""
    roster_import = _own(roster_import, by)
    if roster_import.state not in (State.UPLOADED, State.CHECKED):
        raise StepRefused(f"这次导入{roster_import.get_state_display()}，不能再放弃。")
    roster_import.state, roster_import.leased_until = State.CANCELLED, None
    roster_import.finished_at = timezone.now()
    roster_import.save(update_fields=["state", "leased_until", "finished_at"])
    roster_import.rows.all().delete()
    transaction.on_commit(lambda: roster_import.file.delete(save=False))
    record(roster_import, "cancel", by=by, permission=IMPORT)
    return roster_import


def _own(roster_import: RosterImport, by: Any) -> RosterImport:
    """Locked, and the person's own: whoever confirms has chosen the file and answers for it."""
    roster_import = (
        RosterImport.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=roster_import.pk)
    )
    require(by, IMPORT, roster_import.organization)
    if roster_import.uploaded_by_id != by.pk:
        raise PermissionDenied("只有上传文件的本人可以确认或放弃这次导入。")
    return roster_import
