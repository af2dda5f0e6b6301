"""Signed in: 放假和调休 as the office at the root enters them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import services
from campaigns.forms import SpecialDayForm
from campaigns.services import special_days
from common.models import SpecialDay
from common.workdays import is_known


def _require(request: HttpRequest) -> None:
    if not services.may_manage(request.user):
        raise PermissionDenied("放假和调休由全市活动领导小组办公室登记。")


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    _require(request)
    form = SpecialDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        special_days.set_day(
            said["day"], is_worked=said["is_worked"] == "1", name=said["name"], by=request.user
        )
        messages.success(request, "已登记，按工作日计算的期限已重新计算。")
        return redirect("campaigns:special_days")
    year = timezone.localdate().year
    context = {
        "form": form,
        "days": SpecialDay.objects.visible_to(request.user).order_by("-day")[:200],
        "unknown": next(
            (y for y in range(year, year + 3) if not is_known(timezone.localdate().replace(year=y, day=1))),
            None,
        ),
    }
    return render(
        request, "campaigns/special_days.html", context, status=422 if request.method == "POST" else 200
    )


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    _require(request)
    special_days.remove_day(
        get_object_or_404(SpecialDay.objects.visible_to(request.user), pk=pk), by=request.user
    )
    messages.success(request, "已取消登记。")
    return redirect("campaigns:special_days")
