"""变更 of what is public in the running phase: two approved, both versions to be read, and one to be decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

from campaigns.models import Phase
from chuangxian.demo.clock import moment
from chuangxian.demo.keeping_phrases import CHANGE_REASONS
from chuangxian.demo.moves import Move
from chuangxian.demo.people import Cast
from pledges import services, texts
from pledges.models import Change, Publication
from pledges.models.publication import PublicationQuerySet

OPEN_AT = "中共吴江市财政局农税管理处支部委员会"


def change_moves(phase: Phase, cast: Cast, today: dt.date) -> list[Move]:
    """The two organizations that published first changed their text since; ``OPEN_AT`` asked two days ago."""
    found: list[Move] = []
    for reason, publication in zip(CHANGE_REASONS[:2], to_be_replaced(phase), strict=True):
        asking = Asking(publication, reason, cast)
        found.append(Move(moment(today - dt.timedelta(days=6), 9, 40), asking.request))
        found.append(Move(moment(today - dt.timedelta(days=4), 15, 10), asking.approve))
    waiting = _public(phase).filter(organization__name=OPEN_AT).order_by("pk").first()
    if waiting is None:
        raise LookupError(f"nothing is public of {OPEN_AT}")
    asking = Asking(waiting, CHANGE_REASONS[2], cast)
    return [*found, Move(moment(today - dt.timedelta(days=2), 10, 20), asking.request)]


def to_be_replaced(phase: Phase) -> list[Publication]:
    """The first texts of those whose change is approved: taken down then, nobody can write of them any more."""
    return list(_public(phase).exclude(organization__name=OPEN_AT).order_by("published_at", "pk")[:2])


def _public(phase: Phase) -> PublicationQuerySet:
    public = Publication.objects.published().of_organizations().filter(phase=phase)
    return public.select_related("organization")


class Asking:
    """One request and what became of it."""

    def __init__(self, publication: Publication, reason: str, cast: Cast) -> None:
        self.publication, self.reason, self.cast = publication, reason, cast
        self.change: Change

    def request(self) -> None:
        pledge: Any = self.publication.pledge
        text = texts.text_of(pledge)
        first = text["items"][0]
        day = dt.date.fromisoformat(first["due_on"]).replace(day=1) + dt.timedelta(days=62)
        first["due_on"] = (day.replace(day=1) - dt.timedelta(days=1)).isoformat()  # the end of the next month
        own = self.cast.secretary[self.publication.organization_id]
        self.change = services.request_change(self.publication, text, by=own, reason=self.reason)

    def approve(self) -> None:
        services.approve_change(self.change, by=self.cast.director)
