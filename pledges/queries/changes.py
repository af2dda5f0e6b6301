"""Reads around a change of what is public (变更): who has to decide, and what stood there before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from campaigns.duties import LINES, Duty
from organizations.access import Holding, holders_of, holdings, within_reach
from pledges.differences import Part, parts
from pledges.flow import MEMBER_CHANGE_FLOW, ORGANIZATION_CHANGE_FLOW, PledgeState
from pledges.models import LIVE, Change, Pledge, Publication

SHOWN = 30
_PLACE = "pledge__organization__"


def changes_waiting_for(user: Any) -> QuerySet[Change]:
    """Requests this person may decide: the guards' rules as a filter."""
    own = {h.organization_id for h in holdings(user)}
    of_organizations = Q(pledge__member=None) & within_reach(
        user, ORGANIZATION_CHANGE_FLOW["approve"].permission, via=_PLACE
    )
    of_organizations &= ~Q(pledge__hands__contains=[user.pk]) & ~Q(pledge__organization__in=own)
    of_members = Q(pledge__member__isnull=False) & within_reach(
        user, MEMBER_CHANGE_FLOW["approve"].permission, via=_PLACE
    )
    of_members &= Q(pledge__member__user=None) | ~Q(pledge__member__user=user)
    return Change.objects.open().filter(of_organizations | of_members).exclude(requested_by=user)


def change_duties(user: Any, day: dt.date) -> list[Duty]:
    """For the desk: each request a line, the oldest first. One query."""
    rows = changes_waiting_for(user).with_what_guards_ask().order_by("requested_at", "pk")[: LINES + 1]  # type: ignore[attr-defined]
    return [
        Duty(
            label="变更待批准",
            tone="warn",
            title=f"变更申请：{change}",
            organization=change.organization,
            permission=change.flow["approve"].permission,
            url=change.get_absolute_url(),
            since=change.requested_at,
            note=f"理由：{change.reason[:60]}",
        )
        for change in rows
    ]


@dataclass(frozen=True, slots=True)
class Version:
    """One text that was public before, and what stood in its place."""

    publication: Publication
    next: Publication

    @property
    def parts(self) -> list[Part]:
        return parts(self.publication.text, self.next.text)


def versions_before(publication: Publication) -> list[Version]:
    """变更记录: the versions of the same publication before this one, the latest first. One query, none for the first."""
    if publication.version == 1:
        return []
    chain = Publication.objects.standing().filter(
        pledge=publication.pledge_id, scope=publication.scope, version__lt=publication.version
    )
    rows = list(chain.order_by("-version").defer("body", "tokens"))
    return [Version(old, new) for old, new in zip(rows, [publication, *rows], strict=False)]


def versions_after(publication: Publication) -> list[Publication]:
    """What replaced it: the next version first, the one in force last. One query."""
    chain = Publication.objects.standing().filter(
        pledge=publication.pledge_id, scope=publication.scope, version__gt=publication.version
    )
    return list(chain.order_by("version").defer("body", "tokens"))


NOT_PUBLIC = "这份承诺已经不在公开页面上，不能变更。"


def why_not_asked(pledge: Pledge, publication: Publication | None) -> str:
    """What of the moment stands against asking for a change of ``publication``, in a sentence; empty when nothing."""
    if pledge.state != PledgeState.PUBLISHED or publication is None:
        return NOT_PUBLIC
    if not Publication.objects.filter(LIVE, pk=publication.pk).exists():
        return "您打开之后，公开的内容已经变更过，请看过新的内容再申请。"
    if pledge.changes.open().exists():
        return "这份承诺已有一份变更申请在等待批准；要改申请，先收回那一份。"
    return ""


def deciders(change: Change) -> list[Holding]:
    """The posts that may decide. One query."""
    barred = {change.requested_by_id, change.person_id}
    if change.pledge.member_id is None:
        barred |= set(change.pledge.hands)
    found = holders_of(change.flow["approve"].permission, change.organization)
    return list(dict.fromkeys(holding for pk, holding in found if pk not in barred))


def changes_of(pledge: Pledge) -> list[Change]:
    """What was asked of this pledge, the newest first."""
    return list(pledge.changes.select_related("requested_by").order_by("-pk")[:SHOWN])
