"""Accounts of those who hold posts: opened together with a post, disabled, given a new first password."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.services import end_sessions
from common.events import record
from organizations.access import may
from organizations.appointing import MANAGE_POSTS, is_administrator, may_fill, permission_for, who_fills
from organizations.models import Appointment, Organization
from organizations.posts import DECIDING, Post
from organizations.services.posts import appoint
from organizations.services.refusals import OrganizationRefused, require_to_fill

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
    require_to_fill(by, post, organization)
    users = get_user_model().objects
    if users.filter(username__iexact=username).exists():
        raise OrganizationRefused(f"登录名 {username} 已被使用，请换一个；如果是同一位同志，请选“已有账号”。")
    password = first_password()
    user = users.create_user(username, name=name, password=password, must_change_password=True)
    record(
        organization,
        "open_account",
        by=by,
        permission=permission_for(post),
        after={"user": user.pk, "name": name, "username": username},
    )
    appoint(user=user, post=post, organization=organization, on=on, replacing=replacing, by=by)
    return user, password


def manages_account(by: Any, user: Any) -> bool:
    """Whoever may reset a password may act as that person: every post held, or to begin, must be theirs to fill."""
    return account_refusal(by, user) is None


def account_refusal(by: Any, user: Any) -> str | None:
    """Why not, and who does it instead. What is held out of reach is not told."""
    if by.pk == user.pk:
        return "自己的账号不能自己重置或停用；密码在“修改密码”里改，忘记了由别的同志办理。"
    if user.is_staff or user.is_superuser:
        return f"{user}是系统管理员，账号在服务器上管理。"
    held = _appointments(user)
    if is_administrator(by) and any(row.organization.is_root for row in held):
        return None  # nobody is above the root, whatever else its people hold
    beyond = [row for row in held if not may_fill(by, row.post, row.organization)]
    for row in beyond:
        if row.post in DECIDING and may(by, MANAGE_POSTS, row.organization):
            return who_fills(row.organization)
    if beyond or not held:
        return f"{user}还在您管理范围之外任职，账号请由共同的上级办公室办理。"
    return None


def _appointments(user: Any) -> list[Appointment]:
    """The posts the person holds or will; for somebody without any, the last one."""
    appointments = Appointment.objects.filter(user=user).select_related("organization")
    return list(appointments.still_to_run() or appointments.order_by("-starts_on", "-pk")[:1])


def _require_account(by: Any, user: Any) -> tuple[Organization, str]:
    """Where it is put on record, and by which right it was done."""
    if why := account_refusal(by, user):
        raise PermissionDenied(why)
    first = _appointments(user)[0]
    return first.organization, permission_for(first.post)


@transaction.atomic
def reset_password(user: Any, *, by: Any) -> str:
    """Returns the new first password; every open session of the person ends, and a notice says who did it."""
    place, permission = _require_account(by, user)
    password = first_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    end_sessions(user)
    _record(place, "reset_password", user, by, permission)
    return password


@transaction.atomic
def disable_account(user: Any, *, by: Any) -> None:
    """停用: the person can no longer sign in, and no post gives a right; the posts stay on record."""
    place, permission = _require_account(by, user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _record(place, "disable_account", user, by, permission)


@transaction.atomic
def enable_account(user: Any, *, by: Any) -> None:
    place, permission = _require_account(by, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record(place, "enable_account", user, by, permission)


def _record(place: Organization, verb: str, user: Any, by: Any, permission: str) -> None:
    after = {"user": user.pk, "name": str(user), "username": user.username}
    record(place, verb, by=by, permission=permission, after=after)
