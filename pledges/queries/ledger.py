"""公开承诺台账: one row an item, as domain.md 1.3 has its columns. One statement, read by one cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from campaigns.models import Phase, Subject
from common.privacy import surname_only
from organizations.access import EVERYTHING, within, within_reach
from organizations.models import Organization
from pledges.flow import ItemState, PledgeState
from pledges.models import PledgeItem, Progress, Result, Scope, Source, Status

VIEW, VIEW_MEMBER = "pledges.view_pledge", "organizations.view_member"
CHUNK = 2000
DIRECTIONS = {"superior": "上级", "organization": "组织", "masses": "群众"}
_STATES, _SCOPES = dict(ItemState.choices), dict(Scope.choices)
_STATUSES, _RESULTS = dict(Status.choices), dict(Result.choices)
_FIELDS = (
    "pledge__organization__name",
    "pledge__member__name",
    "may_see_name",
    "pledge__directions",
    "pledge__category__name",
    "content",
    "responsible",
    "due_on",
    "state",
    "pledge__vetted_by__name",
    "live__scope",
    "live__published_at",
    "status",
    "superior__result",
    "superior__explanation",
    "own__result",
    "own__explanation",
    "pledge__appraisal__band",
    "pledge__state",
    "remark",
    "live__version",
)


def items_of(
    user: Any, *, under: Organization | None = None, phase: Phase | None = None, subject: str = ""
) -> QuerySet[PledgeItem]:
    """The items filed within reach, narrowed to a subtree, a round, organizations or members."""
    rows: QuerySet[PledgeItem] = PledgeItem.objects.visible_to(user)
    if under is not None:
        rows = rows.filter(within(under.path, via="pledge__organization__"))
    if phase is not None:
        rows = rows.filter(pledge__phase=phase)
    if subject:
        rows = rows.filter(pledge__member__isnull=subject == Subject.ORGANIZATION)
    return rows


def ledger_rows(user: Any, items: QuerySet[PledgeItem]) -> Iterator[tuple[Any, ...]]:
    """The eighteen columns, numbered."""
    for number, row in enumerate(ledger_values(user, items).iterator(chunk_size=CHUNK), 1):
        yield (number, *_columns(dict(zip(_FIELDS, row, strict=True))))


def ledger_values(user: Any, items: QuerySet[PledgeItem]) -> QuerySet[PledgeItem, tuple[Any, ...]]:
    """What the columns are made of: organizations in protocol order, each before its members, these as on the roster."""
    live = Q(pledge__publications__withdrawn_at=None, pledge__publications__replaced_at=None)
    latest = Progress.objects.filter(item=OuterRef("pk")).order_by("-quarter")
    return (
        items.annotate(
            live=FilteredRelation("pledge__publications", condition=live),
            may_see_name=_seen(within_reach(user, VIEW_MEMBER, via="pledge__organization__")),
            status=Subquery(latest.values("status")[:1]),
            superior=_judgement(Source.SUPERIOR),
            own=_judgement(Source.SELF),
        )
        .order_by(
            "pledge__organization__order_path",
            F("pledge__member").asc(nulls_first=True),
            "pledge__phase__starts_on",
            "pledge",
            "number",
        )
        .values_list(*_FIELDS)
    )


def _judgement(source: str) -> FilteredRelation:
    return FilteredRelation("judgements", condition=Q(judgements__source=source))


def _seen(reach: Q) -> Any:
    """Names and grades of members are told where the person may read the roster; elsewhere the surname."""
    if reach == EVERYTHING:
        return Value(True)
    return Case(When(reach, then=Value(True)), default=Value(False), output_field=BooleanField())


def _columns(row: dict[str, Any]) -> Iterator[Any]:
    name, seen = row["pledge__member__name"] or "", row["may_see_name"]
    shown = name if seen or not name else surname_only(name)
    yield row["pledge__organization__name"]
    yield "党员" if name else "组织"
    yield shown
    yield "、".join(DIRECTIONS[each] for each in row["pledge__directions"])
    yield row["pledge__category__name"]
    yield row["content"]
    yield row["responsible"] or shown
    yield row["due_on"]
    yield _STATES[row["state"]]
    yield row["pledge__vetted_by__name"]
    yield _SCOPES.get(row["live__scope"], "")
    yield row["live__published_at"]
    yield _STATUSES.get(row["status"], "")
    yield _outcome(row)
    yield row["superior__explanation"] or row["own__explanation"] or ""
    yield row["pledge__appraisal__band"] if seen or not name else ""
    yield _note(row)


def _outcome(row: dict[str, Any]) -> str:
    """完成情况 as the superior judged it; until then what was reported, and that it is a report. Never a mixture."""
    if row["superior__result"]:
        return _RESULTS[row["superior__result"]]
    if row["own__result"]:
        return f"{_RESULTS[row['own__result']]}（自报）"
    return Status.ONGOING.label if row["status"] else ""


def _note(row: dict[str, Any]) -> str:
    if row["pledge__state"] == PledgeState.WITHDRAWN:
        return "已撤下公开"
    if row["state"] == ItemState.RETURNED:
        return f"退回：{row['remark']}" if row["remark"] else "退回修改"
    return "公开后更正过" if (row["live__version"] or 1) > 1 else ""
