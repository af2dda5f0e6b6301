"""A running campaign takes what a newer version of its template says, item by item.

Three versions of each item are compared: what the template said when it was taken (``Campaign.taken``), what it says
now, and what the campaign says. All with the template's dates moved as the campaign's were.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from campaigns import template_files
from campaigns.items import (
    FIELDS,
    KIND_NAMES,
    Items,
    Line,
    Values,
    kind_of,
    lines,
    name_of,
    of_campaign,
    of_template,
    stamp,
    values_of,
)
from campaigns.models import Campaign, Obligation, Phase, RubricItem, StrandWindow
from campaigns.refusals import RuleRefused
from campaigns.services.campaigns import MANAGE, CampaignRefused, arrange
from campaigns.services.rules import (
    apply_obligation,
    apply_phase,
    apply_window,
    held_phase,
    lock,
    move_deadlines,
    require_same,
)
from common.events import record

ORDER = list(KIND_NAMES)  # phases before what lies in them


@dataclass(frozen=True, slots=True)
class Difference:
    """One item in which the campaign and the template's present version differ."""

    key: str
    kind: str  # 时段, 环节, 应办事项, …
    name: str
    lines: list[Line]
    is_local: bool  # 本活动已改过: not as it was taken
    is_news: bool  # the template itself says something else than it did
    is_new: bool  # the campaign does not have it
    is_gone: bool  # the template does not have it any more: told, never taken away


@dataclass(frozen=True, slots=True)
class Comparison:
    version: int
    differences: list[Difference]
    knows_origin: bool  # is it known what was taken?
    base: str


@dataclass(frozen=True, slots=True)
class _Sides:
    version: int
    taken: Items
    ours: Items
    theirs: Items
    rows: dict[str, int]


def _sides(campaign: Campaign) -> _Sides | None:
    template = template_files.find(campaign.template_code)
    if template is None:
        return None
    try:
        theirs = of_template(template, arrange(template, campaign.starts_on).phases)
    except CampaignRefused:
        return None
    ours, rows = _matched(*of_campaign(campaign), theirs)
    taken = campaign.taken
    if not taken and template.version == campaign.template_version:
        taken = theirs  # from before it was kept, but the file has not changed since
    return _Sides(template.version, taken, ours, theirs, rows)


def _matched(ours: Items, rows: dict[str, int], theirs: Items) -> tuple[Items, dict[str, int]]:
    """Rows from before keys existed go by phase, strand and name."""
    free = {_likeness(key, values): key for key, values in theirs.items() if key not in ours}
    found: Items = {}
    pks: dict[str, int] = {}
    for key, values in ours.items():
        place = free.get(_likeness(key, values), key) if "?" in key else key
        found[place] = values
        if key in rows:
            pks[place] = rows[key]
    return found, pks


def _likeness(key: str, values: Values) -> tuple[Any, ...]:
    return (*key.split(":")[:2], values.get("strand"), values.get("expects"), values.get("name"))


def compare(campaign: Campaign) -> Comparison | None:
    """None where the template's file is no longer there."""
    sides = _sides(campaign)
    if sides is None:
        return None
    found = sorted(_differences(sides), key=lambda each: (not each.is_news, ORDER.index(kind_of(each.key))))
    return Comparison(sides.version, found, bool(sides.taken), stamp([sides.ours, sides.theirs]))


def _differences(sides: _Sides) -> Iterator[Difference]:
    for key in [*sides.theirs, *(key for key in sides.taken if key not in sides.theirs)]:
        mine, said, took = sides.ours.get(key), sides.theirs.get(key), sides.taken.get(key)
        if mine == said:
            continue
        kind = kind_of(key)
        yield Difference(
            key=key,
            kind=KIND_NAMES[kind],
            name=name_of(key, said or mine or {}),
            lines=lines(kind, mine or {}, said or {}) if said else [],
            is_local=took is not None and mine != took,
            is_news=said != took,
            is_new=mine is None,
            is_gone=said is None,
        )


