"""Who pledges where, and how far a round has come among the members (domain.md 1.2, 11c-4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from typing import Any

from django.db.models import Case, Count, FilteredRelation, Q, QuerySet, When
from django.db.models.functions import Coalesce

from campaigns.models import Phase, Strand, StrandWindow
from campaigns.queries import current_phase
from organizations.models import Member, Organization
from pledges.completeness import problems_of
from pledges.flow import PledgeState
from pledges.models import DraftBuffer, Exemption, ExemptionKind, Pledge

_IS_FILED = Q(this_pledge__isnull=False) & ~Q(this_pledge__state=PledgeState.DRAFT)
IS_NOT_EXEMPT = Q(this_exemption=None) | Q(this_exemption__kind=ExemptionKind.ORAL)
# back for correction is not given; what was said aloud is
IS_GIVEN = (_IS_FILED & ~Q(this_pledge__state=PledgeState.RETURNED)) | Q(
    this_exemption__kind=ExemptionKind.ORAL
)
IS_SENT_BACK = Q(
    this_pledge__state=PledgeState.RETURNED, this_pledge__return_reason__gt=""
)  # not by themselves
IS_OUTSTANDING = Q(this_exemption=None) & (
    Q(this_pledge=None) | Q(this_pledge__state=PledgeState.DRAFT)
)  # 未承诺
_KINDS = {kind: Count("pk", filter=Q(this_exemption__kind=kind)) for kind in ExemptionKind.values}


@dataclass(frozen=True, slots=True)
class Tally:
    """Members of one place or subtree in one round, as of now. A mobile member counts where they were received.

    应承诺 ``due`` = 在册 ``roster`` - 豁免 ``exempt`` = 书面 ``written`` + 口头 ``oral`` + 未承诺 ``outstanding``.
    """

    roster: int = 0
    written: int = 0  # filed, whatever became of it since
    returned: int = 0  # of the written: sent back for correction
    outstanding: int = 0
    probationary: int = 0  # 预备党员 among those due; they pledge like others
    oral: int = 0
    frail: int = 0
    away: int = 0
    unreachable: int = 0
    other: int = 0

    @property
    def exempt(self) -> int:
        return self.frail + self.away + self.unreachable + self.other

    @property
    def due(self) -> int:
        return self.roster - self.exempt

    @property
    def exempt_by_kind(self) -> list[tuple[str, int]]:
        """The kinds that occur, in words. An oral pledge is none of them."""
        counts = {kind: getattr(self, kind) for kind in ExemptionKind.values if kind != ExemptionKind.ORAL}
        return [(ExemptionKind(kind).label, count) for kind, count in counts.items() if count]


_COUNTS = {
    "roster": Count("pk"),
    "written": Count("pk", filter=_IS_FILED),
    "returned": Count("pk", filter=IS_SENT_BACK),
    "outstanding": Count("pk", filter=IS_OUTSTANDING),
    "probationary": Count("pk", filter=IS_NOT_EXEMPT & Q(standing=Member.Standing.PROBATIONARY)),
    **_KINDS,
}
assert set(_COUNTS) == {f.name for f in fields(Tally)}  # noqa: S101 -- one name for a figure everywhere


def pledging(phase: Phase, places: QuerySet[Organization]) -> Any:
    """Members on the roster who pledge at one of ``places`` in this round; ``place`` is where.

    A pledge, written or not, and an exemption belong to the branch where they were made, also when the member
    moved on in mid-round; else the receiving organization of a mobile member, else their own branch.
    """
    at = places.order_by().values("pk")
    touched = Member.objects.filter(organization__in=at).values("pk")  # four walks along an index each
    touched = touched.union(
        Member.objects.filter(receiving__in=at).values("pk"),
        Pledge.objects.filter(phase=phase, member__isnull=False, organization__in=at).values("member"),
        Exemption.objects.filter(phase=phase, organization__in=at).values("member"),
    )
    return placed(phase).filter(pk__in=touched, place__in=at)


def placed(phase: Phase) -> Any:
    """Everyone on a roster with what they have in this round: ``this_pledge``, ``this_exemption``, ``place``."""
    home = Coalesce(Case(When(is_mobile=True, then="receiving")), "organization")
    return (
        Member.objects.current()
        .annotate(
            this_pledge=FilteredRelation("pledges", condition=Q(pledges__phase=phase)),
            this_exemption=FilteredRelation("exemptions", condition=Q(exemptions__phase=phase)),
        )
        .annotate(
            home=home,
            place=Coalesce(
                # what a dissolved organization has made public stays with it; the member is counted where they are
                Case(
                    When(
                        this_pledge__organization__dissolved_on=None,
                        then="this_pledge__organization",
                    )
                ),
                Case(
                    When(
                        this_exemption__organization__dissolved_on=None,
                        then="this_exemption__organization",
                    )
                ),
                home,
            ),
        )
    )


def tally(phase: Phase, places: QuerySet[Organization]) -> Tally:
    """One figure for all of ``places`` together. One query."""
    return Tally(**pledging(phase, places).aggregate(**_COUNTS))


def tallies(phase: Phase, places: QuerySet[Organization]) -> dict[int, Tally]:
    """A figure for each of ``places`` that has members; one query."""
    rows = pledging(phase, places).order_by().values("place").annotate(**_COUNTS)
    return {row.pop("place"): Tally(**row) for row in rows}


def with_outstanding(phase: Phase, places: QuerySet[Organization]) -> QuerySet[Organization]:
    """还没有报齐: those of ``places`` where somebody has still to pledge."""
    waiting = pledging(phase, places).filter(IS_OUTSTANDING).order_by().values("place")
    return places.filter(pk__in=waiting)


@dataclass(slots=True)
class Row:
    """One member on the entry page, with what there is of them in this round."""

    member: Member
    pledge: Pledge | None = None
    exemption: Exemption | None = None
    typing_since: dt.datetime | None = None  # the member's own text, not saved yet
    missing: list[str] = field(default_factory=list)  # what keeps a draft from being filed, in sentences

    @property
    def place(self) -> Organization:
        """Where the member pledges; of one's own row alone, which has both organizations loaded."""
        if self.pledge is not None:
            return self.pledge.organization
        return (
            self.member.receiving
            if self.member.is_mobile and self.member.receiving
            else self.member.organization
        )

    @property
    def is_open(self) -> bool:
        return self.exemption is None and (self.pledge is None or self.pledge.is_editable)

    @property
    def is_as_returned(self) -> bool:
        """Returned, and not corrected since."""
        back = self.pledge
        if back is None or not back.is_sent_back:
            return False
        return back.version == back.vetted_version

    @property
    def is_ones_own(self) -> bool:
        """The member writes it, nobody else had a hand in it so far (本人起草)."""
        own = self.member.user_id
        return self.pledge is not None and own is not None and self.pledge.hands == [own]


