"""What an organization picker offers: a name in the address of the endpoint, a queryset here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef

from organizations.access import MATRIX, within_reach
from organizations.kinds import HAS_SUBORDINATES, HOLDS_MEMBERS
from organizations.models import Organization
from organizations.models.organization import OrganizationQuerySet

Scope = Callable[[Any], OrganizationQuerySet]


def reach(user: Any, permission: str) -> OrganizationQuerySet:
    """Living organizations where the user has the permission."""
    living = Organization.objects.visible_to(user).living()
    return living.filter(within_reach(user, permission, via=""))


def reach_with_dissolved(user: Any, permission: str) -> OrganizationQuerySet:
    """Also those that are no more: their records stay."""
    return Organization.objects.visible_to(user).filter(within_reach(user, permission, via=""))


def tops(user: Any, permission: str) -> OrganizationQuerySet:
    """The topmost organizations where the user has the permission; several for somebody who acts from posts in
    different branches of the tree.
    """
    reached = reach_with_dissolved(user, permission)
    return reached.filter(~Exists(reached.filter(pk=OuterRef("parent_id")))).in_protocol_order()


def superiors(user: Any) -> OrganizationQuerySet:
    """Those below which the user may hang an organization."""
    return reach(user, "organizations.manage_organization").filter(kind__in=HAS_SUBORDINATES)


def rosters(user: Any) -> OrganizationQuerySet:
    """Branches whose roster the user keeps: where a member may be transferred."""
    return reach(user, "organizations.manage_member").filter(kind__in=HOLDS_MEMBERS)


def branches(user: Any) -> OrganizationQuerySet:
    """Any branch: a mobile member may be received anywhere."""
    return Organization.objects.visible_to(user).living().filter(kind__in=HOLDS_MEMBERS)


SCOPES: dict[str, Scope] = {"superiors": superiors, "rosters": rosters, "branches": branches}


def organizations_in(scope: str, user: Any) -> OrganizationQuerySet | None:
    """The organizations a picker with this scope offers; None when there is no such scope."""
    if not scope:
        return Organization.objects.visible_to(user).living()
    if scope in SCOPES:
        return SCOPES[scope](user)
    return reach(user, scope) if scope in MATRIX else None
