"""Reads that join the nouns: the lists of the desk, what waits for whom, the public pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.models import Phase, RubricItem, Subject
from common.models import Event
from common.paging import capped_counts, counts_by
from common.search import matching
from organizations.access import Holding, holders_of, holdings, within, within_reach
from organizations.kinds import FILES_PLEDGES
from organizations.models import Organization
from organizations.models.organization import OrganizationQuerySet
from pledges.flow import EDITABLE, ORGANIZATION_FLOW, PledgeState
from pledges.models import Matter, Pledge, PledgeItem, Publication
from pledges.queries.archives import closed_phases

TODO = "todo"
# Whose turn it is: step -> states. Withdrawing and taking back are possible, not due.
DUTIES = {
    "submit": EDITABLE,
    "approve": frozenset({PledgeState.SUBMITTED}),
    "propose": frozenset({PledgeState.APPROVED}),
    "clear": frozenset({PledgeState.PROPOSED}),
    "publish": frozenset({PledgeState.CLEARED}),
}
TURNS = {
    "submit": "提交审定",
    "approve": "审定",
    "propose": "申请公开",
    "clear": "保密审查",
    "publish": "审批公开",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. ``organization`` stands for its whole subtree."""

    words: str = ""
    organization: Organization | None = None
    nowhere: bool = False  # an organization was asked for that could not be told
    phase: Phase | None = None
    categories: tuple[int, ...] = ()  # the same 类别 in several campaigns

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.nowhere:
            return rows.none()
        if self.organization is not None:
            rows = rows.filter(within(self.organization.path, via="organization__"))
        if self.phase is not None:
            rows = rows.filter(phase=self.phase)
        if self.categories:
            rows = rows.filter(category__in=self.categories)
        return matching(rows, self.words)


def waiting_for(user: Any) -> Q:
    """Organizations' pledges whose next step this person may take: what 等我办理 lists. The guards' rules
    as a filter.
    """
    own = {h.organization_id for h in holdings(user)}
    over = Phase.objects.filter(campaign__closed_on__lt=timezone.localdate())
    can_be_filed = Q(organization__parent__isnull=False) & ~Q(phase__in=over)
    mine = Q(state__in=EDITABLE) & can_be_filed & within_reach(user, "pledges.edit_pledge")
    for name, states in DUTIES.items():
        due = Q(state__in=states) & within_reach(user, ORGANIZATION_FLOW[name].permission)
        if name == "submit":
            due &= can_be_filed
        if name in {"approve", "clear", "publish"}:
            due &= ~Q(hands__contains=[user.pk]) & ~Q(organization__in=own)
        mine |= due & _not_twice(name, user)
    return mine & Q(member=None) & ~Q(phase__in=closed_phases())


def _not_twice(step: str, user: Any) -> Q:
    """Three people have their hands in a publication: who proposed does not clear, who cleared does not publish."""
    before = {"clear": "proposed_by", "publish": "cleared_by"}.get(step)
    return ~Q(**{before: user.pk}) if before else Q()


def tabs(rows: QuerySet[Pledge], user: Any) -> dict[str, QuerySet[Pledge]]:
    """The desk's lists by name: what waits for me, everything, and each state."""
    return {
        TODO: rows.filter(waiting_for(user)),
        "": rows,
        **{state: rows.filter(state=state) for state in PledgeState.values},
    }


def tab_counts(lists: dict[str, QuerySet[Pledge]]) -> dict[str, int | None]:
    """How many each of ``tabs`` has, capped; None where that could be told only by reading a whole province."""
    counts: dict[str, int | None] = {**capped_counts({name: lists[name] for name in (TODO, "")})}
    return counts | counts_by("state", lists[""], PledgeState.values)


def history(pledge: Pledge) -> QuerySet[Event]:
    """办理记录, newest first: what was done with the pledge, and what was decided on its items."""
    of_items = Q(
        subject_label=PledgeItem._meta.label_lower,
        subject_id__in=[str(pk) for pk in pledge.items.values_list("pk", flat=True)],
        kind__in=["pledgeitem.return", "pledgeitem.reconsider"],
    )
    of_pledge = Q(subject_label=pledge._meta.label_lower, subject_id=str(pledge.pk))
    return Event.objects.filter(of_pledge | of_items).select_related("actor").order_by("-pk")[:100]


