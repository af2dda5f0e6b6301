"""践诺 and the results of items: who tells what, corrected while the round is open; the audit keeps what it was."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from common.attachments import Clean
from common.events import record
from common.states import StepRefused
from pledges.flow import IN_FORCE, ItemState
from pledges.flow.judging import judging_permission, judging_refusal
from pledges.models import (
    Cause,
    Judgement,
    PledgeItem,
    Progress,
    ProgressAttachment,
    Result,
    Source,
    Status,
    quarter_of,
)
from pledges.services.open_rounds import ensure_open
from pledges.services.writing import edit_permission

NOTHING = {"status": "", "note": "", "is_note_public": False, "attachment": ""}


@dataclass(frozen=True, slots=True)
class Note:
    """What is said besides the tap, all of it optional. ``file`` has been through ``common.attachments``."""

    text: str = ""
    is_public: bool = False
    file: Clean | None = None
    drops_file: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A judgement as it is given: a result with its reasons, or of the masses the counts of a meeting."""

    result: str = ""
    cause: str = ""
    explanation: str = ""
    held_on: dt.date | None = None
    present: int | None = None
    said: dict[str, int] = field(default_factory=dict)  # result -> how many of those present


@transaction.atomic
def tap(item: PledgeItem, status: str, *, by: Any) -> Progress:
    """One tap: how far the item is this quarter. The same tap again changes nothing."""
    current = _for_progress(item, by)
    progress = _this_quarter(current)
    if progress is not None and progress.status == status:
        return progress
    return _write_progress(current, progress, status, None, by)


@transaction.atomic
def take_back_tap(item: PledgeItem, *, by: Any) -> Progress | None:
    """Undo of a wrong click: back to what stood there before it."""
    current = _for_progress(item, by)
    progress = _this_quarter(current)
    if progress is None or progress.before_tap is None:
        raise StepRefused("没有可以撤销的点选；要改，请直接点选正确的进展。")
    before = _as_told(progress)
    if progress.before_tap:
        progress.status, progress.before_tap = progress.before_tap, None
        progress.recorded_at, progress.recorded_by = timezone.now(), by
        progress.save()
        after = _as_told(progress)
    else:
        progress.delete()
        progress, after = None, NOTHING
    _record_progress(current, by, before, after)
    return progress


@transaction.atomic
def tell_progress(item: PledgeItem, status: str, note: Note, *, by: Any) -> Progress:
    """The status with a note, perhaps with a file. Only the status is asked for."""
    current = _for_progress(item, by)
    return _write_progress(current, _this_quarter(current), status, note, by)


def _write_progress(
    item: PledgeItem, progress: Progress | None, status: str, note: Note | None, by: Any
) -> Progress:
    if status not in Status.values:
        raise StepRefused("请选择进展：推进中、已完成或有困难。")
    before = _as_told(progress) if progress else NOTHING
    if progress is None:
        progress = Progress(item=item, quarter=quarter_of(timezone.localdate()))
    progress.before_tap = str(before["status"]) if note is None else None
    progress.status, progress.recorded_at, progress.recorded_by = status, timezone.now(), by
    if note is not None:
        progress.note = note.text.strip()
        progress.is_note_public = note.is_public and bool(progress.note)
    progress.save()
    if note is not None:
        _keep_file(progress, note, by)
    _record_progress(item, by, before, _as_told(progress))
    return progress


def _keep_file(progress: Progress, note: Note, by: Any) -> None:
    """A new file takes the place of the old one, which goes when everything else is settled."""
    if note.file is None and not note.drops_file:
        return
    old = ProgressAttachment.objects.filter(progress=progress).first()
    if old is not None:
        storage, name = old.file.storage, str(old.file.name)
        old.delete()
        transaction.on_commit(lambda: storage.delete(name))
    progress.refresh_from_db()
    if note.file is not None:
        kept = ProgressAttachment(
            progress=progress,
            name=note.file.name,
            content_type=note.file.content_type,
            sha256=note.file.sha256,
            uploaded_by=by,
        )
        kept.file.save(note.file.name, ContentFile(note.file.content), save=False)
        kept.save()


def _as_told(progress: Progress) -> dict[str, Any]:
    file = ProgressAttachment.objects.filter(progress=progress).first()
    return {
        "status": progress.status,
        "note": progress.note,
        "is_note_public": progress.is_note_public,
        "attachment": f"{file.name} {file.sha256}" if file else "",
    }


