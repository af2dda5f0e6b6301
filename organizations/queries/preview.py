"""What a change would do, before anybody confirms it (reliability.md Z7: who gains and who loses access)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from organizations.access import MATRIX, covers, path_end
from organizations.models import Appointment, Member, Organization, OrganizationUserPost
from organizations.posts import Post
from organizations.queries.labels import label_of

Rights = set[tuple[str, str]]  # (permission, depth below the moved organization)


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One post of one person: the permissions over the moved organizations that come or go with it."""

    person: str
    post: str
    place: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AffiliationPreview:
    organization: Organization
    superior: Organization
    gains: tuple[AccessChange, ...]
    loses: tuple[AccessChange, ...]
    organizations: int
    members: int

    @property
    def seen(self) -> str:
        """A mark of what was shown; a confirmation of anything else is asked for again."""
        return _mark(
            self.organization.path,
            self.superior.path,
            self.gains,
            self.loses,
            self.organizations,
            self.members,
        )


def preview_affiliation(organization: Organization, superior: Organization) -> AffiliationPreview:
    """Who gains and who loses access over the whole subtree if it moved below ``superior`` now.

    Only posts above the moved organization change what they reach, and they reach each depth of the
    subtree alike; so one organization of each depth is compared: the top, one below, one deeper.
    A right somebody keeps through another post is not lost, one held already is not gained.
    """
    tails = _depths_of(organization)
    new_path = f"{superior.path}{organization.pk}."
    # those at the organization itself move along: what they hold there is theirs before and after
    holding = {*organization.ancestor_ids, *superior.ancestor_ids, superior.pk, organization.pk}
    before: dict[int, Rights] = defaultdict(set)
    after: dict[int, Rights] = defaultdict(set)
    held = []
    for row in _holders(holding):
        post = Post(row.permission.codename.removeprefix("act_as_"))
        place = row.content_object
        then = _reached(post, place.path, organization.path, tails)
        now = then if place.pk == organization.pk else _reached(post, place.path, new_path, tails)
        before[row.user_id] |= then
        after[row.user_id] |= now
        held.append((row.user, post, place, then, now))
    gains: list[AccessChange] = []
    loses: list[AccessChange] = []
    for user, post, place, then, now in held:
        _note(gains, user, post, place, now - before[user.pk])
        _note(loses, user, post, place, then - after[user.pk])
    return AffiliationPreview(
        organization,
        superior,
        tuple(gains),
        tuple(loses),
        _living_under(organization),
        _members(organization),
    )


def _holders(organization_ids: set[int]) -> Any:
    today = timezone.localdate()
    return (
        OrganizationUserPost.objects.filter(content_object__in=organization_ids, user__is_active=True)
        .exclude(valid_until__lt=today)
        .select_related("user", "permission", "content_object")
        .order_by("content_object__order_path", "permission_id", "user__name", "pk")
    )


def _depths_of(organization: Organization) -> list[str]:
    """What to append to the top's path to stand for each depth there is; below the second all are alike."""
    paths = Organization.objects.under(organization).values_list("path", flat=True)
    deepest = max(path.count(".") for path in paths) - organization.depth
    return ["0." * depth for depth in range(min(deepest, 2) + 1)]


def _reached(post: Post, holder: str, top: str, tails: list[str]) -> Rights:
    return {
        (perm, tail)
        for perm, posts in MATRIX.items()
        if post in posts
        for tail in tails
        if covers(posts[post], holder, f"{top}{tail}")
    }


def _note(changes: list[AccessChange], user: Any, post: Post, place: Organization, rights: Rights) -> None:
    if rights:
        perms = {perm for perm, _ in rights}
        labels = tuple(label_of(perm) for perm in MATRIX if perm in perms)
        changes.append(AccessChange(str(user), post.label, place.name, labels))


@dataclass(frozen=True, slots=True)
class EndingPreview:
    """What a merger or a dissolution would move and end."""

    organization: Organization
    into: Organization | None
    members: int
    subordinates: int
    posts: tuple[Appointment, ...]

    @property
    def seen(self) -> str:
        into = self.into.path if self.into else ""
        posts = [post.pk for post in self.posts]
        return _mark(self.organization.path, into, self.members, self.subordinates, posts)


def preview_merger(organization: Organization, into: Organization) -> EndingPreview:
    return _ending(organization, into)


def preview_dissolution(organization: Organization) -> EndingPreview:
    return _ending(organization, None)


def _ending(organization: Organization, into: Organization | None) -> EndingPreview:
    posts = organization.appointments.still_to_run().select_related("user").in_order()
    return EndingPreview(
        organization,
        into,
        organization.members.current().count(),
        organization.children.living().count(),
        tuple(posts),
    )


def _living_under(organization: Organization) -> int:
    return Organization.objects.under(organization).living().count()


def _members(organization: Organization) -> int:
    path = organization.path
    below = {"organization__path__gte": path, "organization__path__lt": path_end(path)}
    return Member.objects.current().filter(**below).count()


def _mark(*seen: Any) -> str:
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
