"""What the two homes show: how far pledging has come, and what waits for one person."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Phase, Strand, StrandWindow
from campaigns.presentation import CampaignView
from campaigns.queries import current_campaign, current_phase, windows_on
from campaigns.queries.summaries import summary_duties
from common.paging import capped_count
from organizations.access import granting
from organizations.kinds import FILES_PLEDGES
from organizations.models import Organization
from pledges.flow import EDITABLE, PledgeState
from pledges.models import Pledge, Publication
from pledges.queries import DUTIES, Duty, duties, places_to_draft, waiting_for, why_returned

NEWEST = 8
PROGRESS_SECONDS = 30  # how old the figures of the home may be
TODO_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Progress:
    """已公开承诺的党组织 / 应公开的党组织, in one phase.

    ``due``: living organizations of a kind that files pledges, founded before the phase ended, and that have a superior to
    file with;
    ``done``: those of them with a pledge that anyone can read today.
    """

    phase: Phase
    done: int
    due: int


def owing() -> Any:
    return Organization.objects.public().filter(kind__in=FILES_PLEDGES).exclude(parent=None)


def progress(phases: list[Phase]) -> list[Progress]:
    """One figure for each phase; two queries for all of them, and those once in half a minute."""
    if not phases:
        return []
    key = f"progress:{','.join(str(phase.pk) for phase in phases)}"
    if (counted := cache.get(key)) is None:
        cache.set(key, counted := _counted(phases), PROGRESS_SECONDS)
    done, due = counted
    return [Progress(phase, done.get(phase.pk, 0), due[phase.pk]) for phase in phases]


def _counted(phases: list[Phase]) -> tuple[dict[int, int], dict[int, int]]:
    """(done, due) by phase. Whoever was founded after a phase had ended owes nothing in it."""
    published = (
        Publication.objects.published().of_organizations().filter(phase__in=phases, organization__in=owing())
    )
    done = published.order_by().values("phase").annotate(done=Count("organization", distinct=True))
    there = {
        str(phase.pk): Count("pk", filter=Q(founded_on__lte=phase.ends_on) if phase.ends_on else None)
        for phase in phases
    }
    due = owing().aggregate(**there)
    return dict(done.values_list("phase", "done")), {phase.pk: due[str(phase.pk)] for phase in phases}


@dataclass(frozen=True, slots=True)
class Home:
    view: CampaignView | None
    progress: list[Progress]
    newest: list[Publication]
    level_one: list[Organization]


def home(day: dt.date) -> Home:
    campaign = current_campaign(day)
    if campaign is not None:
        prefetch_related_objects([campaign], "phases")
    view = CampaignView(campaign, day) if campaign else None
    newest = Publication.objects.published().of_organizations().for_cards().newest_first()
    first = Organization.objects.public().filter(parent__parent=None).exclude(parent=None)
    return Home(
        view=view,
        progress=progress([phase for phase in view.phases if phase.starts_on <= day] if view else []),
        newest=list(newest[:NEWEST]),
        level_one=list(first.in_protocol_order()),
    )


# -- the desk --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits for the person: what to do, for which organization, through which post."""

    label: str
    title: str
    place: str
    post: str
    url: str
    tone: str
    since: dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    phase: Phase | None
    windows: list[StrandWindow]
    todo: list[Todo]  # what is late or came back first, then the longest waiting
    total: int  # how many wait; more than ``todo`` shows when there are very many
    pledges: int  # how many of them are pledges of organizations, the only kind that is cut
    day: dt.date

    @property
    def names_posts(self) -> bool:
        """Only where it differs is it worth a line through which post a thing is done."""
        return len({item.post for item in self.todo}) > 1


_TONES = ("bad", "warn", "info", "neutral", "ok")  # in the order of the desk
_LABELS = {
    "submit": ("待提交", "info"),
    "approve": ("待审定", "warn"),
    "propose": ("待申请公开", "info"),
    "clear": ("待保密审查", "warn"),
    "publish": ("待批准公开", "warn"),
}


def desk(user: Any, day: dt.date) -> Desk:
    phase = current_phase(day)
    windows = list(windows_on(phase, day)) if phase else []
    waiting = Pledge.objects.visible_to(user).filter(waiting_for(user)).select_related("organization")
    rows = list(waiting.order_by("changed_at", "pk")[: TODO_SHOWN + 1])
    prefetch_related_objects([pledge for pledge in rows if pledge.state == PledgeState.RETURNED], "items")
    total = len(rows) if len(rows) <= TODO_SHOWN else capped_count(waiting)
    todo = [_todo(pledge, user) for pledge in rows[:TODO_SHOWN]]
    others = [
        *_not_begun(user, phase, windows, day),
        *(_told(duty, user) for duty in [*duties(user, day), *summary_duties(user, day)]),
    ]
    listed = sorted([*others, *todo], key=_urgency)
    return Desk(phase, windows, listed, total + len(others), total, day)


def _urgency(item: Todo) -> tuple[int, bool, dt.datetime]:
    since = item.since or timezone.now()
    return _TONES.index(item.tone), item.since is None, since


def _told(duty: Duty, user: Any) -> Todo:
    return Todo(
        label=duty.label,
        title=duty.title,
        place=duty.organization.label,
        post=str(granting(user, duty.permission, duty.organization) or "本人"),
        url=duty.url,
        tone=duty.tone,
        since=duty.since,
        note=duty.note,
    )


def _todo(pledge: Pledge, user: Any) -> Todo:
    name = next(step for step, states in DUTIES.items() if pledge.state in states)
    label, tone = _label(pledge, name, user)
    permission = "pledges.edit_pledge" if name == "submit" else pledge.flow[name].permission
    holding = granting(user, permission, pledge.organization)
    is_returned = pledge.state == PledgeState.RETURNED
    return Todo(
        label=label,
        title=f"公开承诺“{pledge}”",
        place=pledge.organization.label,
        post=str(holding) if holding else "",
        url=reverse("pledges:edit" if pledge.state in EDITABLE else "pledges:detail", args=[pledge.pk]),
        tone=tone,
        since=pledge.changed_at,
        note=why_returned(pledge) if is_returned else "",
    )


def _label(pledge: Pledge, name: str, user: Any) -> tuple[str, str]:
    if pledge.state == PledgeState.RETURNED:
        return "退回待修改", "bad"
    if name == "submit" and granting(user, "pledges.submit_pledge", pledge.organization) is None:
        return "草稿待完善", "neutral"  # a liaison writes, the secretary submits
    return _LABELS[name]


def _not_begun(user: Any, phase: Phase | None, windows: list[StrandWindow], day: dt.date) -> list[Todo]:
    """Own organizations without a pledge while the phase's window for pledges is open."""
    window = next((w for w in windows if w.strand == Strand.PLEDGE and w.is_open_on(day)), None)
    if phase is None or window is None:
        return []
    places = places_to_draft(user)
    own = Pledge.objects.of_organizations().filter(phase=phase)
    return [
        Todo(
            label="尚未起草",
            title=f"{phase.name}的公开承诺",
            place=place.label,
            post=str(granting(user, "pledges.edit_pledge", place) or ""),
            url=f"{reverse('pledges:new')}?organization={place.pk}",
            tone="warn",
            note=f"{window.name}还有 {window.days_left(day)} 天截止",
        )
        for place in places.exclude(pledges__in=own)[:TODO_SHOWN]
    ]
