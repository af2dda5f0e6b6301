"""What became of what was promised: items due, reported, judged, and the rate with its formula.

An item is *due* (到期项) when its date has passed; due without a self-report it is 到期未报 (domain.md 1.6). Only
items of pledges in force are asked about. A rate is always counted anew from the items, never an average of rates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)
from django.utils import timezone

from campaigns.models import Phase
from organizations.access import holdings, within, within_reach
from organizations.models import Organization
from organizations.models.organization import OrganizationQuerySet
from pledges.flow import IN_FORCE, ItemState
from pledges.flow.judging import MEET
from pledges.models import (
    Direction,
    Judgement,
    Pledge,
    PledgeItem,
    Progress,
    Publication,
    Result,
    Source,
)

FORMULA = "兑现率 = 已兑现的到期项 ÷ 到期项"


def is_round_open(phase: Phase) -> bool:
    """Whether reports, judgements and appraisals of this round may still be given and corrected."""
    return getattr(phase, "pledge_archive", None) is None


def in_force() -> Q:
    """Of an item: settled, and its pledge neither on its way back nor taken down."""
    return Q(state=ItemState.APPROVED, pledge__state__in=IN_FORCE)


def _judged(source: str) -> Exists:
    return Exists(Judgement.objects.filter(item=OuterRef("pk"), source=source))


def overdue_items(rows: QuerySet[PledgeItem], day: dt.date) -> QuerySet[PledgeItem]:
    """到期未报 on ``day``: its date is over and nobody has said what came of it."""
    return rows.filter(in_force(), ~_judged(Source.SELF), due_on__lt=day)


def is_due(item: PledgeItem, day: dt.date) -> bool:
    return item.due_on is not None and item.due_on < day


def with_what_was_said(rows: QuerySet[PledgeItem]) -> QuerySet[PledgeItem]:
    """Loaded with progress and judgements; two queries more, however many rows."""
    return rows.prefetch_related(
        Prefetch("progress", Progress.objects.select_related("attachment").order_by("quarter")), "judgements"
    )


# -- lists of the desk -----------------------------------------------------------------------


def pledges_at(rows: QuerySet[Pledge], organization: Organization) -> QuerySet[Pledge]:
    """In force at the organization: its own first, then its members' by name."""
    kept = rows.filter(organization=organization, state__in=IN_FORCE)
    return kept.order_by(F("member__name").asc(nulls_first=True), "member", "pk")


def own_pledges(rows: QuerySet[Pledge], user: Any) -> QuerySet[Pledge]:
    """What this person promised as a member and keeps, the newest round first."""
    mine = rows.filter(member__user=user, state__in=IN_FORCE)
    return mine.order_by("-phase__starts_on", "-pk")[:10]


def has_own(user: Any) -> bool:
    return Pledge.objects.filter(member__user=user, state__in=IN_FORCE).exists()


def phases_with_pledges(rows: QuerySet[Pledge]) -> list[Phase]:
    """The rounds of these pledges, newest first."""
    found = Phase.objects.filter(pk__in=rows.order_by().values("phase")).select_related(
        "campaign", "pledge_archive"
    )
    return list(found.order_by("-starts_on", "-pk"))


def to_judge(rows: QuerySet[PledgeItem], user: Any) -> QuerySet[PledgeItem]:
    """Reported and not yet judged, where ``user`` may judge: the guards' rules as a filter."""
    return rows.filter(in_force(), judged_by(user), _judged(Source.SELF), ~_judged(Source.SUPERIOR))


def judged_by(user: Any, via: str = "pledge__") -> Q:
    """Pledges whose keeping this person judges: organizations' as a vetter from outside, members' not their own."""
    here = {h.organization_id for h in holdings(user)}
    vets = within_reach(user, "pledges.approve_pledge", via=f"{via}organization__")
    vets_members = within_reach(user, "pledges.approve_member_pledge", via=f"{via}organization__")
    from_outside = ~Q(**{f"{via}organization__in": here}) & ~Q(**{f"{via}member__user": user.pk})
    of_organizations = Q(**{f"{via}member": None}) & ~Q(**{f"{via}hands__contains": [user.pk]})
    of_leaders = Q(**{f"{via}member__isnull": False, f"{via}is_leading": True})
    of_members = Q(**{f"{via}member__isnull": False, f"{via}is_leading": False})
    not_own = Q(**{f"{via}member__user": None}) | ~Q(**{f"{via}member__user": user.pk})
    return vets & from_outside & (of_organizations | of_leaders) | vets_members & of_members & not_own


def reported_by(user: Any, permissions: tuple[str, str], via: str = "pledge__") -> Q:
    """Pledges this person writes for: ``permissions`` for organizations' and for members' pledges; and their own."""
    organizations, members = (within_reach(user, each, via=f"{via}organization__") for each in permissions)
    own = Q(**{f"{via}member__user": user.pk})
    return own | organizations & Q(**{f"{via}member": None}) | members & Q(**{f"{via}member__isnull": False})


