from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from campaigns.models.campaign import Phase
from organizations.access import EVERYTHING, grants, within
from organizations.models import Organization
from organizations.posts import Reach


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def visible_to(self, user: Any) -> SnapshotQuerySet:
        """Whoever reads the progress of the whole subtree: a liaison reads their own organization alone."""
        reachable = Q(pk__in=[])
        for reach, held in grants(user, "campaigns.view_progress"):
            if reach is Reach.OWN_AND_BELOW:
                is_root = held.path.count(".") == 1
                reachable |= EVERYTHING if is_root else within(held.path, via="organization__")
        return self.filter(reachable)

    def newest_first(self) -> SnapshotQuerySet:
        return self.order_by("-made_at", "-pk")


class Snapshot(models.Model):
    """统计留存: the figures a 进度统计表 and a 通报 used, so that both can be made again though facts have moved on.

    ``figures`` holds names as well as numbers: what was renamed or moved since is told as it was.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="+")
    as_of = models.DateField("截至日期")
    remedy_by = models.DateField("整改时限", null=True, blank=True)
    figures = models.JSONField()  # {"sheet": …, "circular": …}
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(remedy_by=None) | Q(remedy_by__gt=F("as_of")),
                name="snapshot_remedy_after_its_date",
            ),
        ]
        indexes = [models.Index(fields=["organization", "-made_at"], name="snapshot_newest")]

    def __str__(self) -> str:
        return f"{self.figures['sheet']['phase']}进度统计"
