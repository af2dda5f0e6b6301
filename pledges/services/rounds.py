"""归档: closing a round of pledges, and opening it again with a reason (domain.md 11c-20)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.models import Phase
from campaigns.services.assignments import hold_open
from common.events import record
from common.states import ReasonMissing, StepRefused
from common.templatetags.cn import cn_date
from organizations.access import may
from organizations.services.tree import lock_tree
from pledges.models import COUNTS, RoundArchive, RoundFigure
from pledges.queries import counting
from pledges.queries.archives import digest_of, row_of, seal_of
from pledges.queries.figures import on_a_day
from pledges.services.open_rounds import hold_all
from pledges.services.plans import archive_all, unarchive_all

CLOSE = "pledges.close_round"
UNFINISHED = ("drafts", "waiting", "returned", "unpublished")


@transaction.atomic
def close_round(phase: Phase, *, as_of: dt.date, by: Any) -> RoundArchive:
    """归档: number, figures and members of ``as_of`` are fixed in one transaction; from then on nothing changes.

    What is unfinished stays as it is and is counted as unfinished. Raises PermissionDenied, and StepRefused with
    the sentence for the person.
    """
    _require(phase, by)
    lock_tree()  # before the other lock, as a merger does
    hold_all()
    phase = Phase.objects.select_related("campaign").get(pk=phase.pk)
    _may_close(phase, as_of)
    archive = _numbered(phase, as_of, by)
    archive_all(phase, by=by)
    _freeze_members(archive)
    figures = _freeze_figures(archive)
    archive.unfinished = {name: sum(getattr(f, name) for f in figures) for name in UNFINISHED}
    archive.digest = digest_of(archive, figures)
    archive.save(update_fields=["unfinished", "digest"])
    after = {"number": archive.label, "as_of": as_of, "digest": archive.digest, **archive.unfinished}
    record(archive, "close", by=by, permission=CLOSE, after=after)
    return archive


@transaction.atomic
def reopen_round(archive: RoundArchive, *, by: Any, reason: str) -> RoundArchive:
    """重新开启: the archive stays with its number; the next closing is a new one. Raises ReasonMissing too."""
    _require(archive.phase, by)
    hold_all()
    current = RoundArchive.objects.select_related("phase__campaign").get(pk=archive.pk)
    if current.closes_id is None:
        raise StepRefused("这次归档已经重新开启过。")
    if not hold_open(current.phase_id):  # its closing waits for this, or this finds it closed
        raise StepRefused(f"“{current.phase.name}”整个时段已经归档，请先重新开启时段，再重新开启承诺。")
    if not reason.strip():
        raise ReasonMissing("reopening needs a reason")
    current.closes, current.reopened_at, current.reopened_by = None, timezone.now(), by
    current.reopen_reason = reason.strip()
    current.save(update_fields=["closes", "reopened_at", "reopened_by", "reopen_reason"])
    unarchive_all(current.phase, by=by)
    record(
        current, "reopen", by=by, permission=CLOSE, before={"number": current.label}, reason=reason.strip()
    )
    return current


def _require(phase: Phase, by: Any) -> None:
    if not may(by, CLOSE, phase.campaign.organization):
        raise PermissionDenied("承诺的归档和重新开启由全市活动领导小组办公室主任办理。")


def _may_close(phase: Phase, as_of: dt.date) -> None:
    today = timezone.localdate()
    if (there := RoundArchive.objects.filter(closes=phase).first()) is not None:
        raise StepRefused(f"“{phase.name}”的承诺已于{cn_date(there.closed_at)}归档（{there.label}）。")
    if phase.starts_on > today:
        raise StepRefused(f"“{phase.name}”{cn_date(phase.starts_on)}才开始，还不能归档。")
    if not phase.starts_on <= as_of <= today:
        raise StepRefused(
            f"截至日期应在{cn_date(phase.starts_on)}（时段开始）到{cn_date(today)}（今天）之间。"
        )


def _numbered(phase: Phase, as_of: dt.date, by: Any) -> RoundArchive:
    """Gapless within the year: numbers are given one closing at a time, and no archive is ever deleted."""
    now = timezone.now()
    year = timezone.localtime(now).year
    last = RoundArchive.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    return RoundArchive.objects.create(
        phase=phase,
        closes=phase,
        version=phase.pledge_archives.count() + 1,
        year=year,
        number=last + 1,
        as_of=as_of,
        closed_at=now,
        closed_by=by,
    )


def _freeze_members(archive: RoundArchive) -> None:
    written = f"""
        INSERT INTO pledges_roundmember (archive_id, member_id, organization_id, status, standing)
        SELECT %(archive)s, member_id, organization_id, status, standing FROM ({counting.ROSTER_ON_A_DAY}) AS roster
    """  # noqa: S608 -- the module's own words
    asked = on_a_day(archive.phase, archive.as_of, archive.closed_at) | {"archive": archive.pk}
    with connection.cursor() as cursor:
        cursor.execute(written, asked)


def _freeze_figures(archive: RoundArchive) -> list[RoundFigure]:
    sql = counting.own_counts(
        counting.TREE_ON_A_DAY,
        counting.ROSTER_OF_AN_ARCHIVE,
        placed=counting.PLACED_ON_A_DAY,
        with_facts=True,
    )
    asked = on_a_day(archive.phase, archive.as_of, archive.closed_at) | {"archive": archive.pk}
    figures = []
    for row in counting.fetch(sql, asked):
        figure = RoundFigure(
            archive=archive,
            organization_id=row["id"],
            superior_id=row["superior_id"],
            **{name: row[name] for name in ("name", "path", "order_path", "facts", *COUNTS)},
        )
        figure.seal = seal_of(row_of(figure))
        figures.append(figure)
    return RoundFigure.objects.bulk_create(figures, batch_size=1000)
