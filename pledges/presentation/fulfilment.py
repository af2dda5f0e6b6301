"""An item of a pledge being kept, as the desk shows it; and the public's view of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from common.privacy import conceal
from pledges.flow.judging import may_judge
from pledges.models import Judgement, PledgeItem, Progress, Result, Source, Status, quarter_of, source_label
from pledges.queries.fulfilment import is_due, is_round_open
from pledges.services.writing import edit_permission

TONES = {
    Status.ONGOING: "info",
    Status.DONE: "ok",
    Status.DIFFICULT: "warn",
    Result.FULFILLED: "ok",
    Result.PARTLY: "info",
    Result.UNFULFILLED: "bad",
    Result.ENDED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One of the three judgements, given or not, and whether this person gives it."""

    source: str
    label: str
    judgement: Judgement | None
    may_give: bool


class ItemRow:
    """``item`` must be loaded with its pledge, progress and judgements."""

    def __init__(self, item: PledgeItem, user: Any, day: dt.date) -> None:
        self.item, self.pledge, self.day = item, item.pledge, day
        self.is_open = is_round_open(item.pledge.phase)
        told = list(item.progress.all())
        self.current: Progress | None = next((p for p in told if p.quarter == quarter_of(day)), None)
        self.earlier = [p for p in told if p.quarter != quarter_of(day)]
        self.may_tap = self.is_open and user.has_perm(edit_permission(item.pledge), item)
        self.said = _three(item, user, self.is_open)

    @property
    def statuses(self) -> list[tuple[str, str, bool]]:
        """(value, words, is it this quarter's) for the three buttons."""
        now = self.current.status if self.current else None
        return [(status.value, status.label, status == now) for status in Status]

    @property
    def can_undo(self) -> bool:
        return self.may_tap and self.current is not None and self.current.before_tap is not None

    @property
    def is_reported(self) -> bool:
        return self.said[0].judgement is not None

    @property
    def is_overdue(self) -> bool:
        return is_due(self.item, self.day) and not self.is_reported


def _three(item: PledgeItem, user: Any, is_open: bool) -> list[Said]:
    given = {judgement.source: judgement for judgement in item.judgements.all()}
    return [
        Said(
            source.value,
            source_label(source, item.pledge),
            given.get(source),
            is_open and may_judge(user, source, item.pledge),
        )
        for source in Source
    ]


@dataclass(frozen=True, slots=True)
class PublicJudgement:
    label: str
    judgement: Judgement
    explanation: str

    @property
    def is_count(self) -> bool:
        return self.judgement.source == Source.MASSES


class PublicItem:
    """What anyone may know of an item: statuses, results, explanations; of notes those meant for it, masked."""

    def __init__(self, item: PledgeItem, day: dt.date) -> None:
        self.number = item.number
        self.progress = [
            (p.label, p.status, p.get_status_display(), conceal(p.note)[0] if p.is_note_public else "")
            for p in item.progress.all()
        ]
        given = {judgement.source: judgement for judgement in item.judgements.all()}
        self.judgements = [
            PublicJudgement(source_label(s, item.pledge), given[s], conceal(given[s].explanation)[0])
            for s in Source
            if s in given
        ]
        self.is_overdue = is_due(item, day) and Source.SELF not in given

    @property
    def is_told(self) -> bool:
        return bool(self.progress or self.judgements or self.is_overdue)
