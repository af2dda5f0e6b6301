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
from common.events import counted_at_once
from organizations.access import path_end

NEW_DAYS = 30  # 成立不足三十天: ExemptCase.FOUNDED_LATE

_OWED = """
    FROM organizations_organization o
    LEFT JOIN campaigns_concession c
        ON c.organization_id = o.id AND c.obligation_id = %(obligation)s AND c.revoked_at IS NULL
    WHERE o.parent_id IS NOT NULL AND o.kind = ANY(%(kinds)s)
      AND o.founded_on <= COALESCE(c.until, %(due)s)
      AND (o.dissolved_on IS NULL OR o.dissolved_on > COALESCE(c.until, %(due)s)) {place}
"""
_WRITE = """
    INSERT INTO campaigns_assignment AS s (obligation_id, organization_id, state, assigned_on, due_on, done_on,
        is_extended, is_waived, returned, wanted, got, items, fulfilled)
    SELECT %(obligation)s, owed.id,
        CASE WHEN owed.is_waived OR owed.is_exempt OR %(nobody)s AND COALESCE(f.wanted, 0) = 0 THEN 'exempt'
             WHEN f.done_on IS NOT NULL THEN 'done' ELSE 'open' END,
        owed.assigned_on, owed.due_on,
        CASE WHEN owed.is_waived OR owed.is_exempt OR %(nobody)s AND COALESCE(f.wanted, 0) = 0 THEN NULL
             ELSE f.done_on END,
        owed.is_extended, owed.is_waived, COALESCE(f.returned, 0), COALESCE(f.wanted, %(wanted)s),
        COALESCE(f.got, 0), COALESCE(f.items, 0), COALESCE(f.fulfilled, 0)
    FROM (
        SELECT o.id, GREATEST(o.founded_on, %(opens)s) AS assigned_on, COALESCE(c.until, %(due)s) AS due_on,
            c.until IS NOT NULL AS is_extended, c.id IS NOT NULL AND c.until IS NULL AS is_waived,
            %(late)s AND o.founded_on > %(due)s - %(new_days)s AS is_exempt
        {owed}
    ) AS owed LEFT JOIN ({facts}) AS f (organization_id, done_on, returned, wanted, got, items, fulfilled)
        ON f.organization_id = owed.id
    ON CONFLICT (organization_id, obligation_id) DO UPDATE SET
        (state, assigned_on, due_on, done_on, is_extended, is_waived, returned, wanted, got, items, fulfilled) =
        (excluded.state, excluded.assigned_on, excluded.due_on, excluded.done_on, excluded.is_extended,
         excluded.is_waived, excluded.returned, excluded.wanted, excluded.got, excluded.items, excluded.fulfilled)
    WHERE (s.state, s.assigned_on, s.due_on, s.done_on, s.is_extended, s.is_waived, s.returned, s.wanted, s.got,
           s.items, s.fulfilled)
        IS DISTINCT FROM
        (excluded.state, excluded.assigned_on, excluded.due_on, excluded.done_on, excluded.is_extended,
         excluded.is_waived, excluded.returned, excluded.wanted, excluded.got, excluded.items, excluded.fulfilled)
"""
_TAKE_AWAY = """
    DELETE FROM campaigns_assignment s USING organizations_organization place
    WHERE s.obligation_id = %(obligation)s AND place.id = s.organization_id {place}
      AND NOT EXISTS (SELECT FROM (SELECT o.id {owed}) AS owed WHERE owed.id = s.organization_id)
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """One rule in force in a part of the tree: a subtree without those where an office varies the rule again."""

    rule: Obligation
    low: str
    high: str
    without: list[tuple[str, str]]

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
    return sum(refresh(each) for each in _open())


@transaction.atomic
def refresh(obligation: Obligation, organizations: Collection[int] | None = None) -> int:
    """One obligation, for these organizations or for all. What nobody has registered has no rows."""
    expected = expectation(obligation.expects)
    if expected is None:
        return 0
    return sum(_write(obligation, part, expected, organizations) for part in _parts(obligation))


def refresh_places(phase: int, codes: Iterable[str], organizations: Collection[int]) -> int:
    """What these organizations owe of the expectations ``codes`` in a phase."""
    rules = (
        Obligation.objects.tracked()
        .filter(phase=phase, phase__frozen_at=None, expects__in=list(codes))
        .select_related("phase")
    )
    return sum(refresh(each, sorted(organizations)) for each in rules) if organizations else 0


def _parts(obligation: Obligation) -> Iterator[_Part]:
    """The rule itself and its variations, each where no deeper one holds."""
    varied = list(obligation.variations.select_related("organization", "phase"))
    ranges = [
        (each.organization.path, path_end(each.organization.path)) for each in varied if each.organization
    ]
    yield _Part(obligation, "", "~", ranges)
    for each, (low, high) in zip(varied, ranges, strict=True):
        deeper = [other for other in ranges if other[0] != low and other[0].startswith(low)]
        yield _Part(each, low, high, deeper)


def _write(
    obligation: Obligation, part: _Part, expected: Expectation, organizations: Collection[int] | None
) -> int:
    only = None if organizations is None else list(organizations)
    facts, values = expected.facts(obligation, only)
    chosen = "" if only is None else " AND {}.id = ANY(%(only)s)"
    rule = part.rule
    params: dict[str, Any] = {
        "obligation": obligation.pk,
        "kinds": sorted(set(rule.kinds or expected.kinds) & expected.kinds),
        "due": rule.due_on,
        "opens": max(rule.opens_on, obligation.made_on),
        "late": ExemptCase.FOUNDED_LATE in rule.exempts,
        "nobody": ExemptCase.NOBODY in rule.exempts,
        "new_days": dt.timedelta(days=NEW_DAYS),
        "wanted": 0 if expected.counts else 1,
        "only": only,
        **part.params,
    }
    named, bound = _named(facts, values)
    owed = _OWED.format(place=part.where("o") + chosen.format("o"))
    gone = _TAKE_AWAY.format(place=part.where("place") + chosen.format("place"), owed=owed)
    with connection.cursor() as cursor:
        cursor.execute(gone, params)
        count = cursor.rowcount
        cursor.execute(_WRITE.format(owed=owed, facts=named), params | bound)
        return count + cursor.rowcount


def _named(sql: str, values: list[Any]) -> tuple[str, dict[str, Any]]:
    """``%s`` of a statement made by the ORM, under names, so that it can stand inside ours."""
    names = [f"fact{n}" for n in range(len(values))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, values, strict=True))


# what changes who is obliged at all, whatever the obligation
_OF_PLACES = frozenset(f"organization.{verb}" for verb in ("found", "dissolve", "merge", "amend"))
_OF_ROSTERS = frozenset(f"member.{verb}" for verb in ("add", "edit", "transfer", "leave"))


@counted_at_once
def on_event(kind: str, subjects: Sequence[Any]) -> None:
    """In the transaction of an event: what it may have changed where its subjects are."""
    if kind in _OF_PLACES:
        _refresh_open({subject.pk for subject in subjects})
    elif kind in _OF_ROSTERS:
        _refresh_open({subject.organization_id for subject in subjects})
    elif codes := [each.code for each in changed_by(kind)]:
        places: dict[int, set[int]] = defaultdict(set)
        for subject in subjects:
            places[subject.phase_id].add(getattr(subject, "place_id", None) or subject.organization_id)
        for phase, organizations in places.items():
            refresh_places(phase, codes, organizations)


def _refresh_open(organizations: Collection[int]) -> None:
    """All they owe, in every phase that is not frozen."""
    for each in _open():
        refresh(each, sorted(organizations))


def _open() -> QuerySet[Obligation]:
    """What a phase that is not frozen asks for in a campaign that runs."""
    rules = Obligation.objects.tracked().select_related("phase")
    return rules.filter(phase__frozen_at=None, phase__campaign__closed_on=None)
