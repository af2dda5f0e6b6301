"""The verbs of posts (任职): appoint, relieve, and the clock that lets them begin and end on their day.

A guardian row stands for "holds this post there today"; ``_sync`` makes it say what the dated
appointments say, whatever happened before. It is the only writer of those rows.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from common.events import record
from common.templatetags.cn import cn_date
from organizations.appointing import permission_for
from organizations.models import Appointment, Organization, OrganizationUserPost
from organizations.posts import CODENAME, SINGLE_HOLDER, Post
from organizations.services.refusals import OrganizationRefused, require_to_fill

ONE_DAY = dt.timedelta(days=1)


class PredecessorInPost(OrganizationRefused):
    """The post has one holder at a time; asking again with ``replacing=True`` ends the predecessor's."""


@transaction.atomic
def appoint(
    *,
    user: Any,
    post: Post | str,
    organization: Organization,
    on: dt.date | None = None,
    until: dt.date | None = None,
    replacing: bool = False,
    by: Any = None,
) -> Appointment:
    """任职 from ``on`` (today by default) until ``until``, both included. The right follows at once when due.

    Raises PredecessorInPost when a single-holder post is taken; with ``replacing`` the predecessor's
    last day is the day before.
    """
    post, on = Post(post), on or timezone.localdate()
    organization = _locked(organization)
    require_to_fill(by, post, organization)
    _may_be_appointed(user, organization, on, until, by)
    _not_held_already(user, post, organization, on, until)
    if post in SINGLE_HOLDER:
        _succeed(post, organization, on, until, replacing, by)
    appointment = Appointment.objects.create(
        user=user, post=post, organization=organization, starts_on=on, ends_on=until, appointed_by=by
    )
    _sync(user, organization, post)
    after = _described(appointment) | {"on": on, "until": until}
    record(organization, "appoint", by=by, permission=permission_for(post), after=after)
    return appointment


@transaction.atomic
def relieve(appointment: Appointment, *, on: dt.date | None = None, by: Any = None) -> Appointment:
    """免职: ``on`` is the last day held; without it the post ends now. The right goes in the same transaction."""
    organization = _locked(appointment.organization)
    appointment = (
        Appointment.objects.select_for_update(of=("self",)).select_related("user").get(pk=appointment.pk)
    )
    require_to_fill(by, appointment.post, organization)
    today = timezone.localdate()
    if appointment.ends_on is not None and appointment.ends_on < today:
        raise OrganizationRefused(f"{appointment.user}的{appointment.get_post_display()}已经免去。")
    if on is not None and on < appointment.starts_on - ONE_DAY:
        raise OrganizationRefused(f"免职日期不能早于任职日期{cn_date(appointment.starts_on)}。")
    if on is not None and appointment.ends_on is not None and on > appointment.ends_on:
        raise OrganizationRefused(f"任期本来到{cn_date(appointment.ends_on)}为止，免职日期不能更晚。")
    before = {"until": appointment.ends_on}
    _end(appointment, on or today - ONE_DAY)
    after = _described(appointment) | {"until": appointment.ends_on}
    permission = permission_for(appointment.post)
    record(organization, "relieve", by=by, permission=permission, before=before, after=after)
    return appointment


def end_posts_at(appointments: list[Appointment], on: dt.date) -> int:
    """The organization is gone from ``on``: its posts were held until the day before."""
    for appointment in appointments:
        _end(appointment, on - ONE_DAY)
    return len(appointments)


def apply_appointments(today: dt.date | None = None) -> int:
    """Begin what is due on or before today, end what is over; returns how many rights changed. Idempotent."""
    today = today or timezone.localdate()
    in_force = {
        (user, organization, post)
        for user, organization, post in Appointment.objects.in_force(today)
        .filter(organization__dissolved_on=None)
        .values_list("user_id", "organization_id", "post")
    }
    rows = OrganizationUserPost.objects.values_list(
        "user_id", "content_object_id", "permission__codename", "valid_until"
    )
    standing = {(u, o, code.removeprefix("act_as_")): until for u, o, code, until in rows}
    over = {key for key, until in standing.items() if until is not None and until < today}
    due = (in_force ^ set(standing)) | over
    for user_id, organization_id, post in sorted(due):
        _sync_one(user_id, organization_id, post)
    return len(due)


