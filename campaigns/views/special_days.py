"""Signed in: 放假和调休 as the office at the root enters them, each with what it would change before it is saved."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import services
from campaigns.forms.rules import NothingForm, RuleForm, SpecialDayForm
from campaigns.models import Campaign
from campaigns.services import special_days
from campaigns.views.editing import Edit, edit
from common.models import SpecialDay
from common.templatetags.cn import cn_date
from common.workdays import is_known

EDITS = ["GET", "HEAD", "POST"]


def _require(request: HttpRequest) -> None:
    if not services.may_manage(request.user):
        raise PermissionDenied("放假和调休由全市活动领导小组办公室登记。")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    _require(request)
    year = timezone.localdate().year
    context = {
        "days": SpecialDay.objects.visible_to(request.user).order_by("-day")[:200],
        "unknown": next((y for y in range(year, year + 3) if not is_known(dt.date(y, 1, 1))), None),
    }
    return render(request, "campaigns/special_days.html", context)


@require_http_methods(EDITS)
def new(request: HttpRequest) -> HttpResponse:
    """登记一天: what was entered of it before is replaced."""
    _require(request)
    form = SpecialDayForm(request.POST or None)
    day = form.cleaned_data["day"] if form.is_bound and form.is_valid() else None
    page = _page(request, "登记放假或调休", form, day)
    page.is_new = True
    page.save = lambda base: special_days.set_day(**form.values, base=base, by=request.user)
    return edit(request, page)


@require_http_methods(EDITS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """取消登记: the calendar's own table holds again."""
    _require(request)
    special = get_object_or_404(SpecialDay.objects.visible_to(request.user), pk=pk)
    page = _page(request, f"取消登记：{cn_date(special.day)}", NothingForm(request.POST), special.day)
    page.save = lambda base: special_days.remove_day(special, base=base, by=request.user)
    return edit(request, page)


def _page(request: HttpRequest, title: str, form: RuleForm, day: dt.date | None) -> Edit:
    running = Campaign.objects.visible_to(request.user).running_on(timezone.localdate()).first()
    index = reverse("campaigns:special_days")
    return Edit(
        running,
        "special_day",
        title,
        index,
        form,
        now=lambda: special_days.said_of(day) if day else {},
        save=lambda base: [],
        touched=special_days.may_move(),
        with_reminders=True,
        above=("放假和调休", index),
        hint="按工作日计算的期限和提醒以此为准；没有登记的，按内置的国务院放假安排计算。",
    )