def places_seen(rows: OrganizationQuerySet, user: Any) -> OrganizationQuerySet:
    """Organizations whose pledges this person reads."""
    return rows.filter(within_reach(user, "pledges.view_pledge", via=""))


def last_meeting(organization: Organization) -> Judgement | None:
    """The meeting (评诺会) recorded last there: its date and number of people, to begin the next entry with."""
    rows = Judgement.objects.filter(source=Source.MASSES, item__pledge__organization=organization)
    return rows.order_by("-recorded_at", "-pk").first()


def places_to_report(user: Any) -> QuerySet[Organization]:
    """Organizations for whose pledges this person tells the progress, in protocol order."""
    reach = within_reach(user, "pledges.edit_pledge", via="") | within_reach(user, MEET, via="")
    return Organization.objects.living().filter(reach).in_protocol_order()


# -- the public page -------------------------------------------------------------------------


def published_items(publication: Publication) -> list[PledgeItem]:
    """The items of what is public, with what was said of them. Three queries at most."""
    if publication.withdrawn_at is not None or publication.replaced_at is not None:
        return []
    rows = PledgeItem.objects.filter(in_force(), pledge=publication.pledge_id)
    return list(with_what_was_said(rows.select_related("pledge")).order_by("number"))


# -- figures ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rate:
    """兑现率. It never goes without its numerator, its denominator and its formula."""

    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """None when nothing is due yet: there is no rate then."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def formula(self) -> str:
        if not self.denominator:
            return f"{FORMULA}；目前没有到期项"
        return f"{FORMULA} = {self.numerator} ÷ {self.denominator}"

    def __str__(self) -> str:
        if self.share is None:
            return "—"
        return f"{self.share * 100:.1f}".removesuffix(".0") + "%"


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of items; what oneself and what the superior said are counted apart."""

    items: int = 0
    due: int = 0
    reported: int = 0
    overdue: int = 0  # 到期未报
    self_fulfilled: int = 0
    self_partly: int = 0
    self_unfulfilled: int = 0
    self_ended: int = 0
    superior_fulfilled: int = 0
    superior_partly: int = 0
    superior_unfulfilled: int = 0
    superior_ended: int = 0
    due_self_fulfilled: int = 0
    due_superior_fulfilled: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)))

    @property
    def rate_by_self(self) -> Rate:
        return Rate(self.due_self_fulfilled, self.due)

    @property
    def rate_by_superior(self) -> Rate:
        return Rate(self.due_superior_fulfilled, self.due)


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """The figures of a subtree in one round. An item counts in each direction (承诺对象) its pledge has."""

    organizations: Figures = field(default_factory=Figures)
    members: Figures = field(default_factory=Figures)
    directions: dict[str, Figures] = field(default_factory=lambda: dict.fromkeys(Direction.values, Figures()))

    @property
    def total(self) -> Figures:
        return self.organizations + self.members

    @property
    def by_direction(self) -> list[tuple[str, Figures]]:
        return [(direction.label, self.directions[direction.value]) for direction in Direction]


def figures(organization: Organization, phase: Phase, day: dt.date | None = None) -> Fulfilment:
    """Of ``organization`` and everything below it, as of ``day`` (today). One query."""
    due = Q(due_on__lt=day or timezone.localdate())
    rows = (
        PledgeItem.objects.filter(in_force(), within(organization.path, via="pledge__organization__"))
        .filter(pledge__phase=phase)
        .annotate(
            own=FilteredRelation("judgements", condition=Q(judgements__source=Source.SELF)),
            above=FilteredRelation("judgements", condition=Q(judgements__source=Source.SUPERIOR)),
            of_a_member=ExpressionWrapper(Q(pledge__member__isnull=False), BooleanField()),
        )
        .order_by()
        .values("pledge__directions", "of_a_member")
        .annotate(**_counts(due))
    )
    return _summed(rows)


def _counts(due: Q) -> dict[str, Count]:
    # one judgement an item and source: the joins multiply nothing
    wanted = {
        "items": Q(),
        "due": due,
        "reported": Q(own__isnull=False),
        "overdue": due & Q(own__isnull=True),
        "due_self_fulfilled": due & Q(own__result=Result.FULFILLED),
        "due_superior_fulfilled": due & Q(above__result=Result.FULFILLED),
    }
    for name, judgement in (("self", "own"), ("superior", "above")):
        wanted |= {f"{name}_{result}": Q(**{f"{judgement}__result": result}) for result in Result.values}
    return {f"n_{name}": Count("pk", filter=condition) for name, condition in wanted.items()}


def _summed(rows: Iterable[Any]) -> Fulfilment:
    organizations = members = Figures()
    directions = dict.fromkeys(Direction.values, Figures())
    for row in rows:
        found = Figures(**{f.name: row[f"n_{f.name}"] for f in fields(Figures)})
        if row["of_a_member"]:
            members += found
        else:
            organizations += found
        for direction in row["pledge__directions"]:
            directions[direction] += found
    return Fulfilment(organizations, members, directions)
