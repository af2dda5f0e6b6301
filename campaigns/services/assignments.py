"""Who owes what, and what of it is done: rows of ``Assignment`` made from rules and facts, set by set.

Owed = obligation x organizations of the kinds that owe, affiliated to a superior, founded by the last day and not
dissolved before it (domain.md 6). Nothing is loaded: one statement writes what differs, one takes away what is no
longer owed, whether for the whole tree or for one organization.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.expectations import Expectation, changed_by, expectation
from campaigns.models import ExemptCase, Obligation, Phase
from campaigns.services import tallies
from common.events import counted_at_once
from organizations.access import path_end
from organizations.models import Membership, Organization

NEW_DAYS = 30  # 成立不足三十天: ExemptCase.FOUNDED_LATE

_OWED = """
    FROM organizations_organization o
    LEFT JOIN campaigns_concession c
        ON c.organization_id = o.id AND c.obligation_id = %(obligation)s AND c.revoked_at IS NULL
    WHERE o.parent_id IS NOT NULL AND o.kind = ANY(%(kinds)s)
      AND o.founded_on <= COALESCE(c.until, %(due)s)
      AND (o.dissolved_on IS NULL OR o.dissolved_on > COALESCE(c.until, %(due)s)) {place}
"""
# the columns that are worked out, in the order in which ``WANTED`` names them after the organization
COLUMNS = (
    "state", "assigned_on", "due_on", "done_on", "is_extended", "is_waived", "returned", "wanted", "got", "items",
    "fulfilled",
)  # fmt: skip
WANTED = """
    SELECT owed.id AS organization_id,
        CASE WHEN owed.is_waived OR owed.is_exempt OR %(nobody)s AND COALESCE(f.wanted, 0) = 0 THEN 'exempt'
             WHEN f.done_on IS NOT NULL THEN 'done' ELSE 'open' END AS state,
        owed.assigned_on, owed.due_on,
        CASE WHEN owed.is_waived OR owed.is_exempt OR %(nobody)s AND COALESCE(f.wanted, 0) = 0 THEN NULL
             ELSE f.done_on END AS done_on,
        owed.is_extended, owed.is_waived, COALESCE(f.returned, 0) AS returned,
        COALESCE(f.wanted, %(wanted)s) AS wanted, COALESCE(f.got, 0) AS got, COALESCE(f.items, 0) AS items,
        COALESCE(f.fulfilled, 0) AS fulfilled
    FROM (
        SELECT o.id, GREATEST(o.founded_on, %(opens)s) AS assigned_on, COALESCE(c.until, %(due)s) AS due_on,
            c.until IS NOT NULL AS is_extended, c.id IS NOT NULL AND c.until IS NULL AS is_waived,
            %(late)s AND o.founded_on > %(due)s - %(new_days)s AS is_exempt
        {owed}
    ) AS owed LEFT JOIN ({facts}) AS f (organization_id, done_on, returned, wanted, got, items, fulfilled)
        ON f.organization_id = owed.id
"""
# A row that is as it ought to be is not touched: not even locked, which ON CONFLICT would do.
_WRITE = """
    INSERT INTO campaigns_assignment (obligation_id, organization_id, {columns})
    SELECT %(obligation)s, w.* FROM ({wanted}) AS w LEFT JOIN campaigns_assignment s
        ON s.obligation_id = %(obligation)s AND s.organization_id = w.organization_id
    WHERE s.id IS NULL OR ({there}) IS DISTINCT FROM ({differing})
    ON CONFLICT (organization_id, obligation_id) DO UPDATE SET ({columns}) = ({written})
