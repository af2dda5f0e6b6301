"""The rules of a running campaign: its dates, what it asks for, whom it reminds, what it says.

Every change locks the campaign, so that of two offices the later one sees what the earlier one wrote: a form carries
the stamp of what it was filled in over (``campaigns.items.stamp``). A preview is the same call, undone
(``campaigns.services.consequences``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.deadlines import last_day
from campaigns.expectations import expectation
from campaigns.items import Values, plain, stamp, values_of
from campaigns.models import Anchor, Assignment, Campaign, Obligation, Phase, StrandWindow
from campaigns.refusals import RuleChanged, RuleRefused
from campaigns.services.assignments import hold_open, refresh
from campaigns.services.campaigns import MANAGE
from campaigns.services.variations import follow, no_such_post
from common.events import record
from common.templatetags.cn import cn_date

RUNGS = 12  # no ladder needs more


def lock(campaign: Campaign, *, by: Any) -> Campaign:
    """The campaign, for this transaction alone.

    :raises PermissionDenied: not the office at the root. :raises RuleRefused: it has ended.
    """
    current = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not by.has_perm(MANAGE, current):
        raise PermissionDenied("活动的时间、应办事项和提醒由全市活动领导小组办公室修改。")
    if current.is_closed_on(timezone.localdate()):
        raise RuleRefused("活动已经结束，不能再修改。")
    return current


def require_same(values: Any, base: str) -> None:
    if base != stamp(values):
        raise RuleChanged


def require_open(phase: Phase) -> None:
    """It stays open until this transaction ends: whoever closes it waits."""
    if phase.pk and not hold_open(phase.pk):
        raise RuleRefused(f"“{phase.name}”已经归档，不能再修改。")


@transaction.atomic
def change_phase(
    campaign: Campaign, phase: Phase, values: Mapping[str, Any], *, base: str, by: Any
) -> list[int]:
    """调整时段. What is counted from its first or last day moves with it; returns the obligations that did."""
    current = lock(campaign, by=by)
    row = held_phase(current, phase.pk)
    require_same(before := values_of("phase", row), base)
    apply_phase(row, values)
    _record(current, "phase", row.name, before, values_of("phase", row), by=by)
    return move_deadlines(row)


def held_phase(campaign: Campaign, pk: int) -> Phase:
    """To be written: a closing (归档) that is under way is waited for, not written over."""
    return campaign.phases.select_for_update(no_key=True).get(pk=pk)


def apply_phase(row: Phase, values: Mapping[str, Any]) -> None:
    require_open(row)
    _set(row, values)
    if row.ends_on and row.ends_on < row.starts_on:
        raise RuleRefused("结束日期不能早于开始日期。", "ends_on")
    if row.ends_on:
        row.ends_note = ""
    _check_order(row)
    row.save()


def _check_order(row: Phase) -> None:
    campaign = row.campaign
    others = campaign.phases.exclude(pk=row.pk)
    if row.starts_on < campaign.starts_on:
        raise RuleRefused(f"不能早于活动的开始日期（{cn_date(campaign.starts_on)}）。", "starts_on")
    if any((each.number < row.number) != (each.starts_on <= row.starts_on) for each in others
           if each.starts_on != row.starts_on):  # fmt: skip
        raise RuleRefused("时段须按开始日期先后排列，请核对前后时段的日期。", "starts_on")
    if not row.pk:
        return
    early = row.windows.filter(opens_on__lt=row.starts_on).first()
    if early:
        raise RuleRefused(
            f"“{early.name}”{cn_date(early.opens_on)}就开始了，请先修改这个环节的日期。", "starts_on"
        )
    rules = row.obligations.all()
    dated = rules.filter(anchor=Anchor.DATE, due_on__lt=row.starts_on).first()
    if dated:
        raise RuleRefused(
            f"“{dated.name}”{cn_date(dated.due_on)}就截止了，请先修改它的截止日期。", "starts_on"
        )
    if row.ends_on is None and rules.filter(anchor=Anchor.PHASE_END).exists():
        raise RuleRefused("有应办事项从时段结束算起，结束日期不能空着。", "ends_on")


def move_deadlines(phase: Phase) -> list[int]:
    """Of what is counted from the phase; returns the obligations that moved."""
    moved = []
    for rule in phase.obligations.of_the_campaign().exclude(anchor=Anchor.DATE):
        before = values_of("obligation", rule)
        rule.phase = phase
        _count_due(rule)
        if plain(rule.due_on) == before["due_on"]:
            continue
        if rule.due_on < rule.opens_on:
            raise RuleRefused(
                f"“{rule.name}”将早于它自己的开始日期（{cn_date(rule.opens_on)}）截止，请先修改它的开始日期。"
            )
        rule.made_on = timezone.localdate()
        rule.save()
        follow(rule, before)
        refresh(rule)
        moved.append(rule.pk)
    return moved


def _count_due(rule: Obligation) -> None:
    phase = rule.phase
    try:
        due_on = last_day(
            rule.anchor,
            rule.offset,
            rule.unit,
            date=rule.due_on,
            starts_on=phase.starts_on,
            ends_on=phase.ends_on,
        )
    except ValueError as error:
        raise RuleRefused("这个时段没有结束日期，请改从时段开始算，或写固定日期。", "anchor") from error
    rule.due_on = max(due_on, phase.starts_on) if rule.anchor != Anchor.DATE else due_on


@transaction.atomic
def change_window(
    campaign: Campaign, window: StrandWindow, values: Mapping[str, Any], *, base: str, by: Any
) -> list[int]:
    """调整环节的起止日期."""
    current = lock(campaign, by=by)
    row = StrandWindow.objects.select_related("phase").get(pk=window.pk, phase__campaign=current)
    require_same(before := values_of("window", row), base)
    apply_window(row, values)
    _record(current, "window", row.name, before, values_of("window", row), by=by)
    return []


def apply_window(row: StrandWindow, values: Mapping[str, Any]) -> None:
    require_open(row.phase)
    _set(row, values)
    if row.opens_on < row.phase.starts_on:
        raise RuleRefused(f"不能早于所在时段的开始日期（{cn_date(row.phase.starts_on)}）。", "opens_on")
    if row.closes_on < row.opens_on:
        raise RuleRefused("截止日期不能早于开始日期。", "closes_on")
    row.save()


@transaction.atomic
def change_obligation(
    campaign: Campaign, obligation: Obligation, values: Mapping[str, Any], *, base: str, by: Any
) -> list[int]:
    """修改应办事项. What offices vary below keeps what they varied and follows in the rest."""
    current = lock(campaign, by=by)
    rules = Obligation.objects.of_the_campaign().select_related("phase")
    row = rules.get(pk=obligation.pk, phase__campaign=current)
    require_same(before := values_of("obligation", row), base)
    apply_obligation(row, values, before)
    _record(current, "obligation", row.name, before, values_of("obligation", row), by=by)
    return [row.pk]


def apply_obligation(row: Obligation, values: Mapping[str, Any], before: Values) -> None:
    require_open(row.phase)
    _set(row, values)
    _count_due(row)
    check_obligation(row)
    if any(plain(getattr(row, name)) != before[name] for name in ("due_on", "kinds", "expects")):
        row.made_on = timezone.localdate()
    row.save()
    follow(row, before)
    if expectation(row.expects):
        refresh(row)
    else:  # a date to know of: nobody stands with it any way
        Assignment.objects.filter(obligation=row).delete()


def check_obligation(row: Obligation) -> None:
    if row.anchor == Anchor.PHASE_START and row.offset < 0:
        raise RuleRefused("从时段开始算的天数不能是负数。", "offset")
    if row.due_on < row.phase.starts_on:
        raise RuleRefused(f"不能早于所在时段的开始日期（{cn_date(row.phase.starts_on)}）。", "due_on")
    if row.due_on < row.opens_on:
        raise RuleRefused(f"开始日期不能晚于截止日期（{cn_date(row.due_on)}）。", "opens_on")
    expected = expectation(row.expects)
    if expected and row.kinds and not set(row.kinds) & expected.kinds:
        raise RuleRefused(f"这些类别的党组织都不办理“{expected.label}”，请另选类别。", "kinds")
    if reason := no_such_post(row):
        raise RuleRefused(reason, "posts")


@transaction.atomic
def change_ladder(
    campaign: Campaign, number: int | None, rung: Mapping[str, Any] | None, *, base: str, by: Any
) -> list[int]:
    """修改第 ``number`` 档提醒; without a number a new one, without a ``rung`` it is taken away."""
    current = lock(campaign, by=by)
    before = {"rungs": current.ladder}
    require_same(before, base)
    rungs = [each for n, each in enumerate(current.ladder) if n != number]
    if rung is not None:
        if any((each["days"], each["to"]) == (rung["days"], rung["to"]) for each in rungs):
            raise RuleRefused("同一天对同一对象已有提醒。", "count")
        rungs.append({"days": rung["days"], "to": rung["to"], "urgent": rung["urgent"]})
    if len(rungs) > RUNGS:
        raise RuleRefused(f"提醒最多 {RUNGS} 档。")
    current.ladder = sorted(rungs, key=lambda each: (each["days"], each["to"]))
    current.save(update_fields=["ladder"])
    _record(current, "ladder", "提醒", before, {"rungs": current.ladder}, by=by)
    return []


@transaction.atomic
def change_texts(campaign: Campaign, values: Mapping[str, str], *, base: str, by: Any) -> list[int]:
    """修改页面上的文字. Keys are the template's; others are not taken."""
    current = lock(campaign, by=by)
    require_same(before := dict(current.texts), base)
    current.texts = before | {key: text.strip() for key, text in values.items() if key in before}
    current.save(update_fields=["texts"])
    _record(current, "texts", "文字", before, current.texts, by=by)
    return []


def _set(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _record(
    campaign: Campaign, kind: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any], *, by: Any
) -> None:
    changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    what = {"kind": kind, "of": name}
    record(
        campaign,
        "change",
        by=by,
        permission=MANAGE,
        before=what | {key: before.get(key) for key in changed},
        after=what | {key: after.get(key) for key in changed},
    )
