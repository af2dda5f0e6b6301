"""How a campaign's dates are told: periods in words, which phase is past, which runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from campaigns.items import rung_told
from campaigns.models import Campaign, Phase, StrandWindow
from campaigns.services import Arrangement
from campaigns.template_files import PhaseSpec
from common import sentences
from common.models import Event
from common.templatetags.cn import cn_date

PAST, RUNNING, COMING = "done", "now", ""
TONES = {"已结束": "neutral", "进行中": "ok", "未开始": "info"}


def period(starts_on: dt.date, ends_on: dt.date | None, note: str = "") -> str:
    """2010年6月1日至12月31日; an open end says what it waits for."""
    if ends_on is None:
        return f"{cn_date(starts_on)}起" + (f"，至{note}" if note else "")
    end = cn_date(ends_on)
    return f"{cn_date(starts_on)}至{end.removeprefix(f'{starts_on.year}年') if ends_on.year == starts_on.year else end}"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One entry of <c-steps>."""

    name: str
    window: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as pages tell it on ``day``; phases and rubric must be loaded."""

    campaign: Campaign
    day: dt.date

    @property
    def is_closed(self) -> bool:
        return self.campaign.is_closed_on(self.day)

    @property
    def tone(self) -> str:
        return TONES[self.standing]

    @property
    def standing(self) -> str:
        if self.is_closed:
            return "已结束"
        return "进行中" if self.campaign.starts_on <= self.day else "未开始"

    @property
    def period(self) -> str:
        return period(self.campaign.starts_on, self.campaign.closed_on)

    @property
    def phases(self) -> list[Phase]:
        return list(self.campaign.phases.all())

    @property
    def phase_views(self) -> list[PhaseView]:
        return [PhaseView(phase, self.day) for phase in self.phases]

    @property
    def steps(self) -> list[StepLine]:
        return [
            StepLine(p.name, period(p.starts_on, p.ends_on, p.ends_note), self.state(p)) for p in self.phases
        ]

    def state(self, phase: Phase) -> str:
        if self.is_closed or (phase.ends_on is not None and phase.ends_on < self.day):
            return PAST
        return RUNNING if phase.starts_on <= self.day else COMING

    @property
    def windows(self) -> list[tuple[Phase, list[WindowLine]]]:
        return [(p, [WindowLine.of(w, self.day) for w in p.windows.all()]) for p in self.phases]

    @property
    def open_windows(self) -> list[StrandWindow]:
        """The strands (环节) open on the day, soonest to close first."""
        if self.is_closed:
            return []
        found = [w for p in self.phases for w in p.windows.all() if w.is_open_on(self.day)]
        return sorted(found, key=lambda w: w.closes_on)

    @property
    def rubric(self) -> list[tuple[str, list[object]]]:
        items = list(self.campaign.rubric.all())
        return [
            ("先进基层党组织：五个注重", [i for i in items if i.subject == "organization"]),
            ("优秀共产党员：五个表率", [i for i in items if i.subject == "member"]),
        ]


@dataclass(frozen=True, slots=True)
class PhaseView:
    """A phase as pages tell it on ``day``."""

    phase: Phase
    day: dt.date

    @property
    def standing(self) -> str:
        if self.phase.frozen_at is not None:
            return "已归档"
        if self.phase.starts_on > self.day:
            return "未开始"
        ended = self.phase.campaign.is_closed_on(self.day) or (self.phase.ends_on or self.day) < self.day
        return "已结束，没有归档" if ended else "进行中"

    @property
    def tone(self) -> str:
        tones = {"已归档": "neutral", "未开始": "info", "进行中": "ok"}
        return tones.get(self.standing, "warn")

    @property
    def period(self) -> str:
        return period(self.phase.starts_on, self.phase.ends_on, self.phase.ends_note)

    @property
    def has_begun(self) -> bool:
        return self.phase.starts_on <= self.day


@dataclass(frozen=True, slots=True)
class WindowLine:
    strand: str
    name: str
    period: str
    standing: str
    tone: str

    @classmethod
    def of(cls, window: StrandWindow, day: dt.date) -> WindowLine:
        if window.closes_on < day:
            standing, tone = "已截止", "neutral"
        elif window.opens_on > day:
            standing, tone = "未开始", "info"
        else:
            left = window.days_left(day)
            standing, tone = (f"还有 {left} 天" if left else "今天截止"), ("ok" if left > 7 else "warn")
        return cls(
            window.get_strand_display(),
            window.name,
            period(window.opens_on, window.closes_on),
            standing,
            tone,
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a new campaign would be: each phase with its windows and obligations, and what to look at twice."""

    arrangement: Arrangement

    @property
    def phases(self) -> list[tuple[PhaseSpec, str]]:
        return [(p, period(p.starts_on, p.ends_on, p.ends_note)) for p in self.arrangement.phases]

    @property
    def rungs(self) -> list[str]:
        return [rung_told(rung) for rung in self.arrangement.template.ladder]

    @property
    def is_off_season(self) -> bool:
        """Dates tied to the calendar (年末, “七一”) have moved within the year."""
        return not self.arrangement.shift.is_whole_years


@dataclass(frozen=True, slots=True)
class SummaryEntry:
    """One event of a summary as its history shows it."""

    event: Event

    @property
    def what(self) -> str:
        return sentences.label_of(self.event.kind).replace("小结", "")

    @property
    def tone(self) -> str:
        return {"return": "warn", "recall": "warn", "accept": "ok", "submit": "info"}.get(self.event.verb, "")
