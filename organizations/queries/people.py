"""Persons as holders of posts: whom one may look up, and where they hold what."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from organizations.access import within_reach
from organizations.models import Appointment
from organizations.models.posts import AppointmentQuerySet


def people_in_hand(user: Any) -> QuerySet[Any]:
    """Those who hold, held or will hold a post at an organization whose posts ``user`` gives."""
    return get_user_model().objects.filter(pk__in=Appointment.objects.visible_to(user).values("user"))


def people_in_reach(user: Any, permission: str) -> QuerySet[Any]:
    """Those who hold, held or will hold a post at an organization where ``user`` has the permission."""
    within = within_reach(user, permission)
    appointments = Appointment.objects.filter(within).values("user")
    return get_user_model().objects.filter(pk__in=appointments)


def posts_of(person: Any, viewer: Any, permission: str) -> list[Appointment]:
    """The person's posts at organizations where the viewer has the permission, the current ones first."""
    return _latest_first(Appointment.objects.filter(within_reach(viewer, permission), user=person))


def posts_in_hand(person: Any, viewer: Any) -> list[Appointment]:
    """The person's posts at organizations whose posts the viewer gives, the current ones first."""
    return _latest_first(Appointment.objects.visible_to(viewer).filter(user=person))


def _latest_first(appointments: AppointmentQuerySet) -> list[Appointment]:
    rows = appointments.held_at_all().select_related("organization")
    return list(rows.order_by("-starts_on", "-pk"))


def find_account(text: str, user: Any) -> list[Any]:
    """By the exact login name anywhere, or by the exact name among those in the user's hand."""
    everyone = get_user_model().objects.filter(is_active=True)
    if exact := list(everyone.filter(username__iexact=text)):
        return exact
    return list(everyone.filter(Q(pk__in=people_in_hand(user)), name=text).order_by("username"))
