"""What is typed and not yet saved."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from common import buffers
from pledges.models import DraftBuffer, Pledge
from pledges.services.open_rounds import ensure_open
from pledges.services.writing import edit_permission
from pledges.texts import Text


@transaction.atomic
def buffer(pledge: Pledge, payload: Text, *, base_version: int, sequence: int, by: Any) -> DraftBuffer:
    """Keep what one person is typing. A packet no newer than the last one changes nothing.

    Under the pledge's lock: a packet on its way while it is filed or thrown away comes before that, or is refused.
    Raises StepRefused when its round is closed.
    """
    ensure_open(pledge.phase)
    current = Pledge.objects.select_for_update().filter(pk=pledge.pk).first()
    if current is None or not (by.has_perm(edit_permission(current), current) and current.is_editable):
        raise PermissionDenied("这份承诺现在不能修改。")
    return buffers.keep(
        DraftBuffer, payload, base_version=base_version, sequence=sequence, pledge=current, user=by
    )


@transaction.atomic
def settle(pledge: Pledge, *, sequence: int = 0, by: Any) -> None:
    """Nothing of this person's typing is pending any more; packets up to ``sequence`` come too late."""
    buffers.settle(DraftBuffer, sequence=sequence, pledge=pledge, user=by)
