"""我的工作台: one list of what one person owes, what waits for them and what came back, each with its last day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from campaigns.deadlines import left
from campaigns.duties import LINES, Duty, Source, Why, sources
from campaigns.models import Assignment, Phase, StrandWindow
from campaigns.queries import current_phase, windows_on
from campaigns.queries.duties import owed_by, owed_duty
from organizations.access import granting

AHEAD = dt.timedelta(days=30)  # what is due later is folded away
_TONES = ("bad", "warn", "info", "neutral", "ok")  # in the order of the desk
_LATEST = dt.date.max


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits for the person: what to do, for which organization, by when, through which post."""

    duty: Duty
    post: str
    day: dt.date

    @property
    def place(self) -> str:
        return self.duty.place or self.duty.organization.label

    @property
    def left(self) -> str:
        return left(self.duty.due_on, self.day) if self.duty.due_on else ""

    @property
    def is_late(self) -> bool:
        return self.duty.due_on is not None and self.duty.due_on < self.day

    @property
    def tone(self) -> str:
        """Of its pill: what is late is red, whatever the app thought of it."""
        mine = self.duty.why in (Why.OWED, Why.RETURNED)
        return "bad" if mine and self.is_late else self.duty.tone


@dataclass(frozen=True, slots=True)
class Desk:
    phase: Phase | None
    windows: list[StrandWindow]
    todo: list[Todo]  # what is late or came back first, then by last day, then the longest waiting
    later: list[Todo]  # owed, and due in more than a month
    cut: list[Source]  # of which only the first lines are here
    day: dt.date

    @property
    def names_posts(self) -> bool:
        """Only where it differs is it worth a line through which post a thing is done."""
        return len({item.post for item in self.todo}) > 1

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many lines of each why, in words."""
        found = Counter(item.duty.why for item in self.todo)
        return [(why.label, found[why]) for why in Why if found[why]]


def desk(user: Any, day: dt.date) -> Desk:
    phase = current_phase(day)
    told = [(source, source.read(user, day)) for source in sources()]
    owed = owed_by(user, day)
    lines = _with_last_days([duty for _, found in told for duty in found[:LINES]], owed)
    said = {_key(duty) for duty in lines if duty.expects}
    own = [owed_duty(row, day) for row in owed if said.isdisjoint(_keys_of(row))]
    soon = [duty for duty in own if duty.due_on and duty.due_on <= day + AHEAD]
    return Desk(
        phase=phase,
        windows=list(windows_on(phase, day)) if phase else [],
        todo=sorted((_told(duty, user, day) for duty in [*lines, *soon]), key=_urgency),
        later=[_told(duty, user, day) for duty in own if duty not in soon],
        cut=[source for source, found in told if len(found) > LINES],
        day=day,
    )


_Key = tuple[str, int, int | None, int | None]


def _key(duty: Duty) -> _Key:
    return duty.expects, duty.organization.pk, duty.phase_id, duty.obligation_id


def _keys_of(row: Assignment) -> list[_Key]:
    """By which lines name it: some one obligation, most whatever of the kind the phase asks for."""
    expects, place, phase = row.obligation.expects, row.organization_id, row.obligation.phase_id
    return [(expects, place, phase, pk) for pk in (None, row.obligation_id)]


def _with_last_days(duties: Sequence[Duty], owed: Sequence[Assignment]) -> list[Duty]:
    """Whoever has begun is told how to go on, and until when."""
    last_days = {key: row.due_on for row in reversed(owed) for key in _keys_of(row)}  # of several the first
    return [
        replace(duty, due_on=last_days.get(_key(duty))) if duty.expects and duty.due_on is None else duty
        for duty in duties
    ]


def _told(duty: Duty, user: Any, day: dt.date) -> Todo:
    return Todo(duty, str(granting(user, duty.permission, duty.organization) or "本人"), day)


def _urgency(item: Todo) -> tuple[int, bool, dt.date, dt.datetime]:
    duty = item.duty
    return (
        _TONES.index(item.tone),
        duty.why is not Why.RETURNED,
        duty.due_on or _LATEST,
        duty.since or timezone.now(),
    )
