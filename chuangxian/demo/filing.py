"""One phase's pledges of most organizations, as they would stand afterwards: published, some taken down again.

Written in bulk with the moments they happened at; the events are those the services record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.utils import timezone

from campaigns.models import Phase, Strand, StrandWindow, Subject
from chuangxian.demo.clock import moment
from chuangxian.demo.people import Cast
from chuangxian.demo.phrases import RETURN_REASONS, WITHDRAW_REASONS
from chuangxian.demo.wording import pledge_text
from common.models import Event
from common.search import searchable, vector
from organizations.kinds import FILES_PLEDGES
from organizations.models import Organization
from pledges.flow import ItemState, PledgeState
from pledges.models import Pledge, PledgeItem, Publication, Scope
from pledges.publishing import frozen_text, strings_of

INSIDE_SHARE, WITHDRAWN_SHARE, RETURNED_SHARE = 0.06, 0.04, 0.12


@dataclass(slots=True)
class Filing:
    """One pledge on its way: who, when, what."""

    pledge: Pledge
    text: dict[str, Any]
    days: list[dt.datetime]
    is_withdrawn: bool
    is_returned: bool
    secretary: Any
    superior: Organization
    reviewer: Any
    events: list[Event] = field(default_factory=list)


class Names:
    """What an organization was called on a day."""

    def __init__(self) -> None:
        places = Organization.objects.prefetch_related("former_names")
        self._former = {p.pk: sorted((f.used_until, f.name) for f in p.former_names.all()) for p in places}

    def on(self, place: Organization, day: dt.date) -> str:
        return next((name for until, name in self._former[place.pk] if day <= until), place.name)


def owing(phase: Phase) -> list[Organization]:
    """Those that file in the phase: living then, of a kind that files, with a superior to file with."""
    places = Organization.objects.filter(kind__in=FILES_PLEDGES, founded_on__lte=phase.starts_on)
    return list(places.exclude(parent=None).living().select_related("parent").order_by("order_path"))


def file_phase(
    phase: Phase,
    cast: Cast,
    share: float,
    random: Random,
    *,
    until: dt.date | None = None,
    but: Collection[str] = (),
) -> None:
    """``share`` of the organizations publish a pledge in the phase's window, which may be cut at ``until``.

    Organizations named in ``but`` are left out.
    """
    names, categories = Names(), categories_of(phase)
    window, due = phase.windows.filter(strand=Strand.PLEDGE).get(), due_range(phase)
    window.closes_on = until or window.closes_on
    filings = []
    for place in owing(phase):
        if place.name in but or random.random() >= share:
            continue
        if cast.secretary[place.pk] == cast.secretary[place.parent_id]:
            continue  # nobody vets what they filed themselves
        filings.append(_filing(place, phase, window, categories, due, cast, random))
    _store(filings, cast, names, random)


def categories_of(phase: Phase) -> dict[int, int]:
    rubric = phase.campaign.rubric.filter(subject=Subject.ORGANIZATION)
    return dict(rubric.values_list("number", "pk"))


def due_range(phase: Phase) -> tuple[dt.date, dt.date]:
    """Items fall due between a month after the window closes and the phase's end, or half a year after an open end."""
    closes_on = phase.windows.filter(strand=Strand.PLEDGE).get().closes_on
    return closes_on + dt.timedelta(days=28), phase.ends_on or closes_on + dt.timedelta(days=230)


def _filing(
    place: Organization,
    phase: Phase,
    window: StrandWindow,
    categories: dict[int, int],
    due: tuple[dt.date, dt.date],
    cast: Cast,
    random: Random,
) -> Filing:
    secretary = cast.secretary[place.pk]
    text = pledge_text(place, categories, cast.responsible(place.pk), due, random)
    is_returned = random.random() < RETURNED_SHARE
    count = 8 if is_returned else 6
    days = working_moments(window.opens_on, window.closes_on, count, random)
    pledge = Pledge(
        organization=place,
        phase=phase,
        category_id=text["category"],
        title=text["title"],
        directions=text["directions"],
        state=PledgeState.PUBLISHED,
        version=2,
        scope=Scope.INSIDE if random.random() < INSIDE_SHARE else Scope.OUTSIDE,
        hands=[secretary.pk],
        created_at=days[0],
        submitted_at=days[3] if is_returned else days[1],
        submitted_by=secretary,
        vetted_at=days[-3],
        vetted_by=cast.secretary[place.parent_id],
        vetted_version=2,
        proposed_by=secretary,
        cleared_by=cast.office,
    )
    body = searchable([pledge.title, place.name, *strings_of(text["items"])])
    pledge.body, pledge.tokens = body, vector(body)
    is_withdrawn = random.random() < WITHDRAWN_SHARE
    if is_withdrawn:
        pledge.state = PledgeState.WITHDRAWN
        days.append(_some_time_after(days[-1], random))
    pledge.changed_at = days[-1]
    return Filing(
        pledge,
        text,
        days,
        is_withdrawn,
        is_returned,
        secretary,
        place.parent,
        cast.secretary[place.parent_id],
    )


