"""A phase closed (时段归档) with its archive."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from campaigns.models import Phase, PhaseClosing

if TYPE_CHECKING:
    from tests.permissions.world import World

FILE = "closings/world.zip"


def build(world: World, phase: Phase, author: Any) -> dict[str, Any]:
    if not default_storage.exists(FILE):
        with zipfile.ZipFile(content := io.BytesIO(), "w") as archive:
            archive.writestr("sha256.txt", "")
        default_storage.save(FILE, ContentFile(content.getvalue()))
    past = Phase.objects.create(
        campaign=phase.campaign,
        number=8,
        name="试点时段",
        starts_on=dt.date(2010, 5, 1),
        ends_on=dt.date(2010, 5, 31),
        frozen_at=timezone.now(),
    )
    closing = PhaseClosing.objects.create(
        phase=past, number=1, closed_at=past.frozen_at, closed_by=author, file=FILE, digest="0" * 64
    )
    return {"open phase": phase, "closed phase": past, "closing": closing}
