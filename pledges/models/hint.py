from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from pledges.models.pledge import PledgeItem


class ItemSketch(models.Model):
    """What an item that was filed is found by when another one is nearly the same (``pledges.hints.signature``).

    Written when the item is filed, dropped when its round is over; ``checked_at`` is when its own twin was looked for, None: not yet.
    """

    item = models.OneToOneField(PledgeItem, models.CASCADE, primary_key=True, related_name="sketch")
    signature = ArrayField(models.BigIntegerField())
    checked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["signature"], name="item_sketch_bands", fastupdate=False),
            models.Index(fields=["item"], name="item_sketch_unchecked", condition=Q(checked_at=None)),
        ]

    def __str__(self) -> str:
        return f"sketch of {self.item_id}"


class ItemTwin(models.Model):
    """The item that another one is most alike to: a hint for writer and approver, never an objection (domain.md 1.6)."""

    item = models.OneToOneField(PledgeItem, models.CASCADE, primary_key=True, related_name="twin")
    twin = models.ForeignKey(PledgeItem, models.CASCADE, related_name="twin_of")
    similarity = models.DecimalField(max_digits=3, decimal_places=2)  # 0 to 1, when they were compared

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(similarity__gte=0, similarity__lte=1), name="item_twin_similarity_is_a_share"
            ),
            models.CheckConstraint(condition=~Q(item=F("twin")), name="item_twin_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} like {self.twin_id}"