def touched_by(campaign: Campaign, keys: Collection[str]) -> list[int]:
    """The obligations whose rows may change when these items are taken."""
    sides = _sides(campaign)
    if sides is None:
        return []
    rows = [pk for key, pk in sides.rows.items() if key in keys and kind_of(key) == "obligation"]
    phases = [pk for key, pk in sides.rows.items() if key in keys and kind_of(key) == "phase"]
    return [
        *rows,
        *Obligation.objects.of_the_campaign()
        .filter(phase__in=phases)
        .exclude(pk__in=rows)
        .values_list("pk", flat=True),
    ]


@transaction.atomic
def adopt(campaign: Campaign, keys: Collection[str], *, base: str, by: Any) -> list[int]:
    """采用: the chosen items become what the template says now; returns the obligations that changed.

    Raises PermissionDenied, RuleRefused, RuleChanged.
    """
    current = lock(campaign, by=by)
    sides = _sides(current)
    if sides is None:
        raise RuleRefused("找不到这项活动的模板文件。")
    require_same([sides.ours, sides.theirs], base)
    chosen = sorted(
        (key for key in set(keys) if key in sides.theirs and sides.ours.get(key) != sides.theirs[key]),
        key=lambda key: (ORDER.index(kind_of(key)), key),
    )
    if not chosen:
        raise RuleRefused("请先勾选要采用的内容。")
    touched: list[int] = []
    for key in chosen:
        touched += _take(current, key, sides)
    before = current.template_version
    current.taken = sides.taken | {key: sides.theirs[key] for key in chosen}
    current.template_version = sides.version
    current.save(update_fields=["ladder", "texts", "scales", "taken", "template_version"])
    names = [name_of(key, sides.theirs[key]) for key in chosen]
    record(
        current,
        "adopt",
        by=by,
        permission=MANAGE,
        before={"version": before, "items": {key: sides.ours.get(key) for key in chosen}},
        after={"version": sides.version, "items": names},
    )
    return touched


def _take(campaign: Campaign, key: str, sides: _Sides) -> list[int]:
    kind, *rest = key.split(":")
    values, pk = _dated(sides.theirs[key]), sides.rows.get(key)
    if kind == "ladder":
        campaign.ladder = values["rungs"]
    elif kind == "text":
        campaign.texts[rest[0]] = values["text"]
    elif kind == "scale":
        campaign.scales[rest[0]] = values["scale"]
    elif kind == "rubric":
        RubricItem.objects.update_or_create(
            campaign=campaign, subject=rest[0], number=int(rest[1]), defaults=values
        )
    else:
        return _take_row(campaign, kind, rest, values, pk)
    return []


def _take_row(campaign: Campaign, kind: str, rest: list[str], values: Values, pk: int | None) -> list[int]:
    number, key = int(rest[0]), ":".join(rest[1:])
    try:
        if kind == "phase":
            phase = held_phase(campaign, pk) if pk else Phase(campaign=campaign, number=number)
            apply_phase(phase, values)
            return move_deadlines(phase)
        place = campaign.phases.filter(number=number).first()
        if place is None:
            raise RuleRefused("本活动还没有这个时段，请一并采用新的时段。")
        if kind == "window":
            row = StrandWindow.objects.get(pk=pk) if pk else StrandWindow(phase=place)
            row.key, row.phase = key, place
            apply_window(row, values)
            return []
        return _take_obligation(place, key, values, pk)
    except RuleRefused as refusal:
        raise RuleRefused(f"“{values['name']}”不能采用：{refusal}") from refusal


def _take_obligation(place: Phase, key: str, values: Values, pk: int | None) -> list[int]:
    if pk:
        row = Obligation.objects.get(pk=pk)
        before = values_of("obligation", row)
    else:
        row, before = Obligation(made_on=timezone.localdate()), dict.fromkeys(FIELDS["obligation"])
    row.key, row.phase = key, place
    apply_obligation(row, values, before)
    return [row.pk]


def _dated(values: Values) -> Values:
    return {
        name: dt.date.fromisoformat(value) if name.endswith("_on") and value else value
        for name, value in values.items()
        if not (name == "due_on" and value is None)
    }
