"""The figures of rounds: of one's own subtree, one level at a time, of today or of a closed round's date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from campaigns.models import Phase
from organizations.access import grants, path_end
from organizations.kinds import FILES_PLEDGES
from organizations.models import Organization
from organizations.posts import Reach
from pledges.models import COUNTS, RoundArchive, RoundFigure
from pledges.queries import counting

VIEW = "pledges.view_pledge"


@dataclass(frozen=True, slots=True)
class Range:
    """Paths from ``low`` up to and without ``high``."""

    low: str
    high: str

    @classmethod
    def under(cls, path: str) -> Range:
        return cls(path, path_end(path))

    @classmethod
    def only(cls, path: str) -> Range:
        return cls(path, path + " ")  # a blank sorts before every digit: nothing below is in it


@dataclass(frozen=True, slots=True)
class Place:
    """An organization whose figures a person may read: alone, or with everything below it."""

    organization_id: int
    name: str
    path: str
    with_below: bool

    @property
    def range(self) -> Range:
        return Range.under(self.path) if self.with_below else Range.only(self.path)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of figures: the organization itself, a subordinate with all below it, or a total."""

    name: str
    counts: dict[str, int]
    organization_id: int | None = None
    below: int = 0  # how many organizations are counted in it besides the first

    @property
    def pledged(self) -> int:
        """Oral pledges count as pledged, and are shown apart (domain.md 1.2)."""
        return self.counts["members_written"] + self.counts["members_oral"]

    @property
    def unfinished(self) -> int:
        return sum(self.counts[name] for name in ("drafts", "waiting", "returned", "unpublished"))


def total(lines: Iterable[Line], name: str = "合计") -> Line:
    """Sums of counts; rates are worked out from them anew."""
    lines = list(lines)
    return Line(name, {key: sum(line.counts[key] for line in lines) for key in COUNTS})


def places_of(user: Any) -> list[Place]:
    """Where this person reads figures, the topmost first; what lies below another one is left out."""
    found: dict[str, Place] = {}
    for reach, held in grants(user, VIEW):
        wide = reach is Reach.OWN_AND_BELOW
        place = Place(held.organization_id, held.organization_name, held.path, wide)
        if wide or held.path not in found:
            found[held.path] = place
    wide_paths = [place.path for place in found.values() if place.with_below]
    kept = [p for p in found.values() if not any(p.path != w and p.path.startswith(w) for w in wide_paths)]
    return sorted(kept, key=lambda place: (place.path.count("."), place.path))


def reads_everything(user: Any) -> bool:
    """Does somebody read the whole tree's figures, so that a whole archive may be handed to them?"""
    return any(place.with_below and place.path.count(".") == 1 for place in places_of(user))


def totals_by_phase(phases: Iterable[Phase], places: list[Place]) -> dict[int, Line]:
    """Each open round's totals over ``places``. One query."""
    own = counting.own_counts(counting.TREE_TODAY, counting.ROSTER_TODAY)
    rows = counting.fetch(counting.summed(own, "phase_id"), _today(phases, [p.range for p in places]))
    return {row["key"]: Line("合计", _counts(row), below=row["below"] - 1) for row in rows}


def level(phase: Phase, place: Place) -> list[Line]:
    """The organization itself, then each direct subordinate with everything below it. Two queries."""
    own = counting.own_counts(counting.TREE_TODAY, counting.ROSTER_TODAY)
    rows = counting.fetch(counting.summed(own, _BRANCH), _today([phase], [place.range]) | _depth(place))
    pks = [int(row["key"]) for row in rows if row["key"]]
    known = {o.pk: o for o in Organization.objects.filter(pk__in=pks).only("name", "order_path")}
    names = {pk: (o.order_path, o.name) for pk, o in known.items()}
    return lines_of(rows, place, names)


def level_of_archive(archive: RoundArchive, place: Place) -> list[Line]:
    """The same of a closed round, in the tree of its date. ``place.path`` is the path it had then. Two queries."""
    own = """SELECT f.* FROM pledges_roundfigure f
             WHERE f.archive_id = %(archive)s AND f.path >= %(low)s AND f.path < %(high)s"""
    at = {"archive": archive.pk, "low": place.range.low, "high": place.range.high}
    rows = counting.fetch(counting.summed(own, _BRANCH), at | _depth(place))
    pks = [int(row["key"]) for row in rows if row["key"]]
    found = RoundFigure.objects.filter(archive=archive, organization__in=pks)
    names = {pk: (order, name) for pk, order, name in found.values_list("organization", "order_path", "name")}
    return lines_of(rows, place, names)


# The id that follows the place's own path; nothing for the place itself.
_BRANCH = "split_part(path, '.', %(depth)s)"


def _depth(place: Place) -> dict[str, int]:
    return {"depth": place.path.count(".") + 1}


def lines_of(rows: list[dict[str, Any]], place: Place, names: dict[int, tuple[str, str]]) -> list[Line]:
    own = [Line(f"{place.name}（本级）", _counts(row)) for row in rows if not row["key"]]
    below = sorted((row for row in rows if row["key"]), key=lambda row: names[int(row["key"])][0])
    return own + [
        Line(names[int(row["key"])][1], _counts(row), int(row["key"]), row["below"] - 1) for row in below
    ]


def _today(phases: Iterable[Phase], ranges: list[Range]) -> dict[str, Any]:
    return {
        "phases": [phase.pk for phase in phases],
        "kinds": sorted(FILES_PLEDGES),
        "at": timezone.now(),
        "from": [each.low for each in ranges],
        "until": [each.high for each in ranges],
    }


def on_a_day(phase: Phase, day: dt.date, at: dt.datetime) -> dict[str, Any]:
    """What the statements of a past day ask for."""
    return {"phases": [phase.pk], "kinds": sorted(FILES_PLEDGES), "at": at, "day": day}


def _counts(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in COUNTS}


def begun_phases(day: dt.date) -> list[Phase]:
    """Rounds that have begun, the newest first, each with its archive in force. One query."""
    phases = Phase.objects.filter(starts_on__lte=day).select_related("campaign", "pledge_archive")
    return list(phases.order_by("-campaign__starts_on", "-campaign_id", "-number"))


def totals_by_archive(
    archives: Iterable[RoundArchive], mine: list[Place], chosen: Place | None = None
) -> dict[int, Line]:
    """Each closed round's totals of what lay at or below these organizations on its date, of that what lay at or
    below ``chosen``. One query.
    """
    own = """
        SELECT f.* FROM pledges_roundfigure f WHERE f.archive_id = ANY(%(archives)s) AND (
            f.organization_id = ANY(%(alone)s) OR EXISTS (
                SELECT 1 FROM pledges_roundfigure above WHERE above.archive_id = f.archive_id
                AND above.organization_id = ANY(%(with_below)s)
                AND f.path >= above.path AND f.path < left(above.path, -1) || '/'))
        AND (%(chosen)s::bigint IS NULL OR EXISTS (
                SELECT 1 FROM pledges_roundfigure one WHERE one.archive_id = f.archive_id
                AND one.organization_id = %(chosen)s
                AND f.path >= one.path AND f.path < left(one.path, -1) || '/'))
    """
    asked = {
        "archives": [archive.pk for archive in archives],
        "chosen": chosen and chosen.organization_id,
        "alone": [place.organization_id for place in mine if not place.with_below],
        "with_below": [place.organization_id for place in mine if place.with_below],
    }
    rows = counting.fetch(counting.summed(own, "archive_id"), asked)
    return {row["key"]: Line("合计", _counts(row), below=row["below"] - 1) for row in rows}
