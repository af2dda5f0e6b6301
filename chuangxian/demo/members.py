"""Members' pledges of one round, branch by branch: as they would stand afterwards, or on their way."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from campaigns.models import Phase, Strand, Subject
from chuangxian.demo.filing import Names, due_range, working_moments
from chuangxian.demo.member_phrases import AIMS, ORAL, PLANS, RETURNS
from chuangxian.demo.people import Cast
from common.models import Event
from common.search import searchable, vector
from organizations.kinds import Kind
from organizations.models import Member, Organization
from pledges.flow import ItemState, PledgeState
from pledges.models import Direction, Exemption, ExemptionKind, Matter, Pledge, PledgeItem, Publication, Scope
from pledges.publishing import frozen_text, strings_of

S = PledgeState
# How far the members of a branch have come, in the order of the steps.
WAY = (S.DRAFT, S.SUBMITTED, S.APPROVED, S.PROPOSED, S.CLEARED, S.PUBLISHED)
VERBS = ("create", "submit", "approve", "propose", "clear", "publish")
WITHDRAWN_SHARE, ABSENT_SHARE = 0.004, 0.03


@dataclass(slots=True)
class Promise:
    pledge: Pledge
    items: list[PledgeItem]
    days: list[dt.datetime]
    hands: list[Any]  # who takes each step of VERBS
    events: list[Event] = field(default_factory=list)


def file_members(
    phase: Phase,
    cast: Cast,
    random: Random,
    *,
    until: dt.date | None = None,
    stages: Mapping[str, Mapping[str, int]] | None = None,
    share: float = 1.0,
) -> None:
    """The members' pledges of the round. ``share`` of the branches have published; the others are underway.

    ``stages``: name of a branch -> state -> how many of its members have come so far; the rest owe theirs.
    """
    window = phase.windows.filter(strand=Strand.PLEDGE).get()
    last = until or window.closes_on
    categories = dict(phase.campaign.rubric.filter(subject=Subject.MEMBER).values_list("number", "pk"))
    promises: list[Promise] = []
    exemptions: list[Exemption] = []
    for branch, members in sorted(_by_branch(phase).items(), key=lambda pair: pair[0].order_path):
        secretary, superior = cast.secretary.get(branch.pk), cast.secretary.get(branch.parent_id)
        if secretary is None or superior is None or secretary == superior:
            continue
        moments = working_moments(window.opens_on, last, 6, random)
        for member, state in _states(branch, members, stages, share, random):
            if exempt := _exemption(branch, member, phase, secretary, moments[0], random):
                exemptions.append(exempt)
            elif state is not None:
                promises.append(_promise(branch, member, phase, state, categories, cast, moments, random))
    _store(promises, random)
    Exemption.objects.bulk_create(exemptions)


def _by_branch(phase: Phase) -> dict[Organization, list[Member]]:
    """Who pledges where: a mobile member with the receiving organization."""
    found: dict[Organization, list[Member]] = defaultdict(list)
    rows = Member.objects.current().filter(joined_on__lte=phase.starts_on)
    for member in rows.select_related("organization", "receiving", "user").order_by("pk"):
        place = member.receiving if member.is_mobile and member.receiving else member.organization
        if place.dissolved_on is None and place.founded_on <= phase.starts_on:
            found[place].append(member)
    return found


def _states(
    branch: Organization,
    members: list[Member],
    stages: Mapping[str, Mapping[str, int]] | None,
    share: float,
    random: Random,
) -> Iterable[tuple[Member, str | None]]:
    if stages and branch.name in stages:
        told = [state for state, count in stages[branch.name].items() for _ in range(count)]
        return zip(members, told + [None] * len(members), strict=False)
    state = S.PUBLISHED if random.random() < share else random.choice(WAY)
    return [(m, None if random.random() < ABSENT_SHARE else state) for m in members]


def _exemption(
    branch: Organization, member: Member, phase: Phase, by: Any, at: dt.datetime, random: Random
) -> Exemption | None:
    kind = reason = ""
    if branch.kind == Kind.RETIREE_BRANCH and member.user_id is None and random.random() < 0.3:
        kind, reason = (
            (ExemptionKind.FRAIL, "年老体弱，行动不便")
            if random.random() < 0.25
            else (ExemptionKind.ORAL, random.choice(ORAL))
        )
    elif member.is_mobile and member.receiving_id is None and random.random() < 0.5:
        kind, reason = ExemptionKind.AWAY, "常年在外务工，已向流入地党组织了解"
    if not kind:
        return None
    return Exemption(
        member=member,
        organization=branch,
        phase=phase,
        kind=kind,
        reason=reason,
        recorded_at=at,
        recorded_by=by,
    )


def _promise(
    branch: Organization, member: Member, phase: Phase, state: str, categories: dict[int, int], cast: Cast,
    moments: list[dt.datetime], random: Random,
) -> Promise:  # fmt: skip
    own, above = cast.secretary[branch.pk], cast.secretary[branch.parent_id]
    number = random.choice(list(categories))
    is_leading = member.user_id == own.pk
    steps = {S.RETURNED: 3, S.WITHDRAWN: 6}.get(state) or WAY.index(PledgeState(state)) + 1
    days = [when + dt.timedelta(minutes=random.randint(0, 50)) for when in moments[:steps]]
    pledge = Pledge(
        organization=branch,
        member=member,
        phase=phase,
        category_id=categories[number],
        directions=[Direction.ORGANIZATION, Direction.MASSES],
        aim=random.choice(AIMS[number]),
        is_leading=is_leading,
        state=state,
        version=2,
        hands=[own.pk],
        created_at=days[0],
        changed_at=days[-1],
    )
    if steps > 1:
        pledge.submitted_at, pledge.submitted_by = days[1], own
    if steps > 2:
        pledge.vetted_at, pledge.vetted_by = days[2], above if is_leading else own
        pledge.vetted_version = 2
    if steps > 3:
        pledge.scope, pledge.proposed_by = Scope.OUTSIDE, own
    if steps > 4:
        pledge.cleared_by = above
    items = _items(number, state, phase, random)
    if state == S.RETURNED:
        pledge.return_reason = "见各项的退回意见。"
    body = searchable([member.name, branch.name, pledge.aim, *(item.content for item in items)])
    pledge.body, pledge.tokens = body, vector(body)
    return Promise(pledge, items, days, [own, own, above if is_leading else own, own, above, own])


def _items(number: int, state: str, phase: Phase, random: Random) -> list[PledgeItem]:
    first, last = due_range(phase)
    ends = [
        d
        for n in range((last - first).days + 1)
        if ((d := first + dt.timedelta(n)) + dt.timedelta(1)).day == 1
    ]
    of_item = {S.DRAFT: ItemState.DRAFT, S.SUBMITTED: ItemState.SUBMITTED}.get(state, ItemState.APPROVED)
    plans = random.sample(PLANS[number], 1 + (random.random() < 0.25))
    items = [
        PledgeItem(
            number=at,
            key=f"{random.getrandbits(48):012x}",
            content=text.format(a=random.randint(*a), b=random.randint(*b)),
            due_on=random.choice(ends),
            state=of_item,
        )
        for at, (text, a, b) in enumerate(plans, 1)
    ]
    if state == S.RETURNED:
        ground, items[0].remark = random.choice(RETURNS)
        items[0].grounds, items[0].state = [ground], ItemState.RETURNED
    return items


def _store(promises: list[Promise], random: Random) -> None:
    Pledge.objects.bulk_create((p.pledge for p in promises), batch_size=1000)
    for promise in promises:
        for item in promise.items:
            item.pledge = promise.pledge
    PledgeItem.objects.bulk_create((i for p in promises for i in p.items), batch_size=2000)
    public = [p for p in promises if p.pledge.state == S.PUBLISHED]
    stored = (
        Pledge.objects.select_related("organization", "phase", "category", "member")
        .prefetch_related("items")
        .in_bulk([p.pledge.pk for p in public])
    )
    names = Names()
    rows = [_publication(p, stored[p.pledge.pk], names) for p in public]
    Publication.objects.bulk_create(rows, batch_size=1000)
    events = [event for p in promises for event in _events(p, names)]
    Event.objects.bulk_create(sorted(events, key=lambda event: event.created_at), batch_size=2000)


def _publication(promise: Promise, pledge: Pledge, names: Names) -> Publication:
    text, _ = frozen_text(pledge)
    at, by = promise.days[5], promise.hands[5]
    name = names.on(pledge.organization, at.date())
    body = searchable([text["title"], name, text["category"], text["aim"], *strings_of(text["items"])])
    return Publication(
        matter=Matter.MEMBER,
        pledge=pledge,
        member=pledge.member,
        organization=pledge.organization,
        organization_name=name,
        phase=pledge.phase,
        category=pledge.category,
        scope=pledge.scope,
        title=text["title"],
        text=text,
        body=body,
        tokens=vector(body),
        published_at=at,
        published_by=by,
    )


def _events(promise: Promise, names: Names) -> Iterable[Event]:
    pledge, before = promise.pledge, ""
    verbs = ("create", "submit", "return") if pledge.state == S.RETURNED else VERBS
    states = (*WAY[:2], S.RETURNED) if pledge.state == S.RETURNED else WAY
    for verb, state, when, who in zip(verbs, states, promise.days, promise.hands, strict=False):
        own = who == promise.hands[0]
        place = pledge.organization if own else pledge.organization.parent
        yield Event(
            kind=f"pledge.{verb}",
            subject_label="pledges.pledge",
            subject_id=str(pledge.pk),
            subject_name=str(pledge),
            place_id=pledge.organization_id,
            actor=who,
            post=f"{names.on(place, when.date())} 书记",
            before={"state": before} if before else {},
            after={"state": state},
            reason=pledge.return_reason if verb == "return" else "",
            created_at=when,
        )
        before = state