def _record_progress(item: PledgeItem, by: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    if before != after:
        quarter = quarter_of(timezone.localdate())
        permission = edit_permission(item.pledge)
        record(item, "progress", by=by, permission=permission, before=before, after=after, quarter=quarter)


def _this_quarter(item: PledgeItem) -> Progress | None:
    return item.progress.filter(quarter=quarter_of(timezone.localdate())).first()


def _for_progress(item: PledgeItem, by: Any) -> PledgeItem:
    current = _locked(item)
    if not by.has_perm(edit_permission(current.pledge), current):
        raise PermissionDenied("您没有填报这项承诺进展的职务。")
    _refuse_unless_open(current)
    return current


def _locked(item: PledgeItem) -> PledgeItem:
    return PledgeItem.objects.with_what_guards_ask().select_for_update(of=("self",)).get(pk=item.pk)


def _refuse_unless_open(item: PledgeItem) -> None:
    if item.state != ItemState.APPROVED or item.pledge.state not in IN_FORCE:
        raise StepRefused("这项承诺还没有审定，或者已经收回、撤下，不能填报。")
    ensure_open(item.pledge.phase)


# -- results ---------------------------------------------------------------------------------


@transaction.atomic
def judge(item: PledgeItem, source: str, given: Given, *, by: Any) -> Judgement:
    """Give one of the three judgements, or correct it. Raises PermissionDenied and StepRefused."""
    current = _for_judging(item, source, by)
    if faults := faults_of(source, given):
        raise StepRefused("".join(faults.values()))
    judgement = current.judgements.filter(source=source).first()
    before = _as_judged(judgement) if judgement else {}
    judgement = judgement or Judgement(item=current, source=source)
    for name, value in _columns(source, given).items():
        setattr(judgement, name, value)
    judgement.recorded_at, judgement.recorded_by = timezone.now(), by
    judgement.save()
    after = _as_judged(judgement)
    if before != after:
        permission = judging_permission(source, current.pledge)
        record(current, "judge", by=by, permission=permission, before=before, after=after, source=source)
    return judgement


@transaction.atomic
def take_back_judgement(item: PledgeItem, source: str, *, by: Any) -> None:
    """Undo of a judgement given by mistake, on the wrong item for instance."""
    current = _for_judging(item, source, by)
    judgement = current.judgements.filter(source=source).first()
    if judgement is None:
        raise StepRefused("这里还没有登记结果，不需要撤销。")
    before = _as_judged(judgement)
    judgement.delete()
    permission = judging_permission(source, current.pledge)
    record(current, "take_back_judgement", by=by, permission=permission, before=before, source=source)


def faults_of(source: str, given: Given) -> dict[str, str]:
    """What keeps it from being recorded: field -> sentence."""
    return _faults_of_counts(given) if source == Source.MASSES else _faults_of_result(given)


def _faults_of_result(given: Given) -> dict[str, str]:
    faults = {}
    failed = given.result in (Result.UNFULFILLED, Result.ENDED)
    if given.result not in Result.values:
        faults["result"] = "请选择结果。"
    if failed and given.cause not in Cause.values:
        faults["cause"] = "请选明是客观原因还是主观原因。"
    if given.result == Result.ENDED and given.cause == Cause.SUBJECTIVE:
        faults["cause"] = "客观终止只能是客观原因；主观原因没有办成的，结果请选“未兑现”。"
    if failed and not given.explanation.strip():
        faults["explanation"] = "没有兑现的，请向群众说明原因。"
    return faults


def _faults_of_counts(given: Given) -> dict[str, str]:
    faults = {}
    if given.held_on is None:
        faults["held_on"] = "请填写评诺会日期。"
    elif given.held_on > timezone.localdate():
        faults["held_on"] = "评诺会日期不能晚于今天。"
    if not given.present:
        faults["present"] = "请填写到会人数。"
    elif (said := sum(given.said.values())) > given.present:
        faults["present"] = f"各项人数合计 {said} 人，多于到会的 {given.present} 人，请核对。"
    return faults


def _columns(source: str, given: Given) -> dict[str, Any]:
    if source == Source.MASSES:
        said = {f"said_{result}": given.said.get(result, 0) for result in Result.values}
        return {
            "held_on": given.held_on,
            "present": given.present,
            "explanation": given.explanation.strip(),
            **said,
        }
    failed = given.result in (Result.UNFULFILLED, Result.ENDED)
    cause = given.cause if failed else ""
    return {"result": given.result, "cause": cause, "explanation": given.explanation.strip()}


def _as_judged(judgement: Judgement) -> dict[str, Any]:
    names = [f for f in asdict(Given()) if f != "said"] + [f"said_{result}" for result in Result.values]
    return {name: value for name in names if (value := getattr(judgement, name)) not in ("", None)}


def _for_judging(item: PledgeItem, source: str, by: Any) -> PledgeItem:
    current = _locked(item)
    if not by.has_perm(judging_permission(source, current.pledge), current):
        raise PermissionDenied("您没有登记这项结果的职务。")
    if why := judging_refusal(by, source, current.pledge):
        raise StepRefused(why)
    _refuse_unless_open(current)
    return current
