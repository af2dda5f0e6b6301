"""Signed in: how far the organizations of one's own subtree have come with what they owe (办理进度)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import charts
from campaigns.expectations import expectation
from campaigns.models import Assignment, Obligation, Phase
from campaigns.queries import progress, trend
from campaigns.queries.progress import Count, Line
from campaigns.views import asked
from organizations.models import Organization

TILES = 400  # more on one page say nothing
# what a level can be sorted by -> in words; protocol order 排序 unless asked
SORTS = {"": "按排序", "rate": "办理率低的在前", "late": "逾期多的在前", "name": "按名称拼音"}
KEYS: dict[str, Callable[[tuple[Line, Count]], Any]] = {
    "rate": lambda row: row[1].done / row[1].due if row[1].due else 2,
    "late": lambda row: -row[1].overdue,
    "name": lambda row: (row[0].initials, row[0].name),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """One level: an organization and what hangs directly below it; a column for each obligation, or all about one."""
    chosen, day = asked.obligation_of(request), timezone.localdate()
    place, phase = asked.place_of(request), chosen.phase if chosen else asked.phase_of(request)
    tracked = progress.tracked(phase) if phase else []
    if chosen and chosen not in tracked:
        raise Http404
    obligations = [each for each in tracked if each.opens_on <= day or each == chosen]
    phases = Phase.objects.visible_to(request.user).begun(day).select_related("campaign")
    context: dict[str, Any] = {
        "place": place,
        "phase": phase,
        "phases": phases.order_by("-starts_on")[:12],
        "places": progress.places_of(request.user),
        "obligations": obligations,
        "chosen": chosen,
        "day": day,
    }
    if place and obligations:
        context |= _level(request, place, [chosen] if chosen else obligations, day)
        if chosen:
            context |= _about(request, place, chosen, context)
    return render(request, "campaigns/progress/index.html", context)


def _level(
    request: HttpRequest, place: Organization, obligations: list[Obligation], day: dt.date
) -> dict[str, Any]:
    reads_below = progress.reads_below(request.user, place)
    lines = progress.level(place, obligations, day)
    if not reads_below:
        lines = [line for line in lines if line.organization_id is None]
    total = progress.total(lines)
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else ""
    is_behind = request.GET.get("behind") == "1"
    shown = [line for line in lines if not is_behind or _behind(line, total, obligations)]
    shown = _sorted(shown, sort)
    return {
        "chain": progress.chain(place, request.user),
        "reads_below": reads_below,
        "all_lines": lines,
        "shown": shown,
        "lines": [(line, [(each, line.of(each)) for each in obligations]) for line in shown],
        "total": [(each, total.of(each), expectation(each.expects)) for each in obligations],
        "columns": "|".join(["党组织", *(each.name for each in obligations)]),
        "sorts": SORTS,
        "sort": sort,
        "is_behind": is_behind,
    }


def _behind(line: Line, total: Line, obligations: list[Obligation]) -> bool:
    return any(line.of(each).is_behind(total.of(each)) for each in obligations)


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """Stable: equals stay in protocol order. A rate over several obligations is that of their sums."""
    if not sort:
        return lines
    return [line for line, _ in sorted(((line, line.all) for line in lines), key=KEYS[sort])]


def _about(
    request: HttpRequest, place: Organization, chosen: Obligation, level: dict[str, Any]
) -> dict[str, Any]:
    """One obligation: its curve, the round before, a map of the subordinates."""
    day, lines = level["day"], level["all_lines"]
    below = [line for line in lines if line.organization_id is not None]
    own = Assignment.objects.visible_to(request.user).filter(obligation=chosen, organization=place)
    counts = trend.by_day(place, chosen, is_alone=not level["reads_below"])
    found: dict[str, Any] = {
        "own": own.first(),
        "trend": charts.trend(counts, chosen, day),
        "tiles": charts.tiles(below, chosen),
        "shades": charts.SHADES,
        "is_deep": bool(below) and request.GET.get("tiles") == "deep",
    }
    if found["is_deep"]:
        groups = progress.two_levels(place, chosen, day, TILES)
        found["groups"] = groups and [(head, charts.tiles(inner, chosen)) for head, inner in groups]
    earlier = trend.previous(chosen)
    moves = _moves(place, chosen, earlier, day, lines) if earlier else {}
    whole = sum((move.then for move in moves.values()), Count())
    found["rows"] = [(line, line.of(chosen), moves.get(line.organization_id)) for line in level["shown"]]
    if earlier:
        found |= {
            "earlier": earlier,
            "then_day": trend.same_day(chosen, earlier, day),
            "move": charts.Move(progress.total(lines).of(chosen), whole),
        }
    return found


def _moves(
    place: Organization, chosen: Obligation, earlier: Obligation, day: dt.date, lines: list[Line]
) -> dict[int | None, charts.Move]:
    """Each line now and in the round before, as it stood as many days before its last day."""
    rows = progress.sums(place, [earlier], trend.same_day(chosen, earlier, day))
    return {
        line.organization_id: charts.Move(
            line.of(chosen), rows.get(line.organization_id or place.pk, {}).get(earlier.pk, Count())
        )
        for line in lines
    }
