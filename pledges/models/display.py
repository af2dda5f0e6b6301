from __future__ import annotations

from django.db import models
from django.db.models import Q

from organizations.models import Organization


class NameShown(models.TextChoices):
    """How a member's name stands on public pages (domain.md 10)."""

    FULL = "full", "显示全名"
    SURNAME = "surname", "只显示姓，如“沈某”"


class NameDisplay(models.Model):
    """姓名显示: an organization's rule for its members' published pledges; without one, the full name."""

    organization = models.OneToOneField(Organization, models.CASCADE, related_name="name_display")
    shown = models.CharField("公开时的姓名", max_length=8, choices=NameShown, default=NameShown.FULL)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(shown__in=NameShown.values), name="name_shown_is_known"),
        ]

    def __str__(self) -> str:
        return self.get_shown_display()
