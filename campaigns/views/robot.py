"""Signed in: the group robot (群机器人) of one's own organization."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from campaigns.forms import RobotForm
from campaigns.models import Robot, RobotMessage
from campaigns.services import robots
from campaigns.views import asked
from organizations.access import grants, may
from organizations.models import Organization

LATEST = 10


def _place(request: HttpRequest, pk: int) -> Organization:
    """Names are everyone's; whoever may not set its robot hears so."""
    place = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    if not may(request.user, robots.SET_ROBOT, place):
        raise PermissionDenied("群机器人由本组织的书记或领导小组办公室设置。")
    return place


def _back(place: Organization) -> HttpResponse:
    return redirect(f"{reverse('campaigns:robot')}?organization={place.pk}")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    pk, mine = asked.number(request.GET, "organization"), _mine(request)
    if pk is None and not mine:
        raise PermissionDenied("群机器人由本组织的书记或领导小组办公室设置。")
    return _show(request, _place(request, mine[0][0] if pk is None else pk), RobotForm())


def _mine(request: HttpRequest) -> list[tuple[int, str]]:
    held = [(h.organization_id, h.organization_name) for _, h in grants(request.user, robots.SET_ROBOT)]
    return list(dict.fromkeys(held))


def _show(request: HttpRequest, place: Organization, form: RobotForm, status: int = 200) -> HttpResponse:
    robot = Robot.objects.visible_to(request.user).select_related("set_by").filter(organization=place).first()
    sent = RobotMessage.objects.visible_to(request.user).filter(robot=robot).order_by("-created_at", "-pk")
    context: dict[str, Any] = {
        "place": place,
        "places": _mine(request),
        "robot": robot,
        "form": form,
        "latest": list(sent[:LATEST]) if robot else [],
    }
    return render(request, "campaigns/progress/robot.html", context, status=status)


@sensitive_post_parameters("address", "secret")
@require_POST
def set_robot(request: HttpRequest, pk: int) -> HttpResponse:
    place = _place(request, pk)
    form = RobotForm(request.POST)
    if not form.is_valid():
        return _show(request, place, form, status=422)
    robots.set_robot(place, **form.cleaned_data, by=request.user)
    messages.success(request, "已保存。请试发一条，确认群里收得到。")
    return _back(place)


@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    place = _place(request, pk)
    robot = get_object_or_404(
        Robot.objects.visible_to(request.user).select_related("organization"), organization=place
    )
    is_on = request.POST.get("on") == "1"
    robots.switch(robot, on=is_on, by=request.user)
    messages.success(request, "已启用，以后的提醒会发到群里。" if is_on else "已停用，不再往群里发。")
    return _back(place)


@require_POST
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    place = _place(request, pk)
    robot = get_object_or_404(
        Robot.objects.visible_to(request.user).select_related("organization"), organization=place
    )
    try:
        is_new = robots.try_out(robot, by=request.user)
    except robots.RobotRefused as refusal:
        messages.error(request, str(refusal))
    else:
        said = "已试发，约十秒后群里收到；结果在下面的记录里。" if is_new else "刚刚试发过，请一分钟后再试。"
        messages.success(request, said)
    return _back(place)
