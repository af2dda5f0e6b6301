"""A campaign from its template to its last day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from campaigns.deadlines import last_day
from campaigns.items import of_template, opens_on
from campaigns.models import Campaign, Obligation, Phase, RubricItem, StrandWindow
from campaigns.services.assignments import refresh_phase
from campaigns.shifting import Shift
from campaigns.template_files import CampaignTemplate, ObligationSpec, PhaseSpec, WindowSpec
from common.events import record
from organizations.access import may
from organizations.models import Organization

MANAGE = "campaigns.manage_campaign"


def may_manage(user: Any) -> bool:
    """Campaigns, their rules and their calendar are in the hands of the office at the root."""
    return may(user, MANAGE, Organization.objects.get(parent=None))


class CampaignRefused(Exception):
    """The campaign cannot be made or closed so; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A template with its dates moved: what the preview shows and ``create_from_template`` stores."""

    template: CampaignTemplate
    shift: Shift
    phases: tuple[PhaseSpec, ...]


def arrange(template: CampaignTemplate, starts_on: dt.date) -> Arrangement:
    """Move the dates of ``template`` (``campaigns.shifting`` has the rule).

    :raises CampaignRefused: the dates leave the calendar.
    """
    shift = Shift(template.starts_on, starts_on)
    try:
        phases = tuple(_moved_phase(phase, shift) for phase in template.phases)
    except ValueError as error:
        raise CampaignRefused("开始日期过早或过晚，请另选日期。") from error
    return Arrangement(template, shift, phases)


def _moved_phase(phase: PhaseSpec, shift: Shift) -> PhaseSpec:
    starts_on, ends_on = shift(phase.starts_on), shift(phase.ends_on) if phase.ends_on else None
    return replace(
        phase,
        starts_on=starts_on,
        ends_on=ends_on,
        # what the open end waited for belongs to the template's own years
        ends_note=phase.ends_note if shift.months == 0 else "",
        windows=tuple(_moved_window(window, shift) for window in phase.windows),
        obligations=tuple(_moved_obligation(each, shift, starts_on, ends_on) for each in phase.obligations),
    )


def _moved_window(window: WindowSpec, shift: Shift) -> WindowSpec:
    closes_on = shift(window.closes_on)
    name = _named(window.name, closes_on)
    return replace(window, name=name, opens_on=shift(window.opens_on), closes_on=closes_on)


def _moved_obligation(
    spec: ObligationSpec, shift: Shift, starts_on: dt.date, ends_on: dt.date | None
) -> ObligationSpec:
    """With its last day, which none comes before the phase begins."""
    date = shift(spec.due_on) if spec.due_on else None
    due_on = last_day(spec.anchor, spec.offset, spec.unit, date=date, starts_on=starts_on, ends_on=ends_on)
    due_on = max(due_on, starts_on)
    opens_on = shift(spec.opens_on) if spec.opens_on else None
    return replace(spec, name=_named(spec.name, due_on), due_on=due_on, opens_on=opens_on)


def _named(name: str, day: dt.date) -> str:
    return name.format(
        year=day.year,
        half="上半年" if day.month <= 6 else "下半年",
        quarter="一二三四"[(day.month - 1) // 3],
    )


@transaction.atomic
def create_from_template(template: CampaignTemplate, *, name: str, starts_on: dt.date, by: Any) -> Campaign:
    """A new campaign with the template's rubric, phases, strands and obligations, moved to ``starts_on``.

    :raises PermissionDenied: ``by`` may not manage campaigns at the root.
    :raises CampaignRefused: no name, dates out of range, or the same template already starts that day.
    """
    if not name.strip():
        raise CampaignRefused("请填写活动名称。")
    arrangement = arrange(template, starts_on)
    campaign = Campaign(
        code=slugify(f"{template.code}-from-{starts_on:%Y%m%d}"),
        name=name.strip(),
        theme=template.theme,
        goals=template.goals,
        starts_on=starts_on,
        template_code=template.code,
        template_version=template.version,
        scales=template.scales,
        texts=template.texts,
        ladder=list(template.ladder),
        taken=of_template(template, arrangement.phases),
    )
    if not by.has_perm(MANAGE, campaign):
        raise PermissionDenied(MANAGE)
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
    except IntegrityError as error:
        raise CampaignRefused("用这个模板、从这一天开始的活动已经有了，请换一个开始日期。") from error
    RubricItem.objects.bulk_create(
        RubricItem(campaign=campaign, subject=r.subject, number=r.number, name=r.name, text=r.text,
                   central_name=r.central_name)
        for r in template.rubric
    )  # fmt: skip
    for spec in arrangement.phases:
        refresh_phase(_store_phase(campaign, spec))
    record(
        campaign,
        "create",
        by=by,
        permission=MANAGE,
        after={"name": campaign.name, "starts_on": starts_on, "template": template.code},
    )
    return campaign


def _store_phase(campaign: Campaign, spec: PhaseSpec) -> Phase:
    phase = Phase.objects.create(
        campaign=campaign,
        number=spec.number,
        name=spec.name,
        starts_on=spec.starts_on,
        ends_on=spec.ends_on,
        ends_note=spec.ends_note,
    )
    StrandWindow.objects.bulk_create(
        StrandWindow(
            phase=phase,
            strand=w.strand,
            name=w.name,
            key=w.key,
            opens_on=w.opens_on,
            closes_on=w.closes_on,
        )
        for w in spec.windows
    )
    Obligation.objects.bulk_create(
        Obligation(
            phase=phase,
            strand=each.strand,
            expects=each.expects,
            name=each.name,
            key=each.key,
            anchor=each.anchor,
            offset=each.offset,
            unit=each.unit,
            opens_on=opens_on(spec, each),
            due_on=each.due_on or spec.starts_on,
            kinds=list(each.kinds),
            posts=list(each.posts),
            exempts=list(each.exempts),
            forbids=list(each.forbids),
        )
        for each in spec.obligations
    )
    return phase


@transaction.atomic
def close(campaign: Campaign, *, on: dt.date, by: Any) -> Campaign:
    """活动结束: ``on`` is its last day; until it is past, another one may be named.

    :raises PermissionDenied: ``by`` may not manage campaigns at the root.
    :raises CampaignRefused: its last day is past, or ``on`` is before it begins.
    """
    current = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not by.has_perm(MANAGE, current):
        raise PermissionDenied(MANAGE)
    if current.is_closed_on(timezone.localdate()):
        raise CampaignRefused("这项活动已经结束。")
    if on < current.starts_on:
        raise CampaignRefused("结束日期不能早于活动的开始日期。")
    current.closed_on = on
    current.save(update_fields=["closed_on"])
    record(current, "close", by=by, permission=MANAGE, after={"closed_on": on})
    return current