"""
_TAKE_AWAY = """
    DELETE FROM campaigns_assignment s USING organizations_organization place
    WHERE s.obligation_id = %(obligation)s AND place.id = s.organization_id {place}
      AND NOT EXISTS (SELECT FROM (SELECT o.id {owed}) AS owed WHERE owed.id = s.organization_id)
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One rule in force in a part of the tree: a subtree without those where an office varies the rule again."""

    rule: Obligation
    low: str
    high: str
    without: list[tuple[str, str]]

    def holds(self, path: str) -> bool:
        """As ``where`` asks it of a table."""
        inside = not self.low or self.low <= path < self.high
        return inside and not any(low <= path < high for low, high in self.without)

    def where(self, table: str) -> str:
        inside = f" AND {table}.path >= %(low)s AND {table}.path < %(high)s" if self.low else ""
        return inside + "".join(
            f" AND NOT ({table}.path >= %(low{n})s AND {table}.path < %(high{n})s)"
            for n in range(len(self.without))
        )

    @property
    def params(self) -> dict[str, str]:
        found = {"low": self.low, "high": self.high}
        for n, (low, high) in enumerate(self.without):
            found |= {f"low{n}": low, f"high{n}": high}
        return found


def refresh_phase(phase: Phase) -> int:
    """All obligations of a phase for the whole tree; returns how many rows were written or taken away."""
    return sum(
        refresh(each) for each in Obligation.objects.tracked().filter(phase=phase).select_related("phase")
    )


def refresh_open() -> int:
    """Every phase that is not frozen, once a night: what no event told of (a date that came) is put right."""
    return sum(refresh(each) for each in open_obligations())


@transaction.atomic
def refresh(obligation: Obligation, organizations: Collection[int] | None = None) -> int:
    """One obligation, for these organizations or for all. What nobody has registered has no rows, and what is frozen
    (归档) keeps those it has: whoever comes while a phase is being closed waits, and then finds it closed.
    """
    expected = expectation(obligation.expects)
    if expected is None or not hold_open(obligation.phase_id):
        return 0
    if organizations is not None:
        here = parts_with(obligation, organizations)
        return sum(_write(obligation, part, expected, organizations) for part in here)
    with tallies.anew(obligation):
        return sum(_write(obligation, part, expected, None) for part in parts(obligation))


def hold_open(phase: int) -> bool:
    """Is the phase open? Then it stays so until this transaction ends: the row is shared, a closing wants it alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT frozen_at IS NULL FROM campaigns_phase WHERE id = %s FOR SHARE", [phase])
        return bool(cursor.fetchone()[0])


def refresh_places(phase: int, codes: Iterable[str], organizations: Collection[int]) -> int:
    """What these organizations owe of the expectations ``codes`` in a phase."""
    rules = (
        Obligation.objects.tracked()
        .filter(phase=phase, phase__frozen_at=None, expects__in=list(codes))
        .select_related("phase")
    )
    return sum(refresh(each, sorted(organizations)) for each in rules) if organizations else 0


def parts(obligation: Obligation) -> Iterator[Part]:
    """The rule itself and its variations, each where no deeper one holds."""
    varied = list(obligation.variations.select_related("organization", "phase"))
    ranges = [
        (each.organization.path, path_end(each.organization.path)) for each in varied if each.organization
    ]
    yield Part(obligation, "", "~", ranges)
    for each, (low, high) in zip(varied, ranges, strict=True):
        deeper = [other for other in ranges if other[0] != low and other[0].startswith(low)]
        yield Part(each, low, high, deeper)


def parts_with(obligation: Obligation, organizations: Collection[int]) -> list[Part]:
    """Those that hold where one of these organizations is: what offices vary elsewhere costs nothing."""
    paths = list(Organization.objects.filter(pk__in=organizations).values_list("path", flat=True))
    return [part for part in parts(obligation) if any(map(part.holds, paths))]


def _write(
    obligation: Obligation, part: Part, expected: Expectation, organizations: Collection[int] | None
) -> int:
    found = asked(obligation, part, expected, organizations)
    gone = _TAKE_AWAY.format(place=found.place, owed=found.owed)
    written = _WRITE.format(
        wanted=found.wanted,
        columns=columns(""),
        there=columns("s."),
        differing=columns("w."),
        written=columns("excluded."),
    )
    with connection.cursor() as cursor:
        cursor.execute(gone, found.params)
        count = cursor.rowcount
        cursor.execute(written, found.params)
        return count + cursor.rowcount


