from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from organizations.appointing import in_hand
from organizations.models.organization import Organization
from organizations.posts import Post


class OrganizationUserPost(UserObjectPermissionBase):
    """guardian, with a real foreign key: which user holds which post where, today.

    ``valid_until`` repeats the appointment's last day, so that a right ends on its day even when
    nothing runs that night.
    """

    content_object = models.ForeignKey(Organization, models.CASCADE)
    valid_until = models.DateField(null=True)

    class Meta(UserObjectPermissionBase.Meta):
        indexes = [models.Index(fields=["content_object", "permission"], name="user_post_at")]


class OrganizationGroupPost(GroupObjectPermissionBase):
    """guardian wants the pair; posts are held by persons, so this stays empty."""

    content_object = models.ForeignKey(Organization, models.CASCADE)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: Any) -> AppointmentQuerySet:
        return self.filter(in_hand(user))

    def in_force(self, day: dt.date) -> AppointmentQuerySet:
        return self.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def lasting_on(self, day: dt.date) -> AppointmentQuerySet:
        """In force on ``day`` or beginning later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def still_to_run(self) -> AppointmentQuerySet:
        """Held today, or to begin."""
        return self.held_at_all().lasting_on(timezone.localdate())

    def over(self) -> AppointmentQuerySet:
        """Held once, and over."""
        return self.held_at_all().filter(ends_on__lt=timezone.localdate())

    def in_order(self) -> AppointmentQuerySet:
        """In the order in which posts are named: the secretary first."""
        ranks = [When(post=post, then=Value(number)) for number, post in enumerate(Post.values)]
        return self.order_by(Case(*ranks, output_field=models.IntegerField()), "starts_on", "pk")

    def held_at_all(self) -> AppointmentQuerySet:
        """Without those taken back before their first day was over."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=F("starts_on")))


class Appointment(models.Model):
    """任职, dated: ``starts_on`` to ``ends_on`` inclusive. Its guardian row lives exactly as long.

    A post taken back on its first day, or before it, ends on the day before it began: it was in
    force on no day, and stays on record.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="appointments")
    post = models.CharField("职务", max_length=30, choices=Post)
    starts_on = models.DateField("起")
    ends_on = models.DateField("止", null=True, blank=True)
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(post__in=Post.values), name="appointment_post_is_known"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on") - dt.timedelta(days=1)),
                name="appointment_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["user", "organization", "post"],
                condition=Q(ends_on=None),
                name="appointment_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["organization", "post"], name="appointment_at")]

    def __str__(self) -> str:
        return f"{self.user} {self.get_post_display()}"

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and self.ends_on < timezone.localdate()

    @property
    def has_not_begun(self) -> bool:
        return self.starts_on > timezone.localdate()
