"""Hints (提示) beside items: too vague to be checked, nearly the same as another's (domain.md 1.6). Never a condition.

What is compared: the items filed (never drafts) in the same round inside the subtree of the organization's direct superior,
and those of the round before of the same organization, a member's with the same member's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from campaigns.models import Phase
from organizations.access import path_end
from pledges.flow import ItemState
from pledges.hints import TWIN, closest, signature, similarity, vague
from pledges.models import ItemSketch, Pledge, PledgeItem

LIVE = 10  # items compared while a page waits: one pledge's; of a longer list the worker sees to the others
SAME = 0.85  # in words: nearly the same from here on, much the same below


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence for whoever writes or vets; ``quote`` and ``url`` only where they may open the other pledge."""

    text: str
    quote: str = ""
    url: str = ""


class Asked(NamedTuple):
    """A text whose twin is looked for, and where (module docstring). ``own``: the id of its item, 0 if none."""

    own: int
    text: str
    phase: int
    path: str  # of the organization
    organization: int
    member: int | None
    last: int | None  # the round before


def words_of(content: str, measures: str) -> str:
    """What items are compared by; a member's has no measures."""
    return f"{content}\n{measures}"


def superior_path(path: str) -> str:
    """The path of the direct superior; the topmost organization stands for itself."""
    above = path[: path.rstrip(".").rfind(".") + 1]
    return above or path


def last_rounds(phases: Collection[int]) -> dict[int, int | None]:
    """The round before each: the latest earlier phase in which anybody pledged. One query."""
    earlier = Phase.objects.filter(
        Exists(Pledge.objects.filter(phase=OuterRef("pk"))), starts_on__lt=OuterRef("starts_on")
    )
    last = Subquery(earlier.order_by("-starts_on", "-pk").values("pk")[:1])
    return dict(Phase.objects.filter(pk__in=phases).annotate(last=last).values_list("pk", "last"))


def asked_of(pks: Collection[int]) -> list[Asked]:
    """For items as they are saved, in two queries."""
    if not pks:
        return []
    rows = list(
        PledgeItem.objects.filter(pk__in=pks).values_list(
            "pk",
            "content",
            "measures",
            "pledge__phase",
            "pledge__organization__path",
            "pledge__organization",
            "pledge__member",
        )
    )
    last = last_rounds({row[3] for row in rows})
    return [
        Asked(pk, words_of(content, measures), phase, path, organization, member, last[phase])
        for pk, content, measures, phase, path, organization, member in rows
    ]


# Of any thousand that share a band, the fifty of the place that share most: however often a text was copied, it
# costs no more than that, and what is missed among so many is found by night. OFFSET 0 keeps the look-ups by key: the
# planner, who cannot know how few are left, would read all items.
_NEAREST = """
WITH a (n, own, signature, phase_id, low, high, last_id, organization_id, member_id) AS (VALUES {rows})
SELECT a.n, c.id, c.content, c.measures
FROM a
CROSS JOIN LATERAL (
    SELECT i.id, i.content, i.measures
    FROM (
        SELECT item_id, (SELECT count(*) FROM unnest(signature) band WHERE band = ANY (a.signature)) AS common
        FROM pledges_itemsketch WHERE signature && a.signature AND item_id <> a.own LIMIT 1000) s
    CROSS JOIN LATERAL (
        SELECT id, content, measures, pledge_id FROM pledges_pledgeitem
        WHERE id = s.item_id AND state <> %s OFFSET 0) i
    CROSS JOIN LATERAL (
        SELECT FROM pledges_pledge p
        JOIN organizations_organization o ON o.id = p.organization_id
        WHERE p.id = i.pledge_id AND p.phase_id = a.phase_id
            AND o.path >= a.low COLLATE "C" AND o.path < a.high COLLATE "C" OFFSET 0) p
    ORDER BY s.common DESC, i.id
    LIMIT 50) c
UNION ALL
SELECT a.n, i.id, i.content, i.measures
FROM a
CROSS JOIN LATERAL (
    SELECT id FROM pledges_pledge WHERE member_id = a.member_id AND phase_id = a.last_id
    UNION ALL
    SELECT id FROM pledges_pledge WHERE a.member_id IS NULL AND member_id IS NULL
        AND organization_id = a.organization_id AND phase_id = a.last_id
    OFFSET 0) p
JOIN pledges_pledgeitem i ON i.pledge_id = p.id AND i.state <> %s
"""
_ROW = "(%s, %s::bigint, %s::bigint[], %s::bigint, %s, %s, %s::bigint, %s::bigint, %s::bigint)"


