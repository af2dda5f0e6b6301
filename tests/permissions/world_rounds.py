"""A round closed at every place: a past phase with its archive, in force and opened again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from campaigns.models import Phase
from pledges.models import RoundArchive
from pledges.services.rounds import _freeze_figures, _freeze_members

if TYPE_CHECKING:
    from tests.permissions.world import World


def build(world: World, phase: Phase, author: Any) -> dict[str, Any]:
    archives = {}
    past = Phase.objects.create(
        campaign=phase.campaign,
        number=9,
        name="预备时段",
        starts_on=dt.date(2010, 6, 1),
        ends_on=dt.date(2010, 6, 30),
    )
    for version in (1, 2):
        reopened = {"reopened_at": timezone.now(), "reopened_by": author, "reopen_reason": "补报"}
        archive = RoundArchive.objects.create(
            phase=past,
            closes=past if version == 2 else None,
            version=version,
            year=2010,
            number=version,
            as_of=timezone.localdate(),
            closed_at=timezone.now(),
            closed_by=author,
            digest="0" * 64,
            unfinished=dict.fromkeys(["drafts", "waiting", "returned", "unpublished"], 0),
            **({} if version == 2 else reopened),
        )
        _freeze_members(archive)
        _freeze_figures(archive)
        archives[f"archive {version}"] = archive
    return {"closed phase": past, "open phase": phase, **archives}
