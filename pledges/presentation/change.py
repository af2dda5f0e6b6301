"""The two matters of a list as links, and the buttons of a change."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict  # noqa: TID251 -- addresses of tabs keep the filters
from django.urls import reverse

from common.states import Step
from pledges.flow import ChangeState
from pledges.models import Change, Matter
from pledges.presentation.pledge import TabLink

CHANGE_TONES = {
    ChangeState.REQUESTED: "info",
    ChangeState.APPROVED: "ok",
    ChangeState.REFUSED: "bad",
    ChangeState.RECALLED: "neutral",
    ChangeState.LAPSED: "neutral",
}
# The categories of the two matters differ, and so do their pages; the rest of the question stays.
_KEPT = ("q", "organization", "organization_q", "phase", "size")
_CONFIRM = {
    "approve": "批准后，公开页面随即换成变更后的内容；原来的内容、变更日期和理由留在页面的变更记录里。",
    "recall": "收回后公开的内容不变；需要时可以重新申请。",
}
_HINTS = {"refuse": "写明为什么不同意，申请人会原样看到；公开的内容不变"}


def matter_tabs(current: str, query: QueryDict, organizations: str, members: str) -> list[TabLink]:
    """党组织承诺 | 党员承诺, by address."""
    kept = QueryDict(mutable=True)
    for name in _KEPT:
        if said := query.get(name):
            kept[name] = str(said)
    asked = f"?{kept.urlencode()}" if kept else ""
    return [
        TabLink(matter.label, None, f"{reverse(name)}{asked}", matter == current)
        for matter, name in ((Matter.ORGANIZATION, organizations), (Matter.MEMBER, members))
    ]


@dataclass(frozen=True, slots=True)
class ChangeButton:
    """One step of a change as its page offers it."""

    step: Step
    change: Change

    @property
    def url(self) -> str:
        return reverse("pledges:change_step", args=[self.change.pk, self.step.name])

    @property
    def tone(self) -> str:
        return "primary" if self.step.name == "approve" else ""

    @property
    def reason(self) -> str:
        return "required" if self.step.needs_reason else ""

    @property
    def hint(self) -> str:
        return _HINTS.get(self.step.name, "")

    @property
    def confirm(self) -> str:
        return _CONFIRM.get(self.step.name, "")