def _some_time_after(when: dt.datetime, random: Random) -> dt.datetime:
    """When a published pledge was taken down: some days later, and not in the future."""
    later = when + dt.timedelta(days=random.randint(5, 40), hours=1)
    return min(later, max(when, timezone.now() - dt.timedelta(hours=1)))


def working_moments(first: dt.date, last: dt.date, count: int, random: Random) -> list[dt.datetime]:
    """``count`` different moments in office hours between two days, in order."""
    span = (last - first).days + 1
    days = [day for offset in range(span) if (day := first + dt.timedelta(offset)).weekday() < 5]
    slots = random.sample(range(len(days) * 16), count)
    return [
        moment(days[s // 16], *divmod(9 * 60 + s % 16 * 30 + random.randint(0, 29), 60))
        for s in sorted(slots)
    ]


def _store(filings: list[Filing], cast: Cast, names: Names, random: Random) -> None:
    Pledge.objects.bulk_create(f.pledge for f in filings)
    PledgeItem.objects.bulk_create(
        PledgeItem(
            pledge=f.pledge,
            number=number,
            state=ItemState.APPROVED,
            **{**item, "due_on": dt.date.fromisoformat(item["due_on"])},
        )
        for f in filings
        for number, item in enumerate(f.text["items"], 1)
    )
    whole = Pledge.objects.select_related("organization", "phase", "category", "member").prefetch_related(
        "items"
    )
    stored = whole.in_bulk([f.pledge.pk for f in filings])
    Publication.objects.bulk_create(
        _publication(f, stored[f.pledge.pk], cast, names, random) for f in filings
    )
    events = [event for f in filings for event in _events(f, cast, names, random)]
    Event.objects.bulk_create(sorted(events, key=lambda event: event.created_at))


def _publication(f: Filing, pledge: Pledge, cast: Cast, names: Names, random: Random) -> Publication:
    text, _ = frozen_text(pledge)
    published_at = f.days[7 if f.is_returned else 5]
    name = names.on(pledge.organization, published_at.date())
    body = searchable([text["title"], name, text["category"], *strings_of(text["items"])])
    publication = Publication(
        pledge=pledge,
        organization=pledge.organization,
        organization_name=name,
        phase=pledge.phase,
        category=pledge.category,
        scope=pledge.scope,
        title=text["title"],
        text=text,
        body=body,
        tokens=vector(body),
        published_at=published_at,
        published_by=cast.director,
    )
    if f.is_withdrawn:
        publication.withdrawn_at, publication.withdrawn_by = f.days[-1], cast.director
        publication.withdraw_reason = random.choice(WITHDRAW_REASONS)
    return publication


def _events(f: Filing, cast: Cast, names: Names, random: Random) -> Iterable[Event]:
    S = PledgeState
    own, above = (f.secretary, "书记"), (f.reviewer, "书记")
    clerk, office = (cast.office, "领导小组办公室"), (cast.director, "领导小组办公室主任")
    days = iter(f.days)
    yield _event(f, "create", own, next(days), names, None, S.DRAFT)
    yield _event(f, "submit", own, next(days), names, S.DRAFT, S.SUBMITTED)
    if f.is_returned:
        ground, reason = random.choice(RETURN_REASONS)
        yield _event(
            f,
            "return",
            above,
            next(days),
            names,
            S.SUBMITTED,
            S.RETURNED,
            reason,
            grounds=[ground],
            remarks={},
        )
        yield _event(f, "submit", own, next(days), names, S.RETURNED, S.SUBMITTED)
    yield _event(f, "approve", above, next(days), names, S.SUBMITTED, S.APPROVED)
    yield _event(f, "propose", own, next(days), names, S.APPROVED, S.PROPOSED, scope=f.pledge.scope)
    yield _event(f, "clear", clerk, next(days), names, S.PROPOSED, S.CLEARED)
    yield _event(f, "publish", office, next(days), names, S.CLEARED, S.PUBLISHED, masked=[])
    if f.is_withdrawn:
        reason = random.choice(WITHDRAW_REASONS)
        yield _event(f, "withdraw", office, f.days[-1], names, S.PUBLISHED, S.WITHDRAWN, reason)


def _event(
    f: Filing, verb: str, by: tuple[Any, str], when: dt.datetime, names: Names, before: str | None, after: str,
    reason: str = "", **detail: Any,
) -> Event:  # fmt: skip
    actor, post = by
    place = {f.secretary: f.pledge.organization, f.reviewer: f.superior}.get(actor)
    where = names.on(place, when.date()) if place else "中共吴江市委员会"
    return Event(
        kind=f"pledge.{verb}",
        subject_label="pledges.pledge",
        subject_id=str(f.pledge.pk),
        subject_name=f.pledge.title,
        place_id=f.pledge.organization_id,
        actor=actor,
        post=f"{where} {post}",
        before={"state": before} if before else {},
        after={"state": after},
        reason=reason,
        detail=detail,
        created_at=when,
    )
