"""公诺 of members' pledges: a branch's batch is proposed, cleared and published together."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from common.states import StepRefused, Taken
from notifications.services import mark_seen
from organizations.access import may, may_anywhere
from organizations.models import Organization
from pledges import queries, services
from pledges.flow import MEMBER_FLOW
from pledges.forms.publication import BackForm, MasksForm, ProposalForm
from pledges.forms.vetting import ticked
from pledges.models import NameShown, Pledge
from pledges.presentation.publication import BACK, DONE, BatchRow, outcomes

MOST = 200  # a branch has a hundred members at most; what is left comes on the next visit


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Which branches' batches wait for me."""
    if not any(may_anywhere(request.user, permission) for permission in queries.BATCH_PERMISSIONS):
        raise PermissionDenied("您没有办理党员承诺公开的职务。")
    return render(request, "pledges/publication/index.html", {"batches": queries.batches(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    place = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    if step not in queries.BATCH_STEPS:
        raise Http404
    if not may(request.user, MEMBER_FLOW[step].permission, place):
        if not may(request.user, "pledges.view_pledge", place):
            raise Http404
        raise PermissionDenied(f"您没有在“{place.name}”办理“{MEMBER_FLOW[step].label}”的职务。")
    page = BatchPage(request, place, step)
    if request.method == "POST":
        return page.posted()
    mark_seen(request.user, request.path)
    return page.show()


class BatchPage:
    """One step of one branch's batch: what is asked, what was ticked, what came of it."""

    def __init__(self, request: HttpRequest, place: Organization, step: str) -> None:
        self.request, self.place, self.step = request, place, step
        self.may_set_names = may(request.user, services.SET_NAMES, place)
        self.action = request.POST.get("do", step)
        self.read = ticked(request.POST.getlist("pledge")[:MOST])
        shown = getattr(getattr(place, "name_display", None), "shown", NameShown.FULL)
        data = request.POST if request.method == "POST" else None
        self.proposal = ProposalForm(data, shown=shown, may_set_names=self.may_set_names)
        # what was typed stays there whichever button was pressed
        typed = {"reason": request.POST.get("reason", "")}
        seen = {"has_seen_masks": "has_seen_masks" in request.POST}
        self.back = BackForm(data if self.action == BACK.get(step) else None, initial=typed)
        self.masks = MasksForm(data if self.action == "publish" else None, initial=seen)

    def posted(self) -> HttpResponse:
        if self.action == "tick":
            return self.show(tick_all=True)
        if not self._is_filled_in():
            return self.show(status=422)
        if self.action == "names":
            return self._names()
        if not self.read:
            return self.show(error="还没有勾选。请先勾选要办理的承诺。", status=422)
        try:
            return self._taken(self._take())
        except services.MasksUnseen:
            self.masks.is_valid()  # says so beside the box
            return self.show(status=422)
        except StepRefused as refused:
            return self.show(error=str(refused), status=409)

    def _is_filled_in(self) -> bool:
        if self.step == "propose" and self.action in {"propose", "names"}:
            return self.proposal.is_valid()
        if self.action == BACK.get(self.step):
            return self.back.is_valid()
        if self.action != self.step:
            raise Http404
        return True

    def _names(self) -> HttpResponse:
        """The rule alone; what was ticked stays, and the texts show the names as they will stand."""
        services.set_name_display(
            self.place, self.proposal.cleaned_data.get("names", ""), by=self.request.user
        )
        self.place.refresh_from_db()
        return self.show(said="公开时的姓名已按所选保存，下面是公开以后的样子。")

    def _take(self) -> Taken[Pledge]:
        by, rows = self.request.user, self._rows().filter(queries.as_read(self.read))
        match self.action:
            case "propose":
                said = self.proposal.cleaned_data
                return services.propose_batch(
                    self.place, rows, scope=said["scope"], names=said.get("names", ""), by=by
                )
            case "clear":
                return services.clear_all(rows, by=by)
            case "publish":
                return services.publish_all(rows, by=by, has_seen_masks="has_seen_masks" in self.request.POST)
            case _:
                reason = self.back.cleaned_data["reason"]
                return services.put_back_all(rows, self.action, by=by, reason=reason)

    def _rows(self) -> Any:
        return queries.batch_seen(self.request.user, self.place, self.step).filter(pk__in=self.read)

    def _taken(self, taken: Taken[Pledge]) -> HttpResponse:
        rows = self._rows().select_related("member", "organization")
        may_read = may(self.request.user, "pledges.view_pledge", self.place)
        lost = outcomes(self.read, rows, taken, self.action, may_read=may_read)
        if lost:
            return self.show(
                done=len(taken.done), lost=lost, undone=len(self.read) - len(taken.done), status=409
            )
        messages.success(self.request, f"{DONE[self.action]}（{len(taken.done)} 份）。")
        return redirect("pledges:publication_batches")

    def show(self, *, tick_all: bool = False, status: int = 200, **said: Any) -> HttpResponse:
        seen = queries.batch_rows(self.request.user, self.place, self.step)
        asked = MEMBER_FLOW[self.step]
        rows = [
            BatchRow.of(pledge, self.read, why=asked.refusal(self.request.user, pledge), tick_all=tick_all)
            for pledge in seen[:MOST]
        ]
        context = {
            "place": self.place,
            "step": asked,
            "rows": rows,
            "is_any_open": any(not row.why for row in rows),
            "has_masks": any(row.masked for row in rows),
            "may_set_names": self.may_set_names,
            "proposal": self.proposal,
            "back": self.back,
            "back_step": MEMBER_FLOW[BACK[self.step]] if self.step in BACK else None,
            "masks": self.masks,
            **said,
        }
        return render(self.request, "pledges/publication/batch.html", context, status=status)
