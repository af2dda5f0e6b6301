"""催办: whom to ask and in which words, and what has been sent (发送记录)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaigns.forms import UrgeForm
from campaigns.models import Assignment, Urging
from campaigns.services import urging
from campaigns.views import asked
from common.paging import capped, keyset
from organizations.access import may, within

SHOWN = 50


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """发送记录: what was urged in one's own subtree, when, by whom, for whom, in which words."""
    obligation = asked.obligation_of(request)
    place = asked.place_of(request) if asked.number(request.GET, "organization") else None
    rows = Urging.objects.visible_to(request.user).select_related(
        "obligation__phase", "organization", "sent_by"
    )
    if place:
        rows = rows.filter(within(place.path, via="organization__"))
    if obligation:
        rows = rows.filter(obligation=obligation)
    count, _ = capped(rows)
    context = {
        "page": keyset(rows, "sent_at", request.GET, size=SHOWN),
        "count": count,
        "place": place,
        "obligation": obligation,
    }
    return render(request, "campaigns/progress/urgings.html", context)


@require_POST
def urge(request: HttpRequest) -> HttpResponse:
    """催办 of those ticked: first who would be told and in which words, then the sending."""
    obligation = asked.obligation_of(request)
    if obligation is None:
        raise Http404
    ticked = asked.numbers(request.POST, "assignment")
    there = Assignment.objects.visible_to(request.user).filter(pk__in=ticked, obligation=obligation)
    rows = there.select_related("organization")
    chosen = [row.pk for row in rows if may(request.user, urging.URGE, row.organization)]
    if rows and not chosen:
        raise PermissionDenied("您的职务不能催办勾选的党组织。")
    place = asked.number(request.POST, "organization")
    back = (
        f"{reverse('campaigns:owing')}?obligation={obligation.pk}{f'&organization={place}' if place else ''}"
    )
    if not chosen:
        messages.error(request, "请先勾选要催办的党组织。")
        return redirect(back)
    is_sending = "text" in request.POST
    found = urging.addressees(obligation, chosen, by=request.user)
    form = UrgeForm(
        request.POST if is_sending else None, initial={"text": urging.suggested(obligation, found)}
    )
    if is_sending and form.is_valid():
        count = urging.urge(obligation, chosen, text=form.cleaned_data["text"], by=request.user)
        messages.success(
            request,
            f"已催办 {count} 个党组织。"
            if count
            else "没有要催办的：都已办理、今天催办过，或者时段已归档、活动已结束。",
        )
        return redirect(back)
    context = {
        "obligation": obligation,
        "addressees": found,
        "told": [each for each in found if not each.why_not],
        "people": len({pk for each in found for pk, _ in each.people}),
        "form": form,
        "place": place,
        "back": back,
    }
    return render(request, "campaigns/progress/urge.html", context, status=422 if is_sending else 200)