def roster(organization: Organization, phase: Phase) -> Any:
    """All who pledge here, as the roster has them: own members first, then those received."""
    rows = pledging(phase, Organization.objects.filter(pk=organization.pk))
    return rows.select_related("organization").order_by(
        Case(When(organization=organization.pk, then=0), default=1), "pk"
    )


def rows_of(members: list[Member], phase: Phase) -> list[Row]:
    """What each of them has in this round; four queries, however many."""
    rows = {member.pk: Row(member) for member in members}
    pledges = (
        Pledge.objects.filter(phase=phase, member__in=rows)
        .select_related("organization", "phase__campaign", "category", "member")
        .prefetch_related("items")
    )
    for pledge in pledges:
        row = rows[pledge.member_id]  # type: ignore[index]
        row.pledge = pledge
        row.missing = [problem.message for problem in problems_of(pledge)] if pledge.is_editable else []
    for exemption in Exemption.objects.filter(phase=phase, member__in=rows).select_related("recorded_by"):
        rows[exemption.member_id].exemption = exemption
    typing = DraftBuffer.objects.pending().filter(pledge__in=[r.pledge.pk for r in rows.values() if r.pledge])
    for member, user, saved_at in typing.values_list("pledge__member", "user", "saved_at"):
        if rows[member].member.user_id == user:
            rows[member].typing_since = saved_at
    return list(rows.values())


def elsewhere(organization: Organization, phase: Phase) -> list[tuple[Member, Organization]]:
    """Members of this branch, or received by it, who pledge somewhere else in this round, and where."""
    found = placed(phase).filter(Q(organization=organization) | Q(home=organization.pk))
    members = list(found.exclude(place=organization.pk).order_by("pk"))
    places = Organization.objects.in_bulk({m.place for m in members})
    return [(m, places[m.place]) for m in members]


def pledge_window(phase: Phase) -> StrandWindow | None:
    """When this round's pledges are to be filed."""
    return phase.windows.filter(strand=Strand.PLEDGE).first()


def own_row(user: Any, phase: Phase | None) -> Row | None:
    """What the person behind an account has in this round as a member; None for who is on no roster."""
    member = Member.objects.current().filter(user=user).select_related("organization", "receiving").first()
    if member is None or phase is None:
        return Row(member) if member else None
    return rows_of([member], phase)[0]


def owed(user: Any, day: dt.date) -> tuple[Row, StrandWindow] | None:
    """尚未作出承诺: the person's own pledge while the window is open, unless it is filed or not asked for.

    One query for whoever is on no roster, as most who look at a desk are.
    """
    if not Member.objects.current().filter(user=user).exists():
        return None
    phase = current_phase(day)
    window = pledge_window(phase) if phase else None
    if window is None or not window.is_open_on(day):
        return None
    row = own_row(user, phase)
    return (row, window) if row is not None and row.is_open else None
