from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from organizations.access import may
from organizations.appointing import may_fill, who_fills
from organizations.models import Organization
from organizations.posts import DECIDING, Post

MANAGE = "organizations.manage_organization"


class OrganizationRefused(Exception):
    """The change would break the tree, the roster or their history; the message is a sentence for the person."""


def require(by: Any, permission: str, organization: Organization) -> None:
    """Seen but not allowed: 403. ``by=None`` is the machine itself (commands, the clock)."""
    if by is not None and not may(by, permission, organization):
        raise PermissionDenied(f"您的职务不能在“{organization.name}”办理这件事。")


def require_to_fill(by: Any, post: Post | str, organization: Organization) -> None:
    """The same for giving and taking a post; who gives the deciding ones is said."""
    if by is None or may_fill(by, post, organization):
        return
    if post in DECIDING:
        raise PermissionDenied(who_fills(organization))
    raise PermissionDenied(f"您的职务不能在“{organization.name}”任职和免职。")


def require_superior(by: Any, organization: Organization) -> None:
    """Where an organization hangs, and whether it exists, is for its superior to decide, not for itself."""
    if organization.parent is None:
        raise OrganizationRefused(f"“{organization.name}”是最上级党组织，不能移动、合并或撤销。")
    require(by, MANAGE, organization.parent)
