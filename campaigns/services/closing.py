"""时段归档: closing a phase after its check-list, and opening it again with a reason (domain.md 11c-20).

From the closing on its assignments stand; the archive of them is written a little later, by the worker.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase, PhaseClosing
from campaigns.queries.closing import check_list, missing
from campaigns.services.assignments import refresh_phase
from common.events import record
from common.templatetags.cn import cn_date
from organizations.access import may
from organizations.models import Organization
from organizations.services.tree import lock_tree

CLOSE = "campaigns.close_phase"
VIEW = "campaigns.view_progress"


class ClosingRefused(Exception):
    """It cannot be closed or opened again so; the message is a sentence for the person."""


def may_close(user: Any) -> bool:
    return may(user, CLOSE, Organization.objects.get(parent=None))


def _require(by: Any) -> None:
    if not may_close(by):
        raise PermissionDenied("时段的归档和重新开启由全市活动领导小组办公室主任办理。")


@transaction.atomic
def close_phase(phase: Phase, *, reason: str = "", by: Any) -> PhaseClosing:
    """归档: what everybody owes is counted once more, then it is frozen.

    What is unfinished stays as it is, and needs a ``reason``; what blocks must be done first. Raises PermissionDenied,
    ClosingRefused.
    """
    _require(by)
    lock_tree()  # before the phase, as a merger does; then nobody's roster or place moves meanwhile
    current = _locked(phase)
    now = timezone.now()
    if current.frozen_at is not None:
        raise ClosingRefused(f"“{current.name}”已于{cn_date(current.frozen_at)}归档。")
    day = timezone.localdate()
    if current.starts_on > day:
        raise ClosingRefused(f"“{current.name}”{cn_date(current.starts_on)}才开始，还不能归档。")
    refresh_phase(current)
    unfinished = missing(check_list(current, day))
    if blocking := [each.label for each in unfinished if each.blocks]:
        raise ClosingRefused(f"还不能归档，请先办结：{'、'.join(blocking)}。")
    if unfinished and not reason.strip():
        raise ClosingRefused(f"还有 {len(unfinished)} 项没有办结，请写明仍要归档的理由。")
    current.frozen_at = now
    current.save(update_fields=["frozen_at"])
    closing = PhaseClosing.objects.create(
        phase=current,
        number=current.closings.count() + 1,
        closed_at=now,
        closed_by=by,
        missing=[asdict(each) for each in unfinished],
        reason=reason.strip(),
    )
    after = {"number": closing.number, "missing": len(unfinished)}
    record(closing, "close", by=by, permission=CLOSE, after=after, reason=closing.reason)
    return closing


@transaction.atomic
def reopen_phase(closing: PhaseClosing, *, reason: str, by: Any) -> PhaseClosing:
    """重新开启: the closing and its archive are kept; what everybody owes is counted anew from the facts.

    Raises PermissionDenied, ClosingRefused.
    """
    _require(by)
    phase = _locked(closing.phase)
    current = PhaseClosing.objects.select_for_update(of=("self",)).get(pk=closing.pk)  # waits for its archive
    if current.reopened_at is not None:
        raise ClosingRefused("这次归档已经重新开启过。")
    if not reason.strip():
        raise ClosingRefused("请写明重新开启的理由。")
    current.reopened_at, current.reopened_by = timezone.now(), by
    current.reopen_reason = reason.strip()
    current.save(update_fields=["reopened_at", "reopened_by", "reopen_reason"])
    phase.frozen_at = None
    phase.save(update_fields=["frozen_at"])
    refresh_phase(phase)
    before = {"number": current.number, "digest": current.digest}
    record(current, "reopen", by=by, permission=CLOSE, before=before, reason=current.reopen_reason)
    return current


def _locked(phase: Phase) -> Phase:
    """Whoever counts something in the phase shares its row: this waits for them, and they for this."""
    return (
        Phase.objects.select_related("campaign").select_for_update(no_key=True, of=("self",)).get(pk=phase.pk)
    )


def waiting_for_archive(pk: int) -> PhaseClosing | None:
    """The closing, locked, when its archive is still to be written. One opened again meanwhile gets none."""
    rows = PhaseClosing.objects.in_force().filter(pk=pk, file="")
    return rows.select_for_update(of=("self",)).select_related("phase__campaign", "closed_by").first()


def keep_archive(closing: PhaseClosing, content: IO[bytes], *, files: dict[str, str], digest: str) -> None:
    """What the worker has written. A file left behind by one that was killed makes room."""
    storage, name = closing.file.storage, closing.file.field.generate_filename(closing, "")
    storage.delete(name)
    closing.file.save(name, File(content), save=False)
    closing.files, closing.digest = files, digest
    closing.save(update_fields=["file", "files", "digest"])


def note_download(closing: PhaseClosing, *, by: Any) -> None:
    record(closing, "download", by=by, permission=VIEW, after={"digest": closing.digest})
