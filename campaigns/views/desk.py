"""Signed in: every campaign and its arrangement; the office at the root makes and closes them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import queries, services
from campaigns.forms import CampaignForm, CloseForm
from campaigns.models import Campaign
from campaigns.presentation import CampaignView, Preview


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    campaigns = queries.with_arrangement(Campaign.objects.visible_to(request.user).newest_first())
    context = {
        "views": [CampaignView(c, day) for c in campaigns],
        "may_manage": services.may_manage(request.user),
    }
    return render(request, "campaigns/index.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, pk, None)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    if not services.may_manage(request.user):
        raise PermissionDenied("结束活动由全市活动领导小组办公室办理。")
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            services.close(campaign, on=form.cleaned_data["on"], by=request.user)
        except services.CampaignRefused as refusal:
            form.add_error("on", str(refusal))
        else:
            messages.success(request, f"“{campaign.name}”的结束日期已登记。")
            return redirect(campaign)
    return _detail(request, pk, form)


def _detail(request: HttpRequest, pk: int, form: CloseForm | None) -> HttpResponse:
    campaigns = queries.with_arrangement(Campaign.objects.visible_to(request.user))
    view = CampaignView(get_object_or_404(campaigns, pk=pk), timezone.localdate())
    may_close = not view.is_closed and services.may_manage(request.user)
    context = {
        "view": view,
        "may_close": may_close,
        "form": form or CloseForm(initial={"on": view.campaign.closed_on or view.day}),
    }
    return render(request, "campaigns/detail.html", context, status=422 if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """GET with the fields in the address shows the moved dates; POST with the same fields stores them."""
    if not services.may_manage(request.user):
        raise PermissionDenied("新建活动由全市活动领导小组办公室办理。")
    typed = request.POST or request.GET
    form = CampaignForm(typed or None, initial={"name": "", "starts_on": timezone.localdate().replace(day=1)})
    preview = None
    if typed and form.is_valid():
        try:
            preview = Preview(services.arrange(form.chosen, form.cleaned_data["starts_on"]))
            if request.method == "POST":
                return _store(request, form)
        except services.CampaignRefused as refusal:
            form.add_error("starts_on", str(refusal))
            preview = None
    status = 422 if typed and not form.is_valid() else 200
    return render(request, "campaigns/create.html", {"form": form, "preview": preview}, status=status)


def _store(request: HttpRequest, form: CampaignForm) -> HttpResponse:
    campaign = services.create_from_template(
        form.chosen, name=form.cleaned_data["name"], starts_on=form.cleaned_data["starts_on"], by=request.user
    )
    messages.success(request, f"已新建“{campaign.name}”。")
    return redirect(campaign)
