"""我的承诺: what one promises as a member, without any post."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns.models import Phase
from campaigns.queries import current_phase
from common.states import StepRefused
from pledges import queries, services
from pledges.models import Pledge
from pledges.queries import rosters
from pledges.queries.rosters import Row


@require_http_methods(["GET", "HEAD", "POST"])
def my_pledge(request: HttpRequest) -> HttpResponse:
    phase = current_phase(timezone.localdate())
    row = rosters.own_row(request.user, phase)
    mine = Pledge.objects.visible_to(request.user, with_ones_own=True).of(request.user)
    earlier = list(
        mine.exclude(phase=phase)
        .select_related("organization", "phase__campaign", "member")
        .newest_first()[:10]
    )
    if request.method == "POST" and row is not None and phase is not None:
        return _start(request, row, phase, earlier)
    pledge = row.pledge if row else None
    context: dict[str, Any] = {
        "row": row,
        "phase": phase,
        "pledge": pledge,
        "items": list(pledge.items.all()) if pledge else [],
        "waits": queries.next_hands(pledge) if pledge else None,
        "earlier": earlier,
        "window": rosters.pledge_window(phase) if phase else None,
        "today": timezone.localdate(),
    }
    return render(request, "pledges/members/my_pledge.html", context)


def _start(request: HttpRequest, row: Row, phase: Phase, earlier: list[Pledge]) -> HttpResponse:
    """From scratch, or with the text of an earlier round."""
    source = next((p for p in earlier if str(p.pk) == request.POST.get("copy", "")), None)
    try:
        if source is not None:
            draft = services.copy(source, phase, by=request.user)
            messages.success(request, "已复制为新的草稿。完成时限没有复制，请逐项重新填写。")
        else:
            draft = services.create_member_draft(row.member, phase, by=request.user)
    except StepRefused as refused:
        messages.error(request, str(refused))
        return redirect("pledges:my_pledge")
    return redirect("pledges:edit" if draft.is_editable else "pledges:detail", draft.pk)