def columns(of: str) -> str:
    """The columns that are worked out, each ``of`` something: "s.", "excluded."."""
    return ", ".join(f"{of}{name}" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one rule asks of its part of the tree, as SQL with its parameters."""

    wanted: str  # the rows as they ought to be: organization_id and COLUMNS
    owed: str  # who owes
    place: str  # which rows of ``place`` (organizations_organization) are of this part
    params: dict[str, Any]


def asked(
    obligation: Obligation, part: Part, expected: Expectation, organizations: Collection[int] | None = None
) -> Asked:
    only = None if organizations is None else list(organizations)
    facts, values = expected.facts(obligation, only)
    chosen = "" if only is None else " AND {}.id = ANY(%(only)s)"
    rule = part.rule
    params: dict[str, Any] = {
        "obligation": obligation.pk,
        "kinds": sorted(set(rule.kinds or expected.kinds) & expected.kinds),
        "due": rule.due_on,
        "opens": max(rule.opens_on, rule.made_on, obligation.made_on),
        "late": ExemptCase.FOUNDED_LATE in rule.exempts,
        "nobody": ExemptCase.NOBODY in rule.exempts,
        "new_days": dt.timedelta(days=NEW_DAYS),
        "wanted": 0 if expected.counts else 1,
        "only": only,
        **part.params,
    }
    named, bound = _named(facts, values)
    owed = _OWED.format(place=part.where("o") + chosen.format("o"))
    place = part.where("place") + chosen.format("place")
    return Asked(WANTED.format(owed=owed, facts=named), owed, place, params | bound)


def _named(sql: str, values: list[Any]) -> tuple[str, dict[str, Any]]:
    """``%s`` of a statement made by the ORM, under names, so that it can stand inside ours."""
    names = [f"fact{n}" for n in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


# what changes who is obliged at all, whatever the obligation
_OF_PLACES = frozenset(f"organization.{verb}" for verb in ("found", "dissolve", "merge", "amend"))
# of no phase: it counts in all of them, for the expectations that name it
_OF_ROSTERS = frozenset(f"member.{verb}" for verb in ("add", "edit", "transfer", "leave"))


@counted_at_once
def on_event(kind: str, subjects: Sequence[Any]) -> None:
    """In the transaction of an event: what it may have changed where its subjects are."""
    if kind in _OF_PLACES:
        into = {subject.merged_into_id for subject in subjects if subject.merged_into_id}
        _refresh_open({subject.pk for subject in subjects} | into)
    elif kind in _OF_ROSTERS:
        _refresh_open(_where_they_count(subjects), [each.code for each in changed_by(kind)])
    elif kind == "organization.affiliate":
        _refresh_moved(subjects)
    elif codes := [each.code for each in changed_by(kind)]:
        places: dict[int, set[int]] = defaultdict(set)
        for subject in subjects:
            places[subject.phase_id].add(getattr(subject, "place_id", None) or subject.organization_id)
        for phase, organizations in places.items():
            refresh_places(phase, codes, organizations)


def _refresh_open(organizations: Collection[int], codes: Collection[str] | None = None) -> None:
    """All they owe, or of it the expectations ``codes``, in every phase that is not frozen."""
    for each in open_obligations():
        if codes is None or each.expects in codes:
            refresh(each, sorted(organizations))


def _where_they_count(members: Sequence[Any]) -> set[int]:
    """Where these members are on the roster, were before a transfer, or have been received."""
    been = Membership.objects.filter(member__in=[member.pk for member in members])
    here = {pk for member in members for pk in (member.organization_id, member.receiving_id) if pk}
    return here | set(been.values_list("organization", flat=True))


def _refresh_moved(places: Sequence[Any]) -> None:
    """Another office's variation may hold where they are now: for them and all below them."""
    for each in open_obligations().filter(variations__isnull=False).distinct():
        for place in places:
            below = Organization.objects.filter(path__gte=place.path, path__lt=path_end(place.path))
            refresh(each, list(below.values_list("pk", flat=True)))


def open_obligations() -> QuerySet[Obligation]:
    """What phases ask for that are not frozen: until 归档 the figures follow the facts, the campaign's end or not."""
    return Obligation.objects.tracked().filter(phase__frozen_at=None).select_related("phase")
