"""What one person has typed and not yet saved, kept beside the text that is saved (DESIGN 5: drafts save themselves).

An app names its own: a model with this base and the text it belongs to, unique by both. What is locked meanwhile, and
who may, is the app's to say.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class BufferQuerySet(models.QuerySet[Any]):
    def pending(self) -> BufferQuerySet:
        return self.exclude(payload=None)


class Buffer(models.Model):
    """Kept per person, so nobody overwrites anybody.

    After a save the row stays with nothing in it: a packet sent before and arriving later is still known
    as old by its sequence.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    base_version = models.PositiveIntegerField()
    sequence = models.BigIntegerField()  # from the browser; an older packet that arrives later is ignored
    payload = models.JSONField(null=True)
    saved_at = models.DateTimeField(default=timezone.now)

    objects = BufferQuerySet.as_manager()

    class Meta:
        abstract = True


B = TypeVar("B", bound=Buffer)


def keep(model: type[B], payload: Any, *, base_version: int, sequence: int, **of: Any) -> B:
    """What is newest of one person's typing; ``of``: the text and the user. A packet no newer than the last one
    changes nothing.
    """
    kept, is_new = model.objects.select_for_update().get_or_create(
        **of, defaults={"payload": payload, "base_version": base_version, "sequence": sequence}
    )
    if not is_new and sequence > kept.sequence:
        kept.payload, kept.base_version, kept.sequence = payload, base_version, sequence
        kept.saved_at = timezone.now()
        kept.save()
    return kept


def settle(model: type[B], *, sequence: int, **of: Any) -> None:
    """Nothing of this person's typing is pending any more; packets up to ``sequence`` come too late."""
    for kept in model.objects.select_for_update().filter(**of):
        kept.payload, kept.sequence = None, max(kept.sequence, sequence)
        kept.save()
