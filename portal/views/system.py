"""系统状态: for the administrator (系统管理员), who sees that something is stuck, not what it says."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from campaigns.services import reminders
from organizations.models import Organization
from portal import system_state

View = Callable[..., HttpResponse]
DONE = {"revive": "已重新排队，几秒后再次投递。", "dismiss": "已放弃投递，操作已记录。"}
CLEARED = "已清除这条失败记录，操作已记录。"
ASKED = "已交给后台运行，几秒后到期的提醒会出现在各人的消息里。今天已经收到过提醒的人不会再收到第二份。"


def for_administrators(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_administrators
def index(request: HttpRequest) -> HttpResponse:
    context = {
        "state": system_state.now(),
        "root": Organization.objects.visible_to(request.user).filter(parent=None).first(),
    }
    return render(request, "portal/system.html", context)


@require_POST
@for_administrators
def treat(request: HttpRequest, sort: str, pk: int, verb: str) -> HttpResponse:
    """One more round for a dead letter, or the end of it."""
    if verb not in DONE or not system_state.has_verb(sort, verb):
        raise Http404
    if letter := system_state.dead_letter(sort, pk):
        getattr(system_state.SORTS[sort][1], verb)(letter, by=request.user)
        messages.success(request, CLEARED if sort == "task" else DONE[verb])
    else:
        messages.info(request, "这一条已经处理过了。")
    return redirect("portal:system")


@require_POST
@for_administrators
def remind_now(request: HttpRequest) -> HttpResponse:
    """The next beat of the reminders, now: asked for here, done by the worker."""
    if reminders.ask_now(by=request.user):
        messages.success(request, ASKED)
    else:
        messages.info(request, "现在没有正在进行的活动，没有可以提醒的事项。")
    return redirect("portal:system")
