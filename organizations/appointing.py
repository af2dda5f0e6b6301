"""Who gives and takes a post (任职, 免职), and with it has the account of whoever holds it in hand.

Whoever resets a password may sign in with it. The posts that decide (``DECIDING``) are therefore never in the
hands of somebody at the same organization: the office of an organization above has them, and at the root, which
has nothing above, the system administrator (系统管理员), who holds no post. On the person and not on the post, as
every separation of duties here: the office above who also holds a post below leaves that place to a colleague.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from organizations.access import holders_of, holdings, holds_any_post_at, may, within_reach
from organizations.posts import DECIDING, Post

if TYPE_CHECKING:
    from organizations.models import Organization

MANAGE_POSTS = "organizations.manage_posts"
MANAGE_DECIDERS = "organizations.manage_deciders"
DECIDERS = "书记、领导小组办公室主任、领导小组组长和纪检委员"


def is_administrator(user: Any) -> bool:
    """The system administrator has no part in the work; one who was given a post is none here."""
    return bool(user.is_active and user.is_staff and not holdings(user))


def permission_for(post: Post | str) -> str:
    return MANAGE_DECIDERS if post in DECIDING else MANAGE_POSTS


def may_fill(user: Any, post: Post | str, organization: Organization) -> bool:
    """May ``user`` give and take this post there, and manage the account of its holder?"""
    if organization.is_root and is_administrator(user):
        return True
    if not may(user, permission_for(post), organization):
        return False
    return post not in DECIDING or not holds_any_post_at(user, organization)


def fillable(user: Any, organization: Organization) -> list[Post]:
    return [post for post in Post if may_fill(user, post, organization)]


def in_hand(user: Any) -> Q:
    """A filter for the appointments that ``user`` may look up; ``may_fill`` decides what may be done with each."""
    return Q(organization__parent=None) if is_administrator(user) else within_reach(user, MANAGE_POSTS)


def who_fills(organization: Organization) -> str:
    """The sentence for whoever may not: who gives the deciding posts there, the nearest office by its name."""
    if organization.is_root:
        return f"“{organization.name}”是最上级党组织，{DECIDERS}的任免和账号由系统管理员办理。"
    holders = holders_of(MANAGE_DECIDERS, organization)
    named = f"（最近的是{holders[0][1]}）" if holders else ""
    return f"“{organization.name}”的{DECIDERS}，任免和账号由上级党组织的领导小组办公室办理{named}。"