@transaction.atomic
def _sync_one(user_id: int, organization_id: int, post: str) -> None:
    organization = _locked(Organization(pk=organization_id))
    _sync(get_user_model().objects.get(pk=user_id), organization, Post(post))


def _locked(organization: Organization) -> Organization:
    """One change of posts at one organization at a time: a single-holder post has one holder."""
    return Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=organization.pk)


def _may_be_appointed(
    user: Any, organization: Organization, on: dt.date, until: dt.date | None, by: Any
) -> None:
    if by is not None and by.pk == user.pk:
        raise OrganizationRefused("不能为自己任职，请由其他有权限的同志办理。")
    if user.is_staff:
        raise OrganizationRefused(f"{user}是系统管理员，不担任业务职务，请另开账号。")
    if not user.is_active:
        raise OrganizationRefused(f"{user}的账号已停用，请先启用账号。")
    if organization.dissolved_on is not None:
        raise OrganizationRefused(f"“{organization.name}”已撤销，不能再任职。")
    if on < organization.founded_on:
        raise OrganizationRefused(f"任职日期不能早于党组织成立日期{cn_date(organization.founded_on)}。")
    if until is not None and until < on:
        raise OrganizationRefused("任职的截止日期不能早于开始日期。")


def _overlapping(on: dt.date, until: dt.date | None) -> Q:
    overlap = Q(ends_on=None) | Q(ends_on__gte=on)
    return overlap if until is None else overlap & Q(starts_on__lte=until)


def _not_held_already(
    user: Any, post: Post, organization: Organization, on: dt.date, until: dt.date | None
) -> None:
    same = Appointment.objects.held_at_all().filter(user=user, organization=organization, post=post)
    if standing := same.filter(_overlapping(on, until)).first():
        raise OrganizationRefused(
            f"{user}从{cn_date(standing.starts_on)}起已任“{organization.name}”{post.label}，不用重复任职。"
        )


def _succeed(
    post: Post, organization: Organization, on: dt.date, until: dt.date | None, replacing: bool, by: Any
) -> None:
    held = (
        Appointment.objects.held_at_all()
        .filter(_overlapping(on, until), organization=organization, post=post)
        .select_related("user")
        .order_by("starts_on")
    )
    for predecessor in held:
        who = f"{predecessor.user}（{cn_date(predecessor.starts_on)}任）"
        if predecessor.starts_on >= on:
            raise OrganizationRefused(
                f"{post.label}同一时间只能有一人，{who}的任职不早于新的任职日期。请先免去，或改任职日期。"
            )
        if not replacing:
            raise PredecessorInPost(f"{post.label}同一时间只能有一人，现由{who}担任。请确认同时免去其职务。")
        _end(predecessor, on - ONE_DAY)
        after = _described(predecessor) | {"until": predecessor.ends_on}
        record(organization, "relieve", by=by, permission=permission_for(post), after=after)


def _described(appointment: Appointment) -> dict[str, Any]:
    post = Post(appointment.post)
    return {
        "user": appointment.user_id,
        "name": str(appointment.user),
        "post": post.value,
        "post_name": post.label,
    }


def _end(appointment: Appointment, last_day: dt.date) -> None:
    appointment.ends_on = max(last_day, appointment.starts_on - ONE_DAY)
    appointment.save(update_fields=["ends_on"])
    _sync(appointment.user, appointment.organization, Post(appointment.post))


def _sync(user: Any, organization: Organization, post: Post) -> None:
    """Make the guardian row say what the appointments say today."""
    today = timezone.localdate()
    ends = list(
        Appointment.objects.in_force(today)
        .filter(user=user, organization=organization, post=post, organization__dissolved_on=None)
        .values_list("ends_on", flat=True)
    )
    row = {"user": user, "permission": _permission(post), "content_object": organization}
    if not ends:
        OrganizationUserPost.objects.filter(**row).delete()
        return
    dated = [day for day in ends if day is not None]
    until = max(dated) if len(dated) == len(ends) else None
    OrganizationUserPost.objects.update_or_create(**row, defaults={"valid_until": until})


def _permission(post: Post) -> Permission:
    return Permission.objects.get(
        codename=CODENAME.format(post.value), content_type__app_label="organizations"
    )
