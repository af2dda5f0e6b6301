"""Pills, buttons and the history of a pledge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict  # noqa: TID251 -- addresses of tabs keep the filters
from django.urls import reverse

from common import sentences
from common.models import Event
from common.states import Step
from pledges import queries
from pledges.flow import ORGANIZATION_FLOW, PledgeState
from pledges.models import Direction, Ground, Pledge
from pledges.texts import HEAD_FIELDS, ITEM_FIELDS

TONES = {
    PledgeState.DRAFT: "neutral",
    PledgeState.SUBMITTED: "info",
    PledgeState.RETURNED: "warn",
    PledgeState.APPROVED: "ok",
    PledgeState.PROPOSED: "info",
    PledgeState.CLEARED: "info",
    PledgeState.PUBLISHED: "ok",
    PledgeState.WITHDRAWN: "bad",
}
_S = PledgeState
_ICONS = {
    "submit": "check",
    "return": "return",
    "approve": "check",
    "propose": "publish",
    "clear": "shield",
    "publish": "publish",
}
_CONFIRM = {
    "submit": "提交后由上级党组织审定；审定前仍可收回修改。",
    "approve": "审定通过后，由报送单位申请公开。",
    "reconsider": "撤回后回到待审定，各项重新审。",
    "propose": "公开前先作保密审查，再由领导小组办公室主任审批；文中的手机号码、身份证号码会自动遮蔽。",
    "clear": "请逐项核对：不涉及国家秘密、工作秘密和个人隐私，适宜公开。通过后交领导小组办公室主任审批。",
    "publish": "批准后，公开页面随即可以看到以下内容。",
}
# a member's goes through other hands
_CONFIRM_FOR_MEMBER = {
    "submit": "提交后逐项审定；审定前仍可收回修改。",
    "approve": "还没有审定的各项都通过，随后可以申请公开。",
    "propose": "公开前先由副书记或上级党组织作保密审查，再由书记批准；文中的手机号码、身份证号码会自动遮蔽。",
    "clear": "请逐项核对：不涉及国家秘密、工作秘密和个人隐私，适宜公开。通过后交书记批准公开。",
}
_HINTS = {
    "bar": "写明哪一处不宜公开，报送单位会原样看到",
    "decline": "写明为什么不宜公开，报送单位会原样看到",
    "withdraw": "写明为什么撤下；公开页面只显示已撤下和日期，不显示理由和原文",
    "recall": "写明要更正什么；改好后重新提交审定",
}


@dataclass(frozen=True, slots=True)
class StepButton:
    """One step as the page offers it."""

    step: Step
    pledge: Pledge

    @property
    def url(self) -> str:
        return reverse("pledges:step", args=[self.pledge.pk, self.step.name])

    @property
    def tone(self) -> str:
        if self.step.name in {"submit", "propose", "clear", "publish"}:  # 审定 goes item by item first
            return "primary"
        return "danger" if self.step.name == "withdraw" else ""

    @property
    def icon(self) -> str:
        return _ICONS.get(self.step.name, "")

    @property
    def confirm(self) -> str:
        words = _CONFIRM | _CONFIRM_FOR_MEMBER if self.pledge.member_id else _CONFIRM
        return words.get(self.step.name, "")

    @property
    def hint(self) -> str:
        return _HINTS.get(self.step.name, "")


@dataclass(frozen=True, slots=True)
class TabLink:
    label: str
    count: int | None
    url: str
    current: bool

    @classmethod
    def of(cls, name: str, count: int | None, current: str, query: QueryDict) -> TabLink:
        label = {queries.TODO: "等我办理", "": "全部"}.get(name) or PledgeState(name).label
        rest = query.copy()
        for key in ("before", "after"):
            rest.pop(key, None)
        rest["state"] = name
        return cls(label, count, f"?{rest.urlencode()}", name == current)


_VERBS = {
    "create": "起草",
    "edit": "修改",
    "discard": "删除草稿",
    "hand_over": "随并入转来",
    "change": "变更公开的内容",
}
_EVENT_TONES = {"return": "warn", "bar": "warn", "decline": "warn", "recall": "warn", "withdraw": "bad"}
_EVENT_TONES |= {"change": "warn", "approve": "ok", "publish": "ok", "submit": "info", "propose": "info"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as the history shows it."""

    event: Event

    @property
    def what(self) -> str:
        verb = self.event.verb
        if verb == "create" and "copied_from" in self.event.detail:
            return "从以前的承诺复制"
        if self.event.kind.startswith("pledgeitem."):
            return sentences.label_of(self.event.kind)
        return ORGANIZATION_FLOW[verb].label if verb in ORGANIZATION_FLOW else _VERBS.get(verb, verb)

    @property
    def tone(self) -> str:
        return _EVENT_TONES.get(self.event.verb, "")

    @property
    def notes(self) -> list[str]:
        """What else it says: the check-list, remarks by item, changed fields, masked numbers."""
        detail, notes = self.event.detail, []
        if self.event.kind.startswith("pledgeitem."):
            notes.append(self.event.subject_name)
        notes += [f"需改进：{Ground(g).label}" for g in detail.get("grounds", []) if g in Ground.values]
        notes += [
            f"第{number}项：{text}" for number, text in sorted(detail.get("remarks", {}).items(), key=_number)
        ]
        notes += [f"已遮蔽 {m['place']}：{m['shown']}" for m in detail.get("masked", [])]
        if self.event.verb in {"edit", "change"}:
            fields = changed_fields(self.event.after)
            notes.append(
                "改动：" + "、".join(fields[:4]) + (f"等 {len(fields)} 处" if len(fields) > 4 else "")
            )
        if detail.get("set_aside"):
            notes.append("合并了两人的修改，未采用的文字已存入记录")
        return notes


def _number(pair: tuple[str, str]) -> int:
    return int(pair[0])


def changed_fields(flat: dict[str, Any]) -> list[str]:
    """The names of the changed fields, each once: 承诺主题、承诺内容、完成时限."""
    labels = {**HEAD_FIELDS, "order": "承诺事项的增减", **ITEM_FIELDS}
    names = {name.rpartition(".")[2] for name in flat}
    return [label for name, label in labels.items() if name in names]


class Timeline:
    def __init__(self, events: Iterable[Event]) -> None:
        self.entries = [Entry(event) for event in events]


def shown(field: str, value: Any, categories: dict[int, str]) -> str:
    """A field's value in words, for two versions side by side; a whole item line by line."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, dict):
        return "\n".join(f"{ITEM_FIELDS[name]}：{text}" for name, text in value.items() if text)
    if field == "category":
        return categories.get(value, "")
    if field == "directions":
        return "、".join(Direction(d).label for d in value)
    return str(value)
