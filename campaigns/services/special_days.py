"""放假和调休: what the office enters over the calendar's own table; deadlines counted from it move with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from campaigns.deadlines import last_day
from campaigns.models import Anchor, Obligation, Unit
from campaigns.services.assignments import refresh
from campaigns.services.campaigns import MANAGE, may_manage
from common.events import record
from common.models import SpecialDay


def _require(by: Any) -> None:
    if not may_manage(by):
        raise PermissionDenied("放假和调休由全市活动领导小组办公室登记。")


@transaction.atomic
def set_day(day: dt.date, *, is_worked: bool, name: str, by: Any) -> SpecialDay:
    """登记: the last word about a day holds. Obligations counted in working days are worked out anew."""
    _require(by)
    SpecialDay.objects.update_or_create(day=day, defaults={"is_worked": is_worked, "name": name.strip()})
    found = SpecialDay.objects.get(day=day)
    record(
        found, "set", by=by, permission=MANAGE, after={"day": day, "is_worked": is_worked, "name": found.name}
    )
    _move_deadlines()
    return found


@transaction.atomic
def remove_day(special: SpecialDay, *, by: Any) -> None:
    """取消登记: the calendar's own table holds again."""
    _require(by)
    if SpecialDay.objects.filter(pk=special.pk).delete()[0]:
        record(special, "remove", by=by, permission=MANAGE, before={"day": special.day, "name": special.name})
        _move_deadlines()


def _move_deadlines() -> int:
    """Of what is counted in working days from a phase, in phases that are not frozen."""
    rules = Obligation.objects.exclude(anchor=Anchor.DATE).filter(unit=Unit.WORKDAYS, phase__frozen_at=None)
    moved = 0
    for each in rules.select_related("phase", "varies__phase"):
        phase = each.phase
        due_on = last_day(
            each.anchor, each.offset, each.unit, date=None, starts_on=phase.starts_on, ends_on=phase.ends_on
        )
        if due_on != each.due_on:
            each.due_on = due_on
            each.save(update_fields=["due_on"])
            refresh(each.varies or each)
            moved += 1
    return moved
