"""The weeks until today: pledges of the running phase on their way, one of every state, each step by its service.

Then what people do with what is public: opinions, changes, a first result.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from django.utils import timezone

from campaigns.models import Campaign, Phase, Strand
from chuangxian.demo.changing import OPEN_AT, change_moves
from chuangxian.demo.clock import moment
from chuangxian.demo.filing import categories_of, due_range, file_phase, owing, working_moments
from chuangxian.demo.keeping import keep_until_now
from chuangxian.demo.listening import opinion_moves
from chuangxian.demo.members import file_members
from chuangxian.demo.moves import Move, take_all
from chuangxian.demo.people import HANDOVER_AT, NEW_SECRETARY, Cast
from chuangxian.demo.phrases import DECLINE_REASONS, RECALL_REASONS, REMARKS, RETURN_REASONS, WITHDRAW_REASONS
from chuangxian.demo.planning import plan_phase
from chuangxian.demo.planning_now import ROADS as PLAN_ROADS
from chuangxian.demo.planning_now import plan_moves
from chuangxian.demo.wording import pledge_text
from common.models import Delivery
from organizations.models import Organization
from organizations.posts import Post
from organizations.services import appoint
from pledges import services
from pledges.models import Pledge, PledgeItem, Result, Scope, Source, Status
from pledges.services import fulfilment

# What happened to a pledge so far -> how many such there are.
ROADS: dict[tuple[str, ...], int] = {
    ("draft",): 14,
    ("draft", "submit"): 20,
    ("draft", "submit", "return"): 12,
    ("draft", "submit", "return", "submit"): 5,
    ("draft", "submit", "approve"): 12,
    ("draft", "submit", "approve", "propose"): 9,
    ("draft", "submit", "approve", "propose", "clear"): 8,
    ("draft", "submit", "approve", "propose", "bar"): 2,
    ("draft", "submit", "approve", "propose", "clear", "decline"): 3,
    ("draft", "submit", "approve", "recall"): 2,
    ("draft", "submit", "approve", "propose", "clear", "publish"): 12,
    ("draft", "submit", "approve", "propose", "clear", "publish", "withdraw"): 4,
}
SHARE_DONE = 0.7  # of all others: published and done with
# So that every account has something to do: name of the organization -> roads of its pledges.
STORIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "中共吴江市财政局机关第一支部委员会": (
        ("draft", "submit", "return"),
        ("draft",),
        ("draft", "submit", "approve"),
    ),
    "中共吴江市财政局机关第二支部委员会": (("draft", "submit"),),
    "中共吴江市财政局国库支付中心支部委员会": (("draft", "submit", "return", "submit"),),
    "中共吴江市财政局农税管理处支部委员会": (("draft", "submit", "approve", "propose", "clear", "publish"),),
    "中共吴江市财政局机关委员会": (("draft", "submit"), ("draft", "submit", "approve", "propose", "clear")),
    "中共吴江市档案局支部委员会": (("draft", "submit", "return"), ("draft",)),
    "中共吴江市审计局总支部委员会": (("draft", "submit", "approve"), ("draft",)),
    "中共吴江市审计局机关支部委员会": (("draft", "submit"),),
    "中共松陵镇委员会": (("draft", "submit"),),
    "中共震泽镇委员会": (("draft", "submit"),),
    "中共吴江市市级机关工作委员会": (("draft", "submit", "approve"),),
}


# The members of these branches: state -> how many have come so far, in the order of the roster.
MEMBERS_STAGES: dict[str, dict[str, int]] = {
    "中共吴江市财政局机关第一支部委员会": {"approved": 3, "submitted": 2, "returned": 1},
    "中共吴江市财政局机关第二支部委员会": {"approved": 40},
    "中共吴江市财政局国库支付中心支部委员会": {"proposed": 40},
    "中共吴江市财政局农税管理处支部委员会": {"cleared": 40},
    "中共吴江市档案局支部委员会": {"submitted": 4, "returned": 1},
}
HANDOVER_DAYS = 12  # so many days ago; what the predecessor left is older
CHANGE_DAYS = 8  # what is asked to be changed has been public for longer


@dataclass
class Way:
    place: Organization
    phase: Phase
    text: dict[str, Any]
    pledge: Pledge | None = None


def live_now(campaign: Campaign, cast: Cast, random: Random, today: dt.date) -> None:
    phase = campaign.phases.get(number=2)
    yesterday, handover = today - dt.timedelta(days=1), today - dt.timedelta(days=HANDOVER_DAYS)
    # the last day on which something happened there before what comes later
    ends = {HANDOVER_AT: handover - dt.timedelta(days=1), OPEN_AT: today - dt.timedelta(days=CHANGE_DAYS)}
    roads = _roads(phase, random)
    busy = {place.name for place, _ in roads}
    file_phase(phase, cast, SHARE_DONE, random, until=yesterday, but=busy | {HANDOVER_AT})
    file_members(phase, cast, random, until=yesterday, stages=MEMBERS_STAGES, share=SHARE_DONE)
    plan_phase(phase, cast, random, until=yesterday, but=PLAN_ROADS)
    keep_until_now(phase, cast, random)
    take_all(
        [
            *_pledge_moves(phase, roads, cast, random, yesterday, ends),
            *plan_moves(phase, cast, random, yesterday, ends),
            Move(moment(handover, 8, 30), partial(_hand_over, cast)),
        ]
    )
    take_all(
        [
            *opinion_moves(phase, cast, random, today),
            *change_moves(phase, cast, today),
            Move(moment(yesterday, 18, 10), partial(_report_early, phase, cast)),
        ]
    )


def _pledge_moves(
    phase: Phase,
    roads: list[tuple[Organization, tuple[str, ...]]],
    cast: Cast,
    random: Random,
    yesterday: dt.date,
    ends: dict[str, dt.date],
) -> Iterator[Move]:
    opens = phase.windows.get(strand=Strand.PLEDGE).opens_on
    categories, due, steps = categories_of(phase), due_range(phase), Steps(cast, random)
    for place, road in roads:
        way = Way(place, phase, pledge_text(place, categories, cast.responsible(place.pk), due, random))
        days = working_moments(opens, ends.get(place.name, yesterday), len(road), random)
        for when, verb in zip(days, road, strict=True):
            yield Move(when, partial(steps.take, verb, way))


def _hand_over(cast: Cast) -> None:
    place = Organization.objects.get(name=HANDOVER_AT)
    successor = cast.named[NEW_SECRETARY]
    appoint(user=successor, post=Post.SECRETARY, organization=place, replacing=True, by=cast.office)


def _report_early(phase: Phase, cast: Cast) -> None:
    """A member has done what was promised before its date; the branch's secretary is to judge it."""
    member = cast.named["lianluo"]
    item = PledgeItem.objects.filter(pledge__phase=phase, pledge__member__user=member).order_by("number")[0]
    fulfilment.tap(item, Status.DONE, by=member)
    fulfilment.judge(item, Source.SELF, fulfilment.Given(result=Result.FULFILLED), by=member)


