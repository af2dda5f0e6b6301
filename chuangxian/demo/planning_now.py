"""Plans of the running phase on their way: one of every state at least, each step by its service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

from campaigns.models import Phase, Strand
from chuangxian.demo.filing import owing, working_moments
from chuangxian.demo.keeping_phrases import PLAN_RETURNS
from chuangxian.demo.moves import Move
from chuangxian.demo.people import Cast
from chuangxian.demo.planning import Writer
from organizations.models import Organization
from pledges.models import Plan, Scope
from pledges.services import plans

SUPERIORS, ADOPTERS = "中共吴江市财政局机关委员会", "中共吴江市财政局机关第一支部委员会"
ROADS: dict[str, tuple[str, ...]] = {
    SUPERIORS: ("draft", "submit", "return", "mend", "submit", "approve"),
    ADOPTERS: ("adopt", "submit"),  # after its superior's
    "中共吴江市财政局机关第二支部委员会": ("draft", "submit"),
    "中共吴江市市级机关工作委员会": ("draft", "submit"),
    "中共吴江市人力资源和社会保障局机关委员会": ("draft", "submit"),
    "中共吴江市民政局机关委员会": ("draft", "submit", "return", "mend", "submit"),
    "中共吴江市环境保护局机关委员会": ("draft", "submit", "return"),
    "中共吴江市司法局机关委员会": ("draft",),
    "中共吴江市审计局总支部委员会": ("draft", "submit", "approve"),
    "中共吴江市档案局支部委员会": ("draft", "submit", "return"),
    "中共同里镇委员会": ("draft", "submit", "approve", "propose"),
    "中共平望镇委员会": ("draft", "submit", "approve", "propose", "clear"),
    "中共震泽镇委员会": ("draft", "submit", "approve", "propose", "clear", "publish"),
    "中共七都镇委员会": ("draft", "submit", "approve", "propose", "clear", "publish", "withdraw"),
    "中共松陵镇委员会": ("draft", "submit"),
}
WITHDRAWN = "第2项任务的责任部门有误，更正后重新公开。"


class Way:
    """One plan and what has become of it."""

    def __init__(self, place: Organization, writer: Writer) -> None:
        self.place, self.writer, self.cast = place, writer, writer.cast
        self.plan: Any = None
        self.text: dict[str, Any] = {}
        self.own = self.cast.secretary[place.pk]
        self.above = self.cast.secretary[place.parent_id]

    def take(self, verb: str) -> None:
        self.plan = self._verbs[verb](self) or self.plan

    def _draft(self) -> Plan:
        hand = self.cast.liaison.get(self.place.pk) or self.own
        self.text = self.writer.text(self.place)
        blank = plans.create(self.place, self.writer.phase, by=hand, from_template=True)
        return plans.save(blank, self.text, version=blank.version, by=hand)

    def _mend(self) -> Plan:
        first, *others = self.text["tasks"]
        first = first | {"measures": f"{first['measures']}；每月检查一次，结果报上级党组织。"}
        text = {**self.text, "tasks": [first, *others]}
        return plans.save(self.plan, text, version=self.plan.version, by=self.own)

    _verbs: dict[str, Callable[[Any], Plan]] = {
        "draft": _draft,
        "mend": _mend,
        "adopt": lambda w: plans.adopt(w.place, w.writer.phase, by=w.own),
        "submit": lambda w: plans.submit(w.plan, by=w.own),
        "return": lambda w: plans.return_(w.plan, by=w.above, reason=PLAN_RETURNS[0]),
        "approve": lambda w: plans.approve(w.plan, by=w.above),
        "propose": lambda w: plans.propose(w.plan, by=w.own, scope=Scope.OUTSIDE),
        "clear": lambda w: plans.clear(w.plan, by=w.cast.office),
        "publish": lambda w: plans.publish(w.plan, by=w.cast.director),
        "withdraw": lambda w: plans.withdraw(w.plan, by=w.cast.director, reason=WITHDRAWN),
    }


def plan_moves(
    phase: Phase, cast: Cast, random: Random, yesterday: dt.date, ends: dict[str, dt.date]
) -> list[Move]:
    """``ends``: name of an organization -> the last day on which something happened there."""
    opens = phase.windows.get(strand=Strand.PLEDGE).opens_on
    writer = Writer(phase, cast, random)
    places = {place.name: place for place in owing(phase)}
    middle = opens + (yesterday - opens) // 2
    found = []
    for name, road in ROADS.items():
        first = middle if name == ADOPTERS else opens
        last = middle - dt.timedelta(days=1) if name == SUPERIORS else ends.get(name, yesterday)
        way = Way(places[name], writer)
        for when, verb in zip(working_moments(first, last, len(road), random), road, strict=True):
            found.append(Move(when, lambda way=way, verb=verb: way.take(verb)))
    return found
