"""What the public home shows: how far pledging has come, and what was published last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, prefetch_related_objects

from campaigns.models import Phase
from campaigns.presentation import CampaignView
from campaigns.queries import current_campaign
from organizations.kinds import FILES_PLEDGES
from organizations.models import Organization
from pledges.models import Publication

NEWEST = 8
PROGRESS_SECONDS = 30  # how old the figures of the home may be


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
