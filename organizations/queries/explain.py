"""「我的权限」: what a person may do at one organization, through which post, and who may do the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from organizations.access import MATRIX, Holding, acting, covers, holdings
from organizations.appointing import MANAGE_DECIDERS
from organizations.models import Organization
from organizations.posts import Post, Reach
from organizations.queries.labels import area_of, label_of


@dataclass(frozen=True, slots=True)
class Allowed:
    label: str
    through: tuple[Holding, ...]
    is_now: bool  # with the post acted from now; another post may be needed


@dataclass(frozen=True, slots=True)
class Refused:
    label: str
    needed: str  # who may: "直接上级的书记"


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    allowed: tuple[Allowed, ...]
    refused: tuple[Refused, ...]


# How a reach reads from the organization's own side.
_SEEN_FROM_BELOW = {
    Reach.OWN: "本组织",
    Reach.NEXT_BELOW: "直接上级",
    Reach.BELOW: "各级上级",
    Reach.OWN_AND_BELOW: "本组织和各级上级",
}

_AT_ROOT = "系统管理员"  # of the deciding posts of the topmost organization


def explain(user: Any, organization: Organization) -> list[Area]:
    """Every permission of the matrix at this organization, in the order of the matrix, by area."""
    now = acting(user)
    areas: dict[str, tuple[list[Allowed], list[Refused]]] = {}
    for permission, posts in MATRIX.items():
        allowed, refused = areas.setdefault(area_of(permission), ([], []))
        through = tuple(h for h in holdings(user) if _grants(posts, h, organization))
        if through:
            is_now = any(h in now for h in through)
            allowed.append(Allowed(label_of(permission), through, is_now))
        else:
            needed = who_may(posts) if permission != MANAGE_DECIDERS or not organization.is_root else _AT_ROOT
            refused.append(Refused(label_of(permission), needed))
    return [Area(name, tuple(allowed), tuple(refused)) for name, (allowed, refused) in areas.items()]


def _grants(posts: dict[Post, Reach], holding: Holding, organization: Organization) -> bool:
    reach = posts.get(holding.post)
    return reach is not None and covers(reach, holding.path, organization.path)


def who_may(posts: dict[Post, Reach]) -> str:
    """{SECRETARY: NEXT_BELOW} -> 直接上级的书记"""
    by_reach: dict[Reach, list[str]] = {}
    for post, reach in posts.items():
        by_reach.setdefault(reach, []).append(Post(post).label)
    return "；".join(f"{_SEEN_FROM_BELOW[reach]}的{'、'.join(names)}" for reach, names in by_reach.items())
