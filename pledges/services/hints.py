"""What hints rest on: a sketch of every item that was filed, and its twin once it has been looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaigns.models import Phase
from pledges.flow import ItemState
from pledges.hints import Item, signature, twins
from pledges.models import ItemSketch, ItemTwin, PledgeItem
from pledges.queries.hints import asked_of, last_rounds, nearest, superior_path, words_of

T = TypeVar("T")
BATCH = 5000
AT_ONCE = 200  # new items compared in one transaction: some seconds where every text has thousands of copies


def sketch(items: Sequence[PledgeItem]) -> None:
    """Note down what was just filed, in the transaction that files it. Two statements; the twin is found later."""
    if items:
        ItemTwin.objects.filter(item__in=items).delete()
        _write_sketches((item.pk, words_of(item.content, item.measures)) for item in items)


def _write_sketches(texts: Iterable[tuple[int, str]]) -> None:
    rows = [ItemSketch(item_id=pk, signature=list(signature(text)), checked_at=None) for pk, text in texts]
    ItemSketch.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["item"], update_fields=["signature", "checked_at"]
    )


@transaction.atomic
def check_new() -> int:
    """Look for the twins of what was filed since; how many were looked at. Some at a time, without waiting."""
    waiting = ItemSketch.objects.filter(checked_at=None).select_for_update(skip_locked=True)
    pks = [row.pk for row in waiting.order_by("item")[:AT_ONCE]]
    asked = asked_of(pks)
    found = [(each.own, *twin) for each, twin in zip(asked, nearest(asked), strict=True) if twin]
    _rewrite(ItemTwin.objects.filter(item__in=pks), found)
    ItemSketch.objects.filter(item__in=pks).update(checked_at=timezone.now())
    return len(pks)


def compare_running() -> int:
    """Compare all items of every phase that runs today; how many twins were written or taken back."""
    running = list(Phase.objects.on(timezone.localdate()))
    if running:  # of a round that is over nothing new is looked for among its items
        ItemSketch.objects.exclude(item__pledge__phase__in=running).delete()
    return sum(compare(phase) for phase in running)


def compare(phase: Phase) -> int:
    """All items of one round with each other and with the round before. Run again it finds nothing to write."""
    began = timezone.now()
    sketch_missing(phase)
    found = list(twins(_items(phase)))
    # What was filed while they were compared waits for ``check_new``.
    compared = Q(item__pledge__submitted_at__lt=began) | Q(item__state=ItemState.DRAFT)
    with transaction.atomic():
        written = _rewrite(ItemTwin.objects.filter(compared, item__pledge__phase=phase), found)
        new = ItemSketch.objects.filter(compared, item__pledge__phase=phase, checked_at=None)
        new.update(checked_at=began)
    return written


def sketch_missing(phase: Phase) -> None:
    """For what was filed before there were sketches, or came into the database by another way."""
    missing = _filed(phase.pk).filter(sketch=None).values_list("pk", "content", "measures")
    for part in _batched(missing):
        _write_sketches((pk, words_of(content, measures)) for pk, content, measures in part)


def _filed(phase: int | None) -> QuerySet[PledgeItem]:
    return PledgeItem.objects.filter(pledge__phase=phase).exclude(state=ItemState.DRAFT)


def _items(phase: Phase) -> Iterator[Item]:
    """Those of this round, each with the groups of ``queries.hints``, then those of the last."""
    fields = ("pk", "content", "measures", "pledge__organization__path", "pledge__member")
    for pk, content, measures, path, member in _filed(phase.pk).values_list(*fields).iterator(BATCH):
        above = [int(part) for part in path.split(".")[:-1]]
        looks_in = (_last_segment(superior_path(path)), _own(above[-1], member))
        yield Item(pk, words_of(content, measures), looks_in, above)
    last = _filed(last_rounds([phase.pk])[phase.pk])
    for pk, content, measures, path, member in last.values_list(*fields).iterator(BATCH):
        yield Item(pk, words_of(content, measures), (), (_own(_last_segment(path), member),))


def _last_segment(path: str) -> int:
    return int(path.split(".")[-2])


def _own(organization: int, member: int | None) -> tuple[str, int]:
    return ("member", member) if member else ("organization", organization)


def _rewrite(known: QuerySet[ItemTwin], found: Sequence[tuple[int, int, float]]) -> int:
    """``found`` instead of the ``known`` twins, touching only what differs. Returns how many rows that were."""
    kept = {item for item, _, _ in found}
    gone = [pk for pk in known.values_list("item", flat=True) if pk not in kept]
    deleted = sum(ItemTwin.objects.filter(item__in=part).delete()[0] for part in _batched(gone))
    return deleted + sum(_upsert(part) for part in _batched(found))


def _batched(rows: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(rows)
    while part := list(islice(rest, BATCH)):
        yield part


# Items that were thrown away meanwhile are left out, and those that are there stay until the end.
_UPSERT = """
INSERT INTO pledges_itemtwin AS old (item_id, twin_id, similarity)
SELECT f.item_id, f.twin_id, f.similarity
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) f (item_id, twin_id, similarity)
JOIN pledges_pledgeitem i ON i.id = f.item_id
JOIN pledges_pledgeitem t ON t.id = f.twin_id
ORDER BY f.item_id
FOR KEY SHARE OF i, t
ON CONFLICT (item_id) DO UPDATE SET twin_id = excluded.twin_id, similarity = excluded.similarity
WHERE (old.twin_id, old.similarity) IS DISTINCT FROM (excluded.twin_id, excluded.similarity)
"""


def _upsert(rows: Sequence[tuple[int, int, float]]) -> int:
    items, others, alike = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [list(items), list(others), [f"{each:.2f}" for each in alike]])
        return cursor.rowcount
