"""The one place that knows how permission follows the affiliation chain (隶属关系).

``may(user, perm, organization)`` answers one yes/no question; ``within_reach(user, perm)`` answers
the same question for a whole table. Both read the same two inputs: the posts a person holds
(loaded once per request) and the matrix. Measured in measurements.md 2: literal ranges from cached
anchors, never a correlated subquery, never a join of anchors.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from organizations.posts import Post, Reach

if TYPE_CHECKING:
    from organizations.models import Organization

# (permission -> post -> reach), chuangxian.matrix; every post not named has no such right.
MATRIX: Any = SimpleLazyObject(lambda: import_string(settings.PERMISSION_MATRIX))
# what a person may do with what is their own (本人), post or no post
ONES_OWN: Any = SimpleLazyObject(lambda: import_string(settings.PERMISSIONS_OF_ONES_OWN))
# No predicate in SQL, and yet not the empty Q: "everything | something" stays everything, where Q() would give way.
EVERYTHING = ~Q(pk__in=[])


def path_end(path: str) -> str:
    """The first path after the whole subtree of ``path``: "/" follows "." in collation "C"."""
    return path[:-1] + "/"


def within(path: str, *, via: str = "") -> Q:
    """Filter: the organization at ``path`` and everything below it. A range, never ``startswith``."""
    return Q(**{f"{via}path__gte": path, f"{via}path__lt": path_end(path)})


@dataclass(frozen=True, slots=True)
class Holding:
    """One post a person holds today."""

    post: Post
    organization_id: int
    path: str
    organization_name: str

    @property
    def key(self) -> str:
        return f"{self.post.value}@{self.organization_id}"

    def __str__(self) -> str:
        return f"{self.organization_name} {self.post.label}"


def holdings(user: Any) -> list[Holding]:
    """All posts held today, whichever is acted from; one query, cached on the user object."""
    if user.is_anonymous or not user.is_active:
        return []
    if not hasattr(user, "_holdings"):
        today = timezone.localdate()
        rows = (
            user.organizationuserpost_set.filter(_in_force(today))
            .order_by("content_object__order_path", "permission_id")
            .values_list(
                "permission__codename",
                "content_object_id",
                "content_object__path",
                "content_object__name",
            )
        )
        user._holdings = [Holding(Post(code.removeprefix("act_as_")), *rest) for code, *rest in rows]
    return user._holdings


def _in_force(day: dt.date) -> Q:
    return Q(valid_until=None) | Q(valid_until__gte=day)


def acting(user: Any) -> list[Holding]:
    """The posts acted from now: all of them, or the one chosen in the header (set by middleware)."""
    chosen = getattr(user, "acting_key", "")
    held = holdings(user)
    return [h for h in held if h.key == chosen] or held


def holds_any_post_at(user: Any, organization: Organization) -> bool:
    """Does the person hold any post exactly there, acted from or not? Separation of duties asks this."""
    return any(h.organization_id == organization.pk for h in holdings(user))


def grants(user: Any, perm: str) -> list[tuple[Reach, Holding]]:
    """The posts acted from that give ``perm``, each with how far it carries."""
    allowed = MATRIX.get(perm, {})
    return [(allowed[h.post], h) for h in acting(user) if h.post in allowed]


def may(user: Any, perm: str, organization: Organization) -> bool:
    return granting(user, perm, organization) is not None


def granting(user: Any, perm: str, organization: Organization) -> Holding | None:
    """The post through which ``user`` may do ``perm`` there, or None."""
    return next((h for reach, h in grants(user, perm) if covers(reach, h.path, organization.path)), None)


def is_ones_own(user: Any, perm: str, obj: Any) -> bool:
    """May ``user`` because the object is their own? Objects say whose they are by ``person_id``."""
    return perm in ONES_OWN and user.pk is not None and getattr(obj, "person_id", None) == user.pk


def may_anywhere(user: Any, perm: str) -> bool:
    """Is there any organization where the user may? For menus; never instead of ``may``."""
    return bool(grants(user, perm))


def acted_as(user: Any, perm: str, subject: Any) -> str:
    """For the audit: the post acted from, as it is called today."""
    organization = getattr(subject, "organization", None)
    if is_ones_own(user, perm, subject):
        return "本人"
    holding = granting(user, perm, organization) if perm and organization is not None else None
    if holding is None:
        held = acting(user)
        holding = held[0] if len(held) == 1 else None
    return str(holding) if holding else ""


def within_reach(user: Any, perm: str, *, via: str = "organization__") -> Q:
    """A filter for "objects of organizations where ``user`` has ``perm``". Literal ranges."""
    granted = grants(user, perm)
    anchors = topmost([h.path for reach, h in granted if reach is Reach.OWN_AND_BELOW])
    if any(path.count(".") == 1 for path in anchors):
        return EVERYTHING  # an anchor at the root sees everything: no predicate at all
    reachable = Q(pk__in=[])
    for path in anchors:
        reachable |= within(path, via=via)
    for reach, holding in granted:
        if reach is not Reach.OWN_AND_BELOW:
            reachable |= _as_filter(reach, holding, via)
    return reachable


def topmost(paths: list[str]) -> list[str]:
    """Drop every path that lies below another one."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def covers(reach: Reach, holder: str, target: str) -> bool:
    match reach:
        case Reach.OWN:
            return target == holder
        case Reach.NEXT_BELOW:
            return target.startswith(holder) and target.count(".") == holder.count(".") + 1
        case Reach.BELOW:
            return target != holder and target.startswith(holder)
        case Reach.OWN_AND_BELOW:
            return target.startswith(holder)


def holders_of(perm: str, organization: Organization) -> list[tuple[int, Holding]]:
    """The same question from the other side: who may do ``perm`` there today, through which post. One query."""
    above = organization.ancestor_ids
    where = {
        Reach.OWN: [organization.pk],
        Reach.NEXT_BELOW: above[-1:],
        Reach.BELOW: above,
        Reach.OWN_AND_BELOW: [*above, organization.pk],
    }
    wanted = Q(pk__in=[])
    for post, reach in MATRIX.get(perm, {}).items():
        wanted |= Q(permission__codename=f"act_as_{post}", content_object__in=where[reach])
    rows = (
        apps.get_model("organizations.OrganizationUserPost")
        .objects.filter(wanted, _in_force(timezone.localdate()), user__is_active=True)
        .order_by("-content_object__path", "permission_id", "user_id")
        .values_list(
            "user_id",
            "permission__codename",
            "content_object_id",
            "content_object__path",
            "content_object__name",
        )
    )
    return [
        (pk, Holding(Post(code.removeprefix("act_as_")), at, path, name)) for pk, code, at, path, name in rows
    ]


# Every arm speaks of the organization's own columns: PostgreSQL then turns an OR of several posts
# into one restriction on that table and starts from its index.
def _as_filter(reach: Reach, holding: Holding, via: str) -> Q:
    match reach:
        case Reach.OWN:
            return Q(**{f"{via}path": holding.path})
        case Reach.NEXT_BELOW:
            return Q(**{f"{via}parent": holding.organization_id})
        case Reach.BELOW:
            return Q(**{f"{via}path__gt": holding.path, f"{via}path__lt": path_end(holding.path)})
        case Reach.OWN_AND_BELOW:
            return within(holding.path, via=via)


class AffiliationBackend:
    """Lets ``user.has_perm("pledges.approve_pledge", pledge)`` mean what it says."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def has_perm(self, user: Any, perm: str, obj: Any = None) -> bool:
        if obj is None or not user.is_active or user.is_anonymous:
            return False
        return is_ones_own(user, perm, obj) or may(user, perm, obj.organization)
