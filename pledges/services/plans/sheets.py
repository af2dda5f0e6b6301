"""任务推进表 and 方案 leave, and the filled-in sheet comes back: what of that is put on record or written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from common.events import record
from common.states import StepRefused
from pledges.models import Plan
from pledges.plans.texts import Text, filled, text_of
from pledges.services.plans.drafting import EDIT, PlanConflict, keep, locked, track


def note_export(plan: Plan, kind: str, *, by: Any) -> None:
    """A file of it goes out: "document" (Word) or "sheet" (Excel)."""
    if not by.has_perm("pledges.view_pledge", plan):
        raise PermissionDenied("您没有查看这份方案的职务。")
    record(plan, "export", by=by, permission="pledges.view_pledge", what=kind)


@transaction.atomic
def apply_sheet(
    plan: Plan, text: Text, tracked: Mapping[str, Mapping[str, str]], *, version: int, by: Any
) -> Plan:
    """确认导入: the text and the progress that were shown, read from a sheet made on top of ``version``.

    Raises PlanConflict when the plan was saved meanwhile, and StepRefused when its text may not change.
    """
    current = locked(plan)
    if not by.has_perm(EDIT, current):
        raise PermissionDenied("您没有修改这份方案的职务。")
    text = filled(text)
    if version != current.version:
        raise PlanConflict(current, text)
    if text != text_of(current):
        if not current.is_editable:
            raise StepRefused(f"这份方案现在是“{current.get_state_display()}”，只能更新进展和备注。")
        current = keep(current, text, by)
    track(current, tracked, by=by)
    return current
