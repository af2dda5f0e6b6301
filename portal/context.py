"""The context processor of the frame: navigation, unread notices, the post acted from.

Everything about a person is lazy. public_base.html touches none of it, so that a public page reads
neither session nor cookie and is the same for everyone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict  # noqa: TID251 -- a context processor is given the request
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from notifications import queries as notices
from organizations import access
from portal import navigation


@dataclass(frozen=True, slots=True)
class PostChoice:
    value: str
    label: str
    place: str
    current: bool


@dataclass(frozen=True, slots=True)
class Acting:
    """The post (职务) a person acts from now, and those to switch to. "" stands for all of them."""

    label: str
    place: str
    posts: list[PostChoice]
    url: str
    field: str = "post"


def acting(request: HttpRequest) -> Acting:
    held = access.holdings(request.user)
    now = access.acting(request.user)
    chosen = now[0] if len(now) == 1 else None
    label, place = (chosen.post.label, chosen.organization_name) if chosen else ("", "")
    if not chosen and held:
        label, place = "全部职务", f"{len(held)} 个职务一并行使"
    every = [PostChoice("", "全部职务", "看到并办理各职务的全部事项", chosen is None)]
    posts = every + [PostChoice(h.key, h.post.label, h.organization_name, h is chosen) for h in held]
    return Acting(label, place, posts if len(held) > 1 else [], navigation.url_of("organizations:act_as"))


@dataclass(frozen=True, slots=True)
class NavGroup:
    label: str
    links: list[navigation.Link]


def nav(request: HttpRequest) -> list[NavGroup]:
    groups = [NavGroup(g.label, navigation.links(g.entries, request)) for g in navigation.DESK]
    return [group for group in groups if group.links]


def _size_url(request: HttpRequest) -> str:
    to = "" if _size(request) == "lg" else "lg"
    return f"{reverse('portal:size')}?{urlencode({'to': to, 'next': request.get_full_path()})}"


def _size(request: HttpRequest) -> str:
    return "lg" if request.COOKIES.get("size") == "lg" else ""


def _public_size_url(request: HttpRequest | None) -> str:
    """The same page in the other size: filters and the place in a list stay."""
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    if query.pop("size", None) != ["lg"]:
        query["size"] = "lg"
    return f"?{query.urlencode()}"


def public_frame(request: HttpRequest | None) -> dict[str, Any]:
    """What public pages stand in. Depends on the address alone; without a request (500) on nothing."""
    size = "lg" if request is not None and request.GET.get("size") == "lg" else ""
    carry = "?size=lg" if size else ""
    entries = navigation.links(navigation.PUBLIC, request)
    return {
        "site": settings.SITE,
        "demo": settings.DEMO,
        "public_size": size,
        "public_size_url": _public_size_url(request),
        "carry": carry,
        "public_home": reverse("portal:home") + carry,
        "public_nav": [navigation.carrying(link, carry) for link in entries],
        "public_search": navigation.url_of("pledges:public_list"),
        "public_members": navigation.url_of("pledges:public_members"),
        "public_plans": navigation.url_of("pledges:public_plans"),
        "login_url": navigation.url_of(settings.LOGIN_URL),
    }


def frame(request: HttpRequest) -> dict[str, Any]:
    """As `frame.*` for the base templates, which a view's own names ("tabs", "site") must not disturb,
    and as plain names for the pages.
    """
    values = _frame(request)
    return {**values, "frame": values}


def _frame(request: HttpRequest) -> dict[str, Any]:
    def lazy(compute: Callable[[HttpRequest], Any]) -> SimpleLazyObject:
        return SimpleLazyObject(lambda: compute(request))

    groups = lazy(nav)
    return {
        **public_frame(request),
        "desk_url": reverse("portal:desk"),
        "rounds_url": navigation.url_of("pledges:rounds"),
        "nav": groups,
        "tabs": SimpleLazyObject(lambda: navigation.tabs([link for g in groups for link in g.links])),
        "person_links": lazy(lambda r: navigation.links(navigation.PERSON, r)),
        "person_name": lazy(lambda r: str(r.user)),
        "acting": lazy(acting),
        "unread": lazy(lambda r: notices.unread_count(r.user) if r.user.is_authenticated else 0),
        "notices_url": navigation.url_of("notifications:index"),
        "logout_url": navigation.url_of("account_logout"),
        "size": lazy(_size),
        "size_url": lazy(_size_url),
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
    }
