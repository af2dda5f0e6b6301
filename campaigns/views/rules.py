"""Signed in: the rules of a campaign, read by everyone, changed by the office at the root, varied by offices below."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import services
from campaigns.expectations import expectation
from campaigns.forms.rules import (
    AdoptionForm,
    NothingForm,
    ObligationForm,
    PhaseForm,
    RungForm,
    TextsForm,
    VariationForm,
    WindowForm,
)
from campaigns.items import FIELDS, Values, lines, rung_told, told, values_of
from campaigns.models import Campaign, Obligation, Phase, StrandWindow
from campaigns.queries import with_arrangement
from campaigns.queries.rules import places_to_vary, variations_of
from campaigns.services import adoption, rules, variations
from campaigns.views.adopting import adopt_page
from campaigns.views.editing import Edit, edit
from organizations.models import Organization

EDITS = ["GET", "HEAD", "POST"]


def _campaign(request: HttpRequest, pk: int, *, manages: bool = True) -> Campaign:
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    if manages and not services.may_manage(request.user):
        raise PermissionDenied("活动的规则由全市活动领导小组办公室修改。")
    return campaign


def _obligation(request: HttpRequest, campaign: Campaign, pk: int) -> Obligation:
    rows = Obligation.objects.visible_to(request.user).of_the_campaign().select_related("phase__campaign")
    return get_object_or_404(rows, pk=pk, phase__campaign=campaign)


def _overview(campaign: Campaign) -> str:
    return reverse("campaigns:rules", args=[campaign.pk])


@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(with_arrangement(Campaign.objects.visible_to(request.user)), pk=pk)
    phases = [
        (phase, list(phase.windows.all()), [each for each in phase.obligations.all() if not each.varies_id])
        for phase in campaign.phases.all()
    ]
    context = {
        "campaign": campaign,
        "phases": phases,
        "rungs": [rung_told(rung) for rung in campaign.ladder],
        "texts": lines("texts", {}, campaign.texts),
        "may_edit": not campaign.is_closed_on(timezone.localdate()) and services.may_manage(request.user),
    }
    return render(request, "campaigns/rules/index.html", context)


@require_http_methods(EDITS)
def phase(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    rows = Phase.objects.visible_to(request.user).filter(campaign=campaign)
    row = get_object_or_404(rows, number=number)
    form = PhaseForm(request.POST or None, initial={name: getattr(row, name) for name in FIELDS["phase"]})
    page = Edit(
        campaign,
        "phase",
        f"修改时段：{row.name}",
        _overview(campaign),
        form,
        now=lambda: values_of("phase", rows.get(pk=row.pk)),
        save=lambda base: rules.change_phase(campaign, row, form.values, base=base, by=request.user),
        touched=list(row.obligations.filter(varies=None).values_list("pk", flat=True)),
        with_reminders=True,
    )
    return edit(request, page)


@require_http_methods(EDITS)
def window(request: HttpRequest, pk: int, window: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    rows = StrandWindow.objects.visible_to(request.user).filter(phase__campaign=campaign)
    row = get_object_or_404(rows, pk=window)
    form = WindowForm(request.POST or None, initial={name: getattr(row, name) for name in FIELDS["window"]})
    page = Edit(
        campaign,
        "window",
        f"修改环节：{row.name}",
        _overview(campaign),
        form,
        now=lambda: values_of("window", rows.get(pk=row.pk)),
        save=lambda base: rules.change_window(campaign, row, form.values, base=base, by=request.user),
    )
    return edit(request, page)


@require_safe
def obligation(request: HttpRequest, pk: int, obligation: int) -> HttpResponse:
    """What is asked for, of whom and by when; who varies it below."""
    campaign = _campaign(request, pk, manages=False)
    row = _obligation(request, campaign, obligation)
    values = values_of("obligation", row)
    is_open = not campaign.is_closed_on(timezone.localdate()) and row.phase.frozen_at is None
    context = {
        "campaign": campaign,
        "obligation": row,
        "facts": [(label, told(name, values[name])) for name, label in FIELDS["obligation"].items()],
        "variations": [
            (each, lines("obligation", _varied(values), _varied(values_of("obligation", each))))
            for each in variations_of(row, request.user)
        ],
        "may_edit": is_open and services.may_manage(request.user),
        "places": places_to_vary(request.user) if is_open and expectation(row.expects) else [],
    }
    return render(request, "campaigns/rules/obligation.html", context)


def _varied(values: Values) -> Values:
    return {name: values[name] for name in Obligation.FORBIDDABLE}


@require_http_methods(EDITS)
def change(request: HttpRequest, pk: int, obligation: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    row = _obligation(request, campaign, obligation)
    form = ObligationForm(
        request.POST or None, initial={name: getattr(row, name) for name in FIELDS["obligation"]}
    )
    page = Edit(
        campaign,
        "obligation",
        f"修改应办事项：{row.name}",
        reverse("campaigns:obligation", args=[campaign.pk, row.pk]),
        form,
        now=lambda: values_of("obligation", Obligation.objects.visible_to(request.user).get(pk=row.pk)),
        save=lambda base: rules.change_obligation(campaign, row, form.values, base=base, by=request.user),
        touched=[row.pk],
        with_reminders=True,
    )
    return edit(request, page)


def _place_to_vary(request: HttpRequest, pk: int) -> Organization:
    """Whoever holds no such post there is told so; at the root the rule itself is changed."""
    place = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    if not variations.may_vary(request.user, place):
        raise PermissionDenied("应办事项由有下级的党组织的领导小组办公室在本级及下级范围内调整。")
    return place


@require_http_methods(EDITS)
def vary(request: HttpRequest, pk: int, obligation: int, organization: int) -> HttpResponse:
    campaign = _campaign(request, pk, manages=False)
    row, place = _obligation(request, campaign, obligation), _place_to_vary(request, organization)
    held = variations.above(row, place)
    own = row.variations.filter(organization=place).first()
    initial = {name: getattr(own or held, name) for name in Obligation.FORBIDDABLE}
    form = VariationForm(request.POST or None, held=held, initial=initial)
    page = _variation(request, campaign, row, place)
    page.form, page.locked = form, form.locked
    page.title = f"在本级及下级调整：{row.name}"
    page.hint = f"适用于{place.name}及其全部下级。没有调整的内容仍按上级的规定，上级修改时随之变动。"
    page.save = lambda base: variations.vary(row, place, form.values, base=base, by=request.user)
    if own:
        page.remove = reverse("campaigns:restore", args=[campaign.pk, row.pk, place.pk])
    return edit(request, page)


@require_http_methods(EDITS)
def restore(request: HttpRequest, pk: int, obligation: int, organization: int) -> HttpResponse:
    campaign = _campaign(request, pk, manages=False)
    row, place = _obligation(request, campaign, obligation), _place_to_vary(request, organization)
    if not row.variations.filter(organization=place).exists():
        return redirect("campaigns:obligation", campaign.pk, row.pk)
    page = _variation(request, campaign, row, place)
    page.title = f"取消调整：{row.name}"
    page.save = lambda base: variations.restore(row, place, base=base, by=request.user)
    return edit(request, page)


def _variation(request: HttpRequest, campaign: Campaign, row: Obligation, place: Organization) -> Edit:
    def now() -> Values:
        own = row.variations.filter(organization=place).first()
        return _varied(values_of("obligation", own or variations.above(row, place)))

    return Edit(
        campaign,
        "obligation",
        "",
        reverse("campaigns:obligation", args=[campaign.pk, row.pk]),
        NothingForm(request.POST),
        now=now,
        save=lambda base: [],
        place=place,
        touched=[row.pk],
        with_reminders=True,
        stamp=lambda: variations.basis(row, place),
    )


@require_http_methods(EDITS)
def rung(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """One rung of the ladder, or a new one."""
    campaign = _campaign(request, pk)
    if number is not None and number >= len(campaign.ladder):
        raise Http404
    initial = RungForm.initial_of(campaign.ladder[number]) if number is not None else None
    form = RungForm(request.POST or None, initial=initial)
    page = _ladder(request, campaign, "增加一档提醒" if number is None else "修改一档提醒")
    page.form = form
    page.save = lambda base: rules.change_ladder(campaign, number, form.values, base=base, by=request.user)
    if number is not None:
        page.remove = reverse("campaigns:rung_remove", args=[campaign.pk, number])
    return edit(request, page)


@require_http_methods(EDITS)
def rung_remove(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    if number >= len(campaign.ladder):
        raise Http404
    page = _ladder(request, campaign, f"删除提醒：{rung_told(campaign.ladder[number])}")
    page.save = lambda base: rules.change_ladder(campaign, number, None, base=base, by=request.user)
    return edit(request, page)


def _ladder(request: HttpRequest, campaign: Campaign, title: str) -> Edit:
    campaigns = Campaign.objects.visible_to(request.user)
    return Edit(
        campaign,
        "ladder",
        title,
        _overview(campaign),
        NothingForm(request.POST),
        now=lambda: {"rungs": campaigns.get(pk=campaign.pk).ladder},
        save=lambda base: [],
        with_reminders=True,
    )


@require_http_methods(EDITS)
def texts(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = _campaign(request, pk)
    campaigns = Campaign.objects.visible_to(request.user)
    form = TextsForm(request.POST or None, keys=list(campaign.texts), initial=campaign.texts)
    page = Edit(
        campaign,
        "texts",
        "修改文字",
        _overview(campaign),
        form,
        now=lambda: dict(campaigns.get(pk=campaign.pk).texts),
        save=lambda base: rules.change_texts(campaign, form.values, base=base, by=request.user),
    )
    return edit(request, page)


@require_http_methods(EDITS)
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """What the template says by now, each difference to be taken or left."""
    campaign = _campaign(request, pk)
    comparison = adoption.compare(campaign)
    offered = [each.key for each in comparison.differences if not each.is_gone] if comparison else []
    return adopt_page(request, campaign, comparison, AdoptionForm(request.POST or None, keys=offered))
