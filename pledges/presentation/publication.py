"""A branch's batch of members' pledges as its pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.states import Taken
from pledges.flow import MEMBER_FLOW
from pledges.models import Pledge
from pledges.presentation.vetting import Outcome
from pledges.publishing import frozen_text

BACK = {"clear": "bar", "publish": "decline"}  # what is decided otherwise on the same page
DONE = {
    "propose": "已申请公开，等待保密审查",
    "clear": "保密审查已通过，等待书记批准公开",
    "publish": "已公开",
    "bar": "已答复保密审查不通过",
    "decline": "已答复不予公开",
}


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One pledge exactly as it will stand in public, and what is masked in it."""

    pledge: Pledge
    text: dict[str, Any]
    masked: list[dict[str, str]]
    why: str | None  # why this person may not take the step for it
    is_ticked: bool

    @property
    def frozen_items(self) -> list[dict[str, Any]]:
        """承诺事项 as published (a template reads ``text.items`` as the dict's own method)."""
        return self.text["items"]

    @classmethod
    def of(cls, pledge: Pledge, read: Mapping[int, int], *, why: str | None, tick_all: bool) -> BatchRow:
        text, masked = frozen_text(pledge)
        return cls(pledge, text, masked, why, why is None and (tick_all or pledge.pk in read))


def outcomes(
    read: Mapping[int, int], seen: Iterable[Pledge], taken: Taken[Pledge], step: str, *, may_read: bool
) -> list[Outcome]:
    """What became of the ticked ones that did not move now, each with the reason."""
    done = {pledge.pk for pledge in taken.done}
    refused = {pledge.pk: why for pledge, why in taken.refused}
    rest = [pledge for pledge in seen if pledge.pk not in done]
    found = [_outcome(pledge, refused.get(pledge.pk), step, may_read) for pledge in rest]
    if gone := len(read) - len(done) - len(rest):
        found.append(Outcome(f"另有 {gone} 份", "已经不在本支部，看不到了。"))
    return found


def _outcome(pledge: Pledge, why: str | None, step: str, may_read: bool) -> Outcome:
    if pledge.state == MEMBER_FLOW[step].target:
        why = f"已经是“{pledge.get_state_display()}”，不用再办。"
    return Outcome(
        str(pledge), why or "您打开之后内容改过了，请看过新的内容再办。", pledge.get_absolute_url()
    )
