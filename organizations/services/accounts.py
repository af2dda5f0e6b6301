"""Accounts of those who hold posts: opened together with a post, disabled, given a new first password."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction

from common.events import record
from organizations.access import may
from organizations.models import Appointment, Organization
from organizations.posts import Post
from organizations.services.posts import MANAGE_POSTS, appoint
from organizations.services.refusals import OrganizationRefused, require

# Without 0/O, 1/l/I: the password is read from paper or by telephone.
_UPPER, _LOWER, _DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789"


def first_password() -> str:
    """Twelve signs of three classes; changed at the first sign-in."""
    signs = [secrets.choice(kind) for kind in (_UPPER, _LOWER, _DIGITS)]
    signs += [secrets.choice(_UPPER + _LOWER + _DIGITS) for _ in range(9)]
    secrets.SystemRandom().shuffle(signs)
    return "".join(signs)


@transaction.atomic
def open_account(
    *,
    username: str,
    name: str,
    post: Post | str,
    organization: Organization,
    on: dt.date,
    replacing: bool = False,
    by: Any,
) -> tuple[Any, str]:
    """A new person with a first post. Returns (user, first password); the password is stored nowhere in clear."""
    require(by, MANAGE_POSTS, organization)
    users = get_user_model().objects
    if users.filter(username__iexact=username).exists():
        raise OrganizationRefused(f"登录名 {username} 已被使用，请换一个；如果是同一位同志，请选“已有账号”。")
    password = first_password()
    user = users.create_user(username, name=name, password=password, must_change_password=True)
    record(
        organization,
        "open_account",
        by=by,
        permission=MANAGE_POSTS,
        after={"user": user.pk, "name": name, "username": username},
    )
    appoint(user=user, post=post, organization=organization, on=on, replacing=replacing, by=by)
    return user, password


def manages_account(by: Any, user: Any) -> bool:
    """Whoever may reset a password may act as that person: every post held, or to begin, must be in reach."""
    if by.pk == user.pk or user.is_staff or user.is_superuser:
        return False
    places = _places(user)
    return bool(places) and all(may(by, MANAGE_POSTS, place) for place in places)


def _places(user: Any) -> list[Organization]:
    """Where the person holds posts or will; for somebody without any, where the last one was."""
    appointments = Appointment.objects.filter(user=user).select_related("organization")
    rows = appointments.still_to_run() or appointments.order_by("-starts_on", "-pk")[:1]
    return [row.organization for row in rows]


def _require_account(by: Any, user: Any) -> Organization:
    if not manages_account(by, user):
        raise PermissionDenied(f"{user}还在您管理范围之外任职，账号请由共同的上级办公室办理。")
    return _places(user)[0]


@transaction.atomic
def reset_password(user: Any, *, by: Any) -> str:
    """Returns the new first password; every open session of the person ends with the old one."""
    place = _require_account(by, user)
    password = first_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    _record(place, "reset_password", user, by)
    return password


@transaction.atomic
def disable_account(user: Any, *, by: Any) -> None:
    """停用: the person can no longer sign in, and no post gives a right; the posts stay on record."""
    place = _require_account(by, user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _record(place, "disable_account", user, by)


@transaction.atomic
def enable_account(user: Any, *, by: Any) -> None:
    place = _require_account(by, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record(place, "enable_account", user, by)


def _record(place: Organization, verb: str, user: Any, by: Any) -> None:
    after = {"user": user.pk, "name": str(user), "username": user.username}
    record(place, verb, by=by, permission=MANAGE_POSTS, after=after)