def last_step(pledge: Pledge) -> Event | None:
    """What was done last, edits of the text aside."""
    events = Event.objects.about(pledge).exclude(kind="pledge.edit").select_related("actor")
    return events.order_by("-pk").first()


def next_hands(pledge: Pledge) -> tuple[str, list[Holding]] | None:
    """Whose turn it is: the step in words and the posts that may take it. None when nothing is due."""
    for name, states in DUTIES.items():
        if pledge.state in states:
            found = holders_of(pledge.flow[name].permission, pledge.organization)
            if name in {"approve", "clear", "publish"}:
                barred = _barred(pledge, name)
                found = [(pk, h) for pk, h in found if pk not in barred]
            return TURNS[name], list(dict.fromkeys(h for _, h in found))
    return None


def _barred(pledge: Pledge, step: str) -> set[int | None]:
    if step == "clear":
        before = {pledge.proposed_by_id}
    else:
        before = {pledge.cleared_by_id} if step == "publish" else set()
    return before | (set(pledge.hands) if pledge.member_id is None else {pledge.person_id})


def places_to_draft(user: Any) -> QuerySet[Organization]:
    """Organizations for which this person may write a pledge, in protocol order."""
    reach = within_reach(user, "pledges.edit_pledge", via="")
    below = Organization.objects.living().exclude(parent=None)  # the root has nobody to submit to
    return below.filter(reach, kind__in=FILES_PLEDGES).in_protocol_order()


def earlier(organization: Organization) -> QuerySet[Pledge]:
    """Pledges of the same organization to copy from, newest first."""
    return (
        organization.pledges.of_organizations()
        .exclude(title="")
        .select_related("phase__campaign")
        .newest_first()[:10]
    )


def phases() -> QuerySet[Phase]:
    return Phase.objects.select_related("campaign").order_by(
        "-campaign__starts_on", "-campaign_id", "-number"
    )


def categories(matter: str = Matter.ORGANIZATION) -> QuerySet[RubricItem]:
    """What a pledge of an organization (or of a member) can be about, the newest campaign first."""
    return (
        RubricItem.objects.filter(subject=Subject.MEMBER if matter == Matter.MEMBER else Subject.ORGANIZATION)
        .select_related("campaign")
        .order_by("-campaign__starts_on", "-campaign_id", "number")
    )


def replaced_by(publication: Publication) -> Publication | None:
    """The text that was published again after this one was withdrawn."""
    return Publication.objects.published().filter(pledge=publication.pledge_id).newest_first().first()


@dataclass(frozen=True, slots=True)
class Asked:
    """The organization a list is asked for: found, or several to choose from, or nothing by that name."""

    chosen: Organization | None = None
    candidates: tuple[Organization, ...] = ()
    words: str = ""

    @property
    def is_open(self) -> bool:
        """One was asked for, and what was typed does not say which."""
        return self.chosen is None and bool(self.words)


def asked_for(rows: OrganizationQuerySet, pk: str, words: str) -> Asked:
    """From the picker's two fields: an id, or without script the typed words. At most one query."""
    if pk.isascii() and pk.isdigit() and len(pk) < 19:
        return Asked(rows.filter(pk=int(pk)).first(), (), pk)
    if not (words := words.strip()):
        return Asked()
    found = tuple(rows.search(words).select_related("parent")[:12])
    exact = [row for row in found if words in (row.name, row.short_name, row.code)]
    if len(found) == 1 or len(exact) == 1:
        return Asked((exact or found)[0], (), words)
    return Asked(None, found, words)


def last_edit(pledge: Pledge) -> Event | None:
    """Who saved the text last."""
    written = Event.objects.about(pledge).filter(kind__in=["pledge.create", "pledge.edit"])
    return written.select_related("actor").order_by("-pk").first()


def earlier_versions(publication: Publication) -> list[Publication]:
    """When the same pledge was public before and was taken down: dates for the page, never the text."""
    rows = Publication.objects.public().taken_down().filter(pledge=publication.pledge_id, replaced_at=None)
    return list(rows.only("published_at", "withdrawn_at").newest_first())
