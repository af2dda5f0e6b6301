"""At every place that files pledges: progress with a note and a file, a self-report, an appraisal; a member's pledge."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from organizations.kinds import FILES_PLEDGES, HOLDS_MEMBERS
from organizations.models import Member
from pledges.models import Appraisal, Judgement, Pledge, Progress, ProgressAttachment

if TYPE_CHECKING:
    from tests.permissions.world import World

DAY = dt.date(2010, 6, 1)
FILE = "progress/world.pdf"


def build(world: World, phase: Any, author: Any) -> dict[str, dict[str, Any]]:
    """place -> its item, its attachment, its members' pledge."""
    if not default_storage.exists(FILE):
        default_storage.save(FILE, ContentFile(b"%PDF-1.4"))
    found: dict[str, dict[str, Any]] = {}
    for place, organization in world.places.items():
        if organization.kind not in FILES_PLEDGES:
            continue
        pledge = world.pledges[place, "published"]
        found[place] = {"pledge": pledge, "item": pledge.items.get(), **_told(world, place, pledge, author)}
        if organization.kind in HOLDS_MEMBERS:
            found[place]["members"] = _of_a_member(world, place, phase, author)
    return found


def _told(world: World, place: str, pledge: Pledge, author: Any) -> dict[str, Any]:
    item = pledge.items.get()
    progress = Progress.objects.create(
        item=item,
        quarter=dt.date(2010, 1, 1),
        status="ongoing",
        note=world.canary("filed", place),
        recorded_by=author,
    )
    attachment = ProgressAttachment.objects.create(
        progress=progress,
        file=FILE,
        name=f"{world.canary('filed', place)}.pdf",
        content_type="application/pdf",
        sha256="0" * 64,
        uploaded_by=author,
    )
    explained = {"result": "unfulfilled", "cause": "objective", "explanation": world.canary("outside", place)}
    Judgement.objects.create(item=item, source="self", recorded_by=author, **explained)
    Appraisal.objects.create(
        pledge=pledge,
        state="appraised",
        self_band="好",
        self_text=world.canary("filed", place),
        score=97,
        band="好",
        comment=world.canary("filed", place),
        appraised_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC),
        appraised_by=author,
    )
    return {"attachment": attachment}


def _of_a_member(world: World, place: str, phase: Any, author: Any) -> Pledge:
    member = Member.objects.create(
        organization=world.places[place],
        name=world.canary("filed", place),
        sex="m",
        birth_month=dt.date(1975, 3, 1),
        joined_on=dt.date(1999, 7, 1),
    )
    pledge = Pledge.objects.create(
        organization=world.places[place],
        member=member,
        phase=phase,
        category=phase.campaign.rubric.filter(subject="member").first(),
        directions=["organization"],
        state="approved",
        submitted_at=dt.datetime(2010, 9, 1, tzinfo=dt.UTC),
        submitted_by=author,
    )
    pledge.items.create(
        number=1, content=f"上门办税{world.canary('filed', place)}", due_on=DAY, state="approved"
    )
    return pledge
