"""How every page that changes a rule goes: the form, what would change, then the saving.

The preview carries the form, and the form the stamp of what it was filled in over; whoever comes second is told what
the other wrote, with everything typed still there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from campaigns.forms.rules import NothingForm, RuleForm
from campaigns.items import Values, lines, stamp
from campaigns.models import Campaign
from campaigns.refusals import RuleChanged, RuleRefused
from campaigns.services.consequences import Consequences, consequences
from organizations.models import Organization


@dataclass
class Edit:
    """One rule on its page."""

    campaign: Campaign | None  # the one whose reminders are counted
    kind: str  # of campaigns.items
    title: str
    back: str
    form: RuleForm
    now: Callable[[], Values]  # what the database says, read anew
    save: Callable[[str], list[int]]  # with the stamp it was filled in over
    place: Organization | None = None  # told by what hangs below it; the root where it is the campaign's
    touched: list[int] = field(default_factory=list)
    with_reminders: bool = False
    stamp: Callable[[], str] | None = None
    locked: list[str] = field(default_factory=list)
    hint: str = ""
    is_new: bool = False  # what it is filled in over is known by the preview only
    remove: str = ""  # address of the page that takes it away
    above: tuple[str, str] = ("", "")  # (name, address) of the page it belongs to, where that is not 活动规则

    def __post_init__(self) -> None:
        if self.campaign and not self.above[0]:
            self.above = "活动规则", reverse("campaigns:rules", args=[self.campaign.pk])

    @property
    def asks(self) -> bool:
        return not isinstance(self.form, NothingForm)

    @property
    def base(self) -> str:
        return self.stamp() if self.stamp else stamp(self.now())


def edit(request: HttpRequest, page: Edit) -> HttpResponse:
    asks_nothing = not page.asks
    if request.method != "POST" and not asks_nothing:
        return _ask(request, page, page.base)
    is_first_look = page.is_new and "confirm" not in request.POST
    base = page.base if is_first_look else request.POST.get("base") or page.base
    if not page.form.is_valid():
        return _ask(request, page, base, status=422)
    if "edit" in request.POST and not asks_nothing:
        return _ask(request, page, base)
    try:
        if "confirm" in request.POST:
            page.save(base)
            messages.success(request, f"已保存：{page.title}。")
            return redirect(page.back)
        return _preview(request, page, base)
    except RuleRefused as refusal:
        return _refused(request, page, base, refusal)
    except RuleChanged:
        if page.asks:
            return _ask(request, page, page.base, status=409, is_stale=True)
        messages.warning(
            request, "您查看期间，别人修改了这里，没有保存。下面是按现在的内容重新算的，请再核对。"
        )
        return redirect(request.path)


def _refused(request: HttpRequest, page: Edit, base: str, refusal: RuleRefused) -> HttpResponse:
    if not page.asks:
        messages.error(request, str(refusal))
        return redirect(page.back)
    page.form.add_error(refusal.field if refusal.field in page.form.fields else None, str(refusal))
    return _ask(request, page, base, status=422)


def _ask(
    request: HttpRequest, page: Edit, base: str, *, status: int = 200, is_stale: bool = False
) -> HttpResponse:
    context = {"page": page, "form": page.form, "base": base, "is_stale": is_stale}
    if is_stale:
        context["current"] = lines(page.kind, {}, page.now())
    return render(request, "campaigns/rules/edit.html", context, status=status)


def _preview(request: HttpRequest, page: Edit, base: str) -> HttpResponse:
    """The change done and undone: what it says afterwards is read before it is taken back."""
    before, after = page.now(), Values()

    def act() -> list[int]:
        touched = page.save(base)
        after.update(page.now())
        return touched

    found: Consequences = consequences(
        page.campaign,
        page.place,
        page.touched,
        act,
        day=timezone.localdate(),
        with_reminders=page.with_reminders,
    )
    context: dict[str, Any] = {
        "page": page,
        "form": page.form,
        "base": base,
        "lines": lines(page.kind, before, after),
        "found": found,
    }
    return render(request, "campaigns/rules/preview.html", context)
