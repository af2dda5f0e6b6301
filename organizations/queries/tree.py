"""What a tree browser and an organization's page show: children with counts, chains, numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from organizations.access import holdings
from organizations.models import Appointment, Member, Organization
from organizations.models.organization import OrganizationQuerySet


def with_child_count(organizations: OrganizationQuerySet) -> OrganizationQuerySet:
    """Each row knows how many living subordinates hang directly below it (``below``); one query."""
    children = (
        Organization.objects.living()
        .filter(parent=OuterRef("pk"))
        .order_by()
        .values("parent")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return organizations.annotate(below=Coalesce(Subquery(children), 0))


def children_of(organization: Organization) -> OrganizationQuerySet:
    return with_child_count(organization.children.living()).order_by("order_path")


def chain_of(organization: Organization) -> list[Organization]:
    """The superiors today, from the root down to the direct one; one query."""
    return list(Organization.objects.filter(pk__in=organization.ancestor_ids).order_by("path"))


def knows_posts(user: Any, organization: Organization) -> bool:
    """Who holds which post is known along the chain: at one's own organization, above it and below it."""
    return any(
        organization.path.startswith(held.path) or held.path.startswith(organization.path)
        for held in holdings(user)
    )


@dataclass(frozen=True, slots=True)
class Numbers:
    """Members of the organization and everything below it. Each figure stands beside its denominator."""

    members: int
    full: int
    probationary: int
    serving: int
    retired: int
    mobile: int


def numbers_under(organization: Organization) -> Numbers:
    found = (
        Member.objects.current()
        .filter(organization__in=Organization.objects.under(organization))
        .aggregate(
            members=Count("pk"),
            probationary=Count("pk", filter=Q(standing=Member.Standing.PROBATIONARY)),
            retired=Count("pk", filter=Q(service=Member.Service.RETIRED)),
            mobile=Count("pk", filter=Q(is_mobile=True)),
        )
    )
    full = found["members"] - found["probationary"]
    return Numbers(full=full, serving=found["members"] - found["retired"], **found)


def posts_in_force(organization: Organization) -> list[Appointment]:
    """Who holds which post now, and those to begin; in the order of the posts."""
    return list(organization.appointments.still_to_run().select_related("user").in_order())


def posts_over(organization: Organization) -> list[Appointment]:
    """Who held them before, the latest first."""
    return list(organization.appointments.over().select_related("user").order_by("-ends_on", "-pk"))


def two_levels(living: OrganizationQuerySet) -> list[tuple[Organization, list[Organization]]]:
    """The root's subordinates, each with its own, every one with the count of what is below. One query."""
    rows = with_child_count(living.filter(Q(parent__parent=None) | Q(parent__parent__parent=None)))
    below: dict[int, list[Organization]] = {}
    first = []
    for row in rows.exclude(parent=None).order_by("order_path"):
        if row.depth == 2:
            first.append(row)
        else:
            below.setdefault(row.parent_id or 0, []).append(row)
    return [(row, below.get(row.pk, [])) for row in first]