def nearest(asked: Sequence[Asked]) -> list[tuple[int, float] | None]:
    """The twin of each and how alike it is, or None. One query."""
    params: list[Any] = []
    for n, each in enumerate(asked):
        low = superior_path(each.path)
        params += [n, each.own, list(signature(each.text)), each.phase, low, path_end(low), each.last,
                   each.organization, each.member]  # fmt: skip
    candidates: list[list[tuple[int, str]]] = [[] for _ in asked]
    if asked:
        with connection.cursor() as cursor:
            sql = _NEAREST.format(rows=", ".join([_ROW] * len(asked)))
            cursor.execute(sql, [*params, ItemState.DRAFT, ItemState.DRAFT])
            for n, pk, content, measures in cursor.fetchall():
                candidates[n].append((pk, words_of(content, measures)))
    return [closest(each.text, found) for each, found in zip(asked, candidates, strict=True)]


def hints_for(items: Iterable[PledgeItem], user: Any) -> dict[int, list[Hint]]:
    """item pk -> its hints, an empty list where there is nothing to say. At most six queries, however many items."""
    rows = list(items)
    twin_of = _twins_of(rows)
    found = _hints([(item, twin_of.get(item.pk)) for item in rows], user)
    return {item.pk: hints for item, hints in zip(rows, found, strict=True)}


def with_hints(pledge: Pledge, user: Any) -> list[PledgeItem]:
    """The items of a pledge for its page, each with its ``hints`` as long as it is not settled."""
    items = list(pledge.items.all())
    _attach(items, user)
    return items


def attach_hints(pledges: Sequence[Pledge], user: Any) -> None:
    """The same for the prefetched items of many pledges."""
    _attach([item for pledge in pledges for item in pledge.items.all()], user)


def _attach(items: Sequence[PledgeItem], user: Any) -> None:
    found = hints_for([item for item in items if not item.is_settled], user)
    for item in items:
        item.hints = found.get(item.pk, [])  # type: ignore[attr-defined]


def hints_while_writing(pledge: Pledge, items: Sequence[PledgeItem], user: Any) -> list[list[Hint]]:
    """The hints of each item as it was typed, saved or not. ``pledge`` comes with its organization."""
    last = last_rounds([pledge.phase_id])[pledge.phase_id] if items else None
    place = (pledge.phase_id, pledge.organization.path, pledge.organization_id, pledge.member_id, last)
    found = nearest([Asked(i.pk or 0, words_of(i.content, i.measures), *place) for i in items])
    return _hints([(i, twin[0] if twin else None) for i, twin in zip(items, found, strict=True)], user)


def _twins_of(items: Sequence[PledgeItem]) -> dict[int, int]:
    """item -> twin: as the worker found it, or found now where it has not looked yet or the text is being written."""
    filed = [item.pk for item in items if item.state in {ItemState.SUBMITTED, ItemState.APPROVED}]
    checked = ItemSketch.objects.filter(item__in=filed, checked_at__isnull=False)
    known = dict(checked.values_list("item", "item__twin__twin"))
    asked = asked_of([item.pk for item in items if item.pk not in known][:LIVE])
    now = {each.own: twin[0] for each, twin in zip(asked, nearest(asked), strict=True) if twin}
    return {pk: twin for pk, twin in known.items() if twin} | now


def _hints(pairs: Sequence[tuple[PledgeItem, int | None]], user: Any) -> list[list[Hint]]:
    twins = _filed(twin for _, twin in pairs if twin)
    pledges = {twin.pledge_id for twin in twins.values()}
    seen: set[int] = set()
    if pledges:
        visible = Pledge.objects.visible_to(user, with_ones_own=True).filter(pk__in=pledges)
        seen = set(visible.values_list("pk", flat=True))
    return [_vague(item) + _alike(item, twins.get(twin or 0), seen) for item, twin in pairs]


def _filed(twins: Iterable[int]) -> Mapping[int, PledgeItem]:
    """A draft is nobody's twin, also when it was filed before and taken back."""
    rows = PledgeItem.objects.exclude(state=ItemState.DRAFT)
    return rows.select_related("pledge__organization", "pledge__member").in_bulk(set(twins))


def _vague(item: PledgeItem) -> list[Hint]:
    due_on = str(item.due_on or "")
    return [Hint(text) for text in vague(item.content, item.measures, target=item.target, due_on=due_on)]


def _alike(item: PledgeItem, twin: PledgeItem | None, seen: Collection[int]) -> list[Hint]:
    """Said of the two texts as they stand now; one of them may have changed since they were compared."""
    if twin is None:
        return []
    own, other = words_of(item.content, item.measures), words_of(twin.content, twin.measures)
    if (alike := similarity(own, other)) < TWIN:
        return []
    said = "几乎相同" if alike >= SAME else "大部分相同"
    if twin.pledge_id == item.pledge_id:
        return [Hint(f"与这份承诺的第{twin.number}项{said}。")]
    place = twin.pledge.organization.name
    if twin.pledge_id not in seen:
        return [Hint(f"与{place}的一项承诺几乎相同。")]
    who = f"{place}{twin.pledge.member.name}同志" if twin.pledge.member else place
    assert twin.pledge.submitted_at is not None  # noqa: S101 -- filed, for mypy
    year = timezone.localtime(twin.pledge.submitted_at).year
    text = f"与{who}{year}年的一项承诺{said}。"
    return [Hint(text, twin.content, twin.pledge.get_absolute_url())]