def _roads(phase: Phase, random: Random) -> list[tuple[Organization, tuple[str, ...]]]:
    places = {place.name: place for place in owing(phase)}
    told = [(places[name], road) for name, roads in STORIES.items() if name in places for road in roads]
    others = [place for name, place in places.items() if name not in STORIES]
    roads = [road for road, count in ROADS.items() for _ in range(count)]
    return told + list(zip(random.sample(others, len(roads)), roads, strict=True))


class Steps:
    """Who takes each step, and with what."""

    def __init__(self, cast: Cast, random: Random) -> None:
        self.cast, self.random = cast, random
        self._verbs: dict[str, Callable[[Pledge, Any, Any], Any]] = {
            "submit": lambda p, own, above: services.submit(p, by=own),
            "return": self._return,
            "approve": lambda p, own, above: services.approve(p, by=above),
            "propose": lambda p, own, above: services.propose(p, by=own, scope=self._scope()),
            "clear": lambda p, own, above: services.clear(p, by=cast.office),
            "bar": lambda p, own, above: services.bar(
                p, by=cast.office, reason=random.choice(DECLINE_REASONS)
            ),
            "decline": lambda p, own, above: services.decline(
                p, by=cast.director, reason=random.choice(DECLINE_REASONS)
            ),
            "publish": lambda p, own, above: services.publish(p, by=cast.director),
            "withdraw": lambda p, own, above: services.withdraw(
                p, by=cast.director, reason=random.choice(WITHDRAW_REASONS)
            ),
            "recall": lambda p, own, above: services.recall(p, by=own, reason=random.choice(RECALL_REASONS)),
        }

    def take(self, verb: str, way: Way) -> None:
        if verb == "draft":
            way.pledge = self._draft(way)
            Delivery.objects.pending().update(delivered_at=timezone.now())  # nobody is told of drafts
            return
        own, above = self.cast.secretary[way.place.pk], self.cast.secretary[way.place.parent_id]
        self._verbs[verb](way.pledge, own, above)

    def _draft(self, way: Way) -> Pledge:
        writer = self.cast.liaison.get(way.place.pk) or self.cast.secretary[way.place.pk]
        blank = services.create_draft(way.place, way.phase, by=writer)
        return services.save(blank, way.text, version=blank.version, by=writer)

    def _return(self, pledge: Pledge, own: Any, above: Any) -> None:
        ground, reason = self.random.choice(RETURN_REASONS)
        grounds = sorted({ground, self.random.choice(RETURN_REASONS)[0]})
        items = list(pledge.items.all())
        marked = self.random.sample(items, min(2, len(items)))
        remarks = {
            item.key: remark for item, remark in zip(marked, self.random.sample(REMARKS, 2), strict=False)
        }
        services.return_(pledge, by=above, reason=reason, grounds=grounds, remarks=remarks)

    def _scope(self) -> str:
        return Scope.INSIDE if self.random.random() < 0.08 else Scope.OUTSIDE
