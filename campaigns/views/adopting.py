"""The page on which a campaign takes items of its template's present version."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from campaigns.forms.rules import AdoptionForm
from campaigns.models import Campaign
from campaigns.refusals import RuleChanged, RuleRefused
from campaigns.services.adoption import Comparison, adopt, compare, touched_by
from campaigns.services.consequences import consequences


def adopt_page(
    request: HttpRequest, campaign: Campaign, comparison: Comparison | None, form: AdoptionForm
) -> HttpResponse:
    if request.method != "POST" or comparison is None or "edit" in request.POST:
        return _choose(request, campaign, comparison, form)
    base = request.POST.get("base", "")
    if not form.is_valid():
        return _choose(request, campaign, comparison, form, status=422)
    keys = form.cleaned_data["keys"]
    try:
        if "confirm" in request.POST:
            adopt(campaign, keys, base=base, by=request.user)
            messages.success(request, f"已采用模板第 {comparison.version} 版的 {len(keys)} 项内容。")
            return redirect("campaigns:template", campaign.pk)
        found = consequences(
            campaign,
            campaign.organization,
            touched_by(campaign, keys),
            lambda: adopt(campaign, keys, base=base, by=request.user),
            day=timezone.localdate(),
            with_reminders=True,
        )
    except RuleRefused as refusal:
        form.add_error("keys", str(refusal))
        return _choose(request, campaign, comparison, form, status=422)
    except RuleChanged:
        return _choose(request, campaign, compare(campaign), form, status=409)
    chosen = [each for each in comparison.differences if each.key in keys]
    context = {"campaign": campaign, "comparison": comparison, "chosen": chosen, "base": base, "found": found}
    return render(request, "campaigns/rules/adopt.html", context)


def _choose(
    request: HttpRequest,
    campaign: Campaign,
    comparison: Comparison | None,
    form: AdoptionForm,
    *,
    status: int = 200,
) -> HttpResponse:
    """Nothing is ticked before the office ticks it."""
    context = {
        "campaign": campaign,
        "comparison": comparison,
        "form": form,
        "ticked": request.POST.getlist("keys"),
        "is_stale": status == 409,
    }
    return render(request, "campaigns/rules/template.html", context, status=status)
