"""bench progress: counting what everybody owes, and reading it from the root, a county and a leaf; reminders.

``ratio_to_live``: against joining the facts anew for the same figures. ``ratio_to_insert``: as in ``bench reminders``,
of a day on which everybody who owes something is reminded. In the same process, on the same data.
"""

from __future__ import annotations

import datetime as dt
import logging
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from campaigns.models import Assignment, Obligation, Phase
from campaigns.queries import current_phase, progress
from campaigns.services import assignments
from chuangxian.bench import own_database
from chuangxian.bench.lists import WHO, Bench, Row, get, sample, storages
from chuangxian.bench.reminders import written
from chuangxian.demo import scale as scales
from organizations.access import path_end
from organizations.models import Organization

NAME, HELP = "progress", "what is owed: recomputation, dashboard pages, reminders, at three scales"
User = get_user_model()

# The figures of one obligation for the same subtree, without rows that were counted before.
_LIVE = """
    SELECT split_part(o.path, '.', %(depth)s), count(*), count(p.id)
    FROM organizations_organization o
    LEFT JOIN pledges_plan p ON p.organization_id = o.id AND p.phase_id = %(phase)s
        AND p.state NOT IN ('draft', 'returned')
    WHERE o.parent_id IS NOT NULL AND o.dissolved_on IS NULL AND o.path >= %(low)s AND o.path < %(high)s
    GROUP BY 1
"""


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--scale", nargs="+", choices=scales.LEVELS, default=["s"], help="one or several")
    parser.add_argument("--repeats", type=int, default=9)


def run(options: dict[str, Any]) -> Iterator[Row]:
    logging.disable(logging.INFO)
    own = {"ROOT_URLCONF": "chuangxian.bench.urls", "ALLOWED_HOSTS": ["testserver"], "DEBUG": False}
    with override_settings(**own, STORAGES=storages()):
        for scale in options["scale"]:
            with own_database():
                yield from _scale(scale, options["repeats"])


def _scale(scale: str, repeats: int) -> Iterator[Row]:
    scales.build(scale, say=lambda text: None)
    phase = current_phase(timezone.localdate())
    assert phase is not None  # noqa: S101 -- for mypy
    Obligation.objects.update(made_on=phase.starts_on)
    bench = Bench(scale, repeats)
    yield from _recomputation(bench, phase)
    yield from _pages(bench, phase)
    day = max(each.due_on for each in progress.tracked(phase)) + dt.timedelta(days=11)
    yield from written(partial(_once, bench), day)


def _once(bench: Bench, name: str, work: Callable[[], Any], **more: Any) -> Row:
    ms, sql_ms, queries = sample(work)
    return {"name": name, "scale": bench.scale, "ms": round(ms, 1), "queries": queries,
            "ratio_to_bare": round(ms / bench.bare, 1), "sql_ms": round(sql_ms, 1), **more}  # fmt: skip


def _recomputation(bench: Bench, phase: Phase) -> Iterator[Row]:
    Assignment.objects.all().delete()
    for name in ("first time", "again, nothing new"):
        row = _once(bench, f"recomputation of a phase, {name}", partial(assignments.refresh_phase, phase))
        yield row | {"rows": Assignment.objects.count(), "obligations": len(progress.tracked(phase))}
    place = Organization.objects.exclude(parent=None).latest("pk")
    codes = [each.expects for each in progress.tracked(phase)]
    one = partial(assignments.refresh_places, phase.pk, codes, [place.pk])
    yield bench.row("recomputation of one organization", one)


def _pages(bench: Bench, phase: Phase) -> Iterator[Row]:
    day = timezone.localdate()
    obligations = progress.tracked(phase)
    for who in ("root", "county", "mid", "leaf"):
        user = User.objects.get(username=WHO[who])
        pk, _ = progress.places_of(user)[0]
        place = Organization.objects.get(pk=pk)
        row = bench.row(
            f"level of all obligations, {who}",
            partial(progress.level, place, obligations, day),
        )
        live = statistics.median(sample(partial(_live, place, phase))[0] for _ in range(bench.repeats))
        yield row | {
            "obligations": len(obligations),
            "ratio_to_live": round(row["ms"] / (live * len(obligations)), 2),
        }
        yield bench.row(f"who still owes, {who}", partial(_owing, place, obligations[0]))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        yield bench.row(f"/desk/progress/, {who}", partial(get, client, "/desk/progress/"))


def _owing(place: Organization, obligation: Obligation) -> None:
    list(progress.owing(place, obligation)[:100])


def _live(place: Organization, phase: Phase) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _LIVE,
            {"depth": place.depth + 1, "phase": phase.pk, "low": place.path, "high": path_end(place.path)},
        )
        cursor.fetchall()
