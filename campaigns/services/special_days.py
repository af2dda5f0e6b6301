"""放假和调休: what the office enters over the calendar's own table; deadlines counted from it move with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.items import Values
from campaigns.models import Anchor, Campaign, Obligation, Unit, not_over
from campaigns.services.campaigns import MANAGE, may_manage
from campaigns.services.rules import held_phase, move_deadlines, require_same
from common.events import record
from common.models import SpecialDay


def said_of(day: dt.date) -> Values:
    """What is entered of a day, as ``campaigns.items`` tells it; nothing where nothing is."""
    found = SpecialDay.objects.filter(day=day).first()
    return {"worked": str(int(found.is_worked)), "note": found.name} if found else {}


def may_move() -> list[int]:
    """The obligations whose last day a special day can move."""
    running = not_over(timezone.localdate(), "phase__campaign__")
    rules = Obligation.objects.of_the_campaign().exclude(anchor=Anchor.DATE)
    rules = rules.filter(running, unit=Unit.WORKDAYS, phase__frozen_at=None)
    return list(rules.values_list("pk", flat=True))


@transaction.atomic
def set_day(day: dt.date, *, is_worked: bool, name: str, base: str | None = None, by: Any) -> list[int]:
    """登记; returns the obligations counted in working days that moved.

    Without a ``base`` the last word about a day holds. Raises PermissionDenied; RuleChanged: somebody else entered the
    day meanwhile; RuleRefused: a deadline cannot move so.
    """
    _require(by, day, base)
    SpecialDay.objects.update_or_create(day=day, defaults={"is_worked": is_worked, "name": name.strip()})
    found = SpecialDay.objects.get(day=day)
    after = {"day": day, "is_worked": is_worked, "name": found.name}
    record(found, "set", by=by, permission=MANAGE, after=after)
    return _move_deadlines()


@transaction.atomic
def remove_day(special: SpecialDay, *, base: str | None = None, by: Any) -> list[int]:
    """取消登记: the calendar's own table holds again; returns the obligations that moved. Raises as ``set_day``."""
    _require(by, special.day, base)
    if not SpecialDay.objects.filter(pk=special.pk).delete()[0]:
        return []
    record(special, "remove", by=by, permission=MANAGE, before={"day": special.day, "name": special.name})
    return _move_deadlines()


def _require(by: Any, day: dt.date, base: str | None) -> None:
    if not may_manage(by):
        raise PermissionDenied("放假和调休由全市活动领导小组办公室登记。")
    list(Campaign.objects.select_for_update().order_by("pk"))  # as every change of the rules does
    if base is not None:
        require_same(said_of(day), base)


def _move_deadlines() -> list[int]:
    """Of what is counted in working days from a phase, in open phases of campaigns that are not over."""
    moved: list[int] = []
    for campaign in Campaign.objects.filter(not_over(timezone.localdate())).order_by("pk"):
        for pk in campaign.phases.filter(frozen_at=None).values_list("pk", flat=True):
            phase = held_phase(campaign, pk)
            if phase.frozen_at is None:
                moved += move_deadlines(phase)
    return moved
