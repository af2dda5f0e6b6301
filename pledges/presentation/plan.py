"""Pills, buttons and the history of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict  # noqa: TID251 -- addresses of tabs keep the filters
from django.urls import reverse

from common import sentences
from common.models import Event
from common.states import Step
from pledges.flow import PLAN_FLOW, WITHOUT_BUTTON, PlanState
from pledges.models import Plan
from pledges.plans.texts import HEAD_FIELDS, TASK_FIELDS, TRACK_FIELDS
from pledges.queries.plan import PLAN_TODO

PLAN_TONES = {
    PlanState.DRAFT: "neutral",
    PlanState.SUBMITTED: "info",
    PlanState.RETURNED: "warn",
    PlanState.AGREED: "ok",
    PlanState.PROPOSED: "info",
    PlanState.CLEARED: "info",
    PlanState.PUBLISHED: "ok",
    PlanState.WITHDRAWN: "bad",
    PlanState.ARCHIVED: "neutral",
}
_FORWARD = {
    "submit": "check",
    "approve": "check",
    "propose": "publish",
    "clear": "shield",
    "publish": "publish",
}
_CONFIRM = {
    "submit": "报送后由上级党组织审核；审核前仍可收回修改。领导小组和责任人按现在的任职写入方案。",
    "approve": "同意后，报送单位照此实施，并可以申请公开摘要。",
    "reconsider": "撤回后回到已报送，重新审核。",
    "propose": "公开的是方案摘要：目标、重点任务和时限，不含责任人和调研情况。先作保密审查，再由领导小组办公室主任审批。",
    "clear": "请逐项核对：不涉及国家秘密、工作秘密和个人隐私，适宜公开。通过后交领导小组办公室主任审批。",
    "publish": "批准后，公开页面随即可以看到以下摘要。",
}
_HINTS = {
    "return": "写给起草的同志：哪里不行，怎么改",
    "bar": "写明哪一处不宜公开，报送单位会原样看到",
    "decline": "写明为什么不宜公开，报送单位会原样看到",
    "withdraw": "写明为什么撤下；公开页面只显示已撤下和日期，不显示理由和原文",
    "recall": "写明要更正什么；改好后重新报送",
}
_VERBS = {"create": "起草", "edit": "修改", "track": "更新进展", "hand_over": "随并入转来"}
_EVENT_TONES = {"return": "warn", "bar": "warn", "decline": "warn", "recall": "warn", "withdraw": "bad"}
_EVENT_TONES |= {"approve": "ok", "publish": "ok", "submit": "info", "propose": "info"}
_EXPORTS = {"document": "导出方案（Word）", "sheet": "导出任务推进表（Excel）"}


@dataclass(frozen=True, slots=True)
class PlanButton:
    """One step as the page offers it."""

    step: Step
    plan: Plan

    @property
    def url(self) -> str:
        return reverse("pledges:plan_step", args=[self.plan.pk, self.step.name])

    @property
    def tone(self) -> str:
        return "primary" if self.step.name in _FORWARD else "danger" if self.step.name == "withdraw" else ""

    @property
    def icon(self) -> str:
        return "return" if self.step.name == "return" else _FORWARD.get(self.step.name, "")

    @property
    def confirm(self) -> str:
        return _CONFIRM.get(self.step.name, "")

    @property
    def hint(self) -> str:
        return _HINTS.get(self.step.name, "")


def plan_buttons(user: Any, plan: Plan) -> list[PlanButton]:
    """Archiving and its taking back are done for a whole phase and have no button."""
    steps = PLAN_FLOW.open_to(user, plan)
    return [PlanButton(step, plan) for step in steps if step.name not in WITHOUT_BUTTON]


@dataclass(frozen=True, slots=True)
class PlanTab:
    label: str
    count: int | None
    url: str
    current: bool

    @classmethod
    def of(cls, name: str, count: int | None, current: str, query: QueryDict) -> PlanTab:
        label = {PLAN_TODO: "等我办理", "": "全部"}.get(name) or PlanState(name).label
        rest = query.copy()
        for key in ("before", "after"):
            rest.pop(key, None)
        rest["state"] = name
        return cls(label, count, f"?{rest.urlencode()}", name == current)


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One event as the history shows it."""

    event: Event

    @property
    def what(self) -> str:
        verb, detail = self.event.verb, self.event.detail
        if verb == "create" and "copied_from" in detail:
            return "从以前的方案复制"
        if verb == "create" and "adopts" in detail:
            return "采用上级的方案"
        if verb == "export":
            return _EXPORTS.get(detail.get("what", ""), sentences.label_of(self.event.kind))
        return PLAN_FLOW[verb].label if verb in PLAN_FLOW else _VERBS.get(verb, verb)

    @property
    def tone(self) -> str:
        return _EVENT_TONES.get(self.event.verb, "")

    @property
    def notes(self) -> list[str]:
        """What else it says: changed fields, masked numbers."""
        notes = [f"已遮蔽 {m['place']}：{m['shown']}" for m in self.event.detail.get("masked", [])]
        if self.event.verb in {"edit", "track"}:
            names = {name.rpartition(".")[2] for name in self.event.after}
            labels = {**HEAD_FIELDS, "order": "任务的增减", **TASK_FIELDS, **TRACK_FIELDS}
            notes.append("改动：" + "、".join(label for name, label in labels.items() if name in names))
        return notes
