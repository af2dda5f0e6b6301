"""Reads around a change of what is public (变更): who has to decide, and what stood there before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from organizations.access import holdings, within_reach
from pledges.differences import Part, parts
from pledges.flow import MEMBER_CHANGE_FLOW, ORGANIZATION_CHANGE_FLOW
from pledges.models import Change, Pledge, Publication
from pledges.queries.duty import Duty

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
    rows = changes_waiting_for(user).with_what_guards_ask().order_by("requested_at", "pk")[:SHOWN]  # type: ignore[attr-defined]
    return [
        Duty(
            label="变更待批准",
            tone="warn",
            title=f"{change}：申请变更公开的内容",
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


def current_of(publication: Publication) -> Publication | None:
    """What stands in the place of a version that was replaced."""
    later = Publication.objects.standing().filter(
        pledge=publication.pledge_id, scope=publication.scope, replaced_at=None
    )
    return later.defer("body", "tokens").first()


def version_after(publication: Publication) -> Publication | None:
    """The version that came next."""
    later = Publication.objects.standing().filter(pledge=publication.pledge_id, scope=publication.scope)
    return later.filter(version=publication.version + 1).defer("body", "tokens").first()


def changes_of(pledge: Pledge) -> list[Change]:
    """What was asked of this pledge, the newest first."""
    return list(pledge.changes.select_related("requested_by").order_by("-pk")[:SHOWN])
