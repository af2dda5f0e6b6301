"""How an opinion and its term look on pages."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from common import sentences
from common.models import Event
from common.workdays import workdays_between
from pledges.flow import OPINION_FLOW, OpinionState
from pledges.models import Opinion

_TONES = {
    OpinionState.RECEIVED: "warn",
    OpinionState.ANSWERED: "ok",
    OpinionState.ANSWER_PUBLISHED: "ok",
    OpinionState.CLOSED: "neutral",
}
_EVENT_TONES = {"answer": "ok", "publish": "ok", "close": "warn", "withdraw": "bad", "lapse": "bad"}
_EVENT_TONES |= {"reopen": "warn", "forward": "info"}


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """One opinion as it stands on ``day``."""

    opinion: Opinion
    day: dt.date

    @property
    def is_late(self) -> bool:
        return self.opinion.is_overdue(self.day)

    @property
    def tone(self) -> str:
        return "bad" if self.is_late else _TONES[OpinionState(self.opinion.state)]

    @property
    def label(self) -> str:
        return "逾期未答复" if self.is_late else self.opinion.get_state_display()

    @property
    def term(self) -> str:
        """还有 3 个工作日; nothing once it is settled."""
        if not self.opinion.is_waiting:
            return ""
        if self.is_late:
            days = workdays_between(self.opinion.due_on, self.day)
            return f"已逾期 {days} 个工作日" if days else "已逾期"
        days = self.opinion.days_left(self.day)
        return f"还有 {days} 个工作日" if days else "今天到期"


@dataclass(frozen=True, slots=True)
class OpinionEntry:
    """One event as the history shows it."""

    event: Event

    @property
    def what(self) -> str:
        verb = self.event.verb
        return OPINION_FLOW[verb].label if verb in OPINION_FLOW else sentences.label_of(self.event.kind)

    @property
    def tone(self) -> str:
        return _EVENT_TONES.get(self.event.verb, "")

    @property
    def notes(self) -> list[str]:
        detail, notes = self.event.detail, []
        if "to_name" in detail:
            notes.append(f"转由{detail['to_name']}办理，答复期限不变")
        if self.event.verb == "hand_over":
            notes.append(f"转由{self.event.after['organization_name']}办理")
        if detail.get("late"):
            notes.append("逾期后答复")
        if "earlier" in detail:
            notes.append(f"更正前的答复：{detail['earlier']}")
        if "with_text" in detail:
            notes.append("公布意见和答复" if detail["with_text"] else "只公布答复")
        notes += [f"已遮蔽：{shown}" for shown in detail.get("masked", [])]
        return notes
