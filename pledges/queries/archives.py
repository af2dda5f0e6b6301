"""Closed rounds (归档): what was sealed, who sees what of it, and whether it still adds up."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db.models import QuerySet

from organizations.access import grants
from organizations.posts import Reach
from pledges.models import COUNTS, RoundArchive, RoundFigure
from pledges.queries import counting
from pledges.queries.figures import VIEW, Place, Range

_ROW = ("organization_id", "superior_id", "name", "path", "order_path", *COUNTS, "facts")


def closed_phases() -> QuerySet[Any]:
    """The phases whose round is closed, to leave their pledges out of what is due."""
    return RoundArchive.objects.filter(closes__isnull=False).values("closes")


def places_then(archive: RoundArchive, user: Any) -> list[Place]:
    """Where this person's organizations stood on that date: history stays with the superior of its date. One query.

    An organization founded later has no place in it.
    """
    reaches: dict[int, bool] = {}
    for reach, held in grants(user, VIEW):
        reaches[held.organization_id] = (
            reaches.get(held.organization_id, False) or reach is Reach.OWN_AND_BELOW
        )
    then = RoundFigure.objects.filter(archive=archive, organization__in=reaches)
    found = [
        Place(pk, name, path, reaches[pk])
        for pk, name, path in then.order_by("path").values_list("organization", "name", "path")
    ]
    wide = [place.path for place in found if place.with_below]
    kept = [p for p in found if not any(p.path != path and p.path.startswith(path) for path in wide)]
    return sorted(kept, key=lambda place: (place.path.count("."), place.path))


def place_in(archive: RoundArchive, organization_id: int, places: list[Place]) -> Place | None:
    """The organization as it stood then, when it lay within one of ``places``."""
    figure = RoundFigure.objects.filter(archive=archive, organization=organization_id).first()
    if figure is None or not any(_lies_in(figure.path, place.range) for place in places):
        return None
    wide = any(place.with_below and figure.path.startswith(place.path) for place in places)
    return Place(figure.organization_id, figure.name, figure.path, wide)


def _lies_in(path: str, reach: Range) -> bool:
    return reach.low <= path < reach.high


def row_of(figure: RoundFigure) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in _ROW}


def canonical(value: Any) -> str:
    """JSON that is the same for the same content: keys in order, no blanks, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal_of(row: dict[str, Any]) -> str:
    return hashlib.sha256(canonical(row).encode()).hexdigest()


def as_json(archive: RoundArchive, figures: list[RoundFigure]) -> str:
    """The whole archive as it is handed out; its SHA-256 is the archive's ``digest``."""
    head = {
        "campaign": archive.phase.campaign.code,
        "phase": archive.phase.number,
        "year": archive.year,
        "number": archive.number,
        "version": archive.version,
        "as_of": archive.as_of.isoformat(),
        "unfinished": archive.unfinished,
    }
    rows = [row_of(figure) for figure in sorted(figures, key=lambda figure: figure.order_path)]
    return canonical({"archive": head, "figures": rows})


def digest_of(archive: RoundArchive, figures: list[RoundFigure]) -> str:
    return hashlib.sha256(as_json(archive, figures).encode()).hexdigest()


def recounted(archive: RoundArchive) -> dict[int, dict[str, Any]]:
    """Counted again from the pledges, items and members as they were frozen, in the tree of that date. One query."""
    sql = counting.own_counts(counting.TREE_OF_AN_ARCHIVE, counting.ROSTER_OF_AN_ARCHIVE, with_facts=True)
    asked = {"archive": archive.pk, "phases": [archive.phase_id], "at": archive.closed_at}
    return {row["id"]: row for row in counting.fetch(sql, asked)}


def verify(archive: RoundArchive) -> list[str]:
    """What does not agree any more, each as a sentence that names the row. Empty: the archive stands as it was sealed.

    After a reopening the round has gone on: of that version only the seals are checked.
    """
    figures = list(archive.figures.order_by("order_path"))
    faults = [
        f"{f.name}：封存的这一行被改动过，与它的校验码不符。" for f in figures if f.seal != seal_of(row_of(f))
    ]
    if archive.closes_id is not None:
        again = recounted(archive)
        faults += [
            fault for figure in figures for fault in _differences(figure, again[figure.organization_id])
        ]
    if archive.digest != digest_of(archive, figures):
        faults.append("归档的总校验码不符：有的行被改动、增加或删除过。")
    return faults


def _differences(figure: RoundFigure, again: dict[str, Any]) -> list[str]:
    counts = [
        f"{figure.name}：{label}归档时为 {getattr(figure, name)}，按留存的记录重算为 {again[name]}。"
        for name, label in COUNTS.items()
        if getattr(figure, name) != again[name]
    ]
    if figure.facts != again["facts"]:
        counts.append(f"{figure.name}：归档时的承诺、事项或党员记录被改动过。")
    return counts
