"""The most alike other item of each of many, in one pass over all of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from pledges.hints.alike import BANDS, TWIN, bands, bare, overlap

NEAR = 4  # neighbours on each side that an item is compared with in each of its bands


class Item(NamedTuple):
    """An item is compared with those that stand in a group in which it looks.

    This year's item of an organization looks in the subtree of its superior and in its own of last year, and
    stands in the subtrees of all its superiors; last year's looks nowhere:
    ``Item(7, "…", looks_in=[3, ("last", 12)], stands_in=[1, 3, 12])``.
    """

    id: int
    text: str
    looks_in: Collection[Hashable]
    stands_in: Collection[Hashable]


def twins(items: Iterable[Item]) -> Iterator[tuple[int, int, float]]:
    """(item, twin, likeness) for every item that has another of likeness TWIN or more where it looks.

    The twin is the first of the same bare text if there is one, so that a text copied a thousand times costs
    no comparison; otherwise the most alike among the neighbours in each band. However many are alike, a text
    is compared with 2 * NEAR * BANDS others of a group at most.
    """
    crowd = _Crowd(items)
    best: dict[int, tuple[float, int]] = {}
    for group in crowd.looking:
        for row, score, twin in crowd.found_in(group):
            if score > best.get(row, (0.0, 0))[0]:
                best[row] = score, twin
    for row in sorted(best):
        score, twin = best[row]
        yield crowd.ids[row], twin, score


class _Crowd:
    """All items by row, their bare texts by number in the order of the alphabet: like stands beside like."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.ids: list[int] = []
        self.looking: dict[Hashable, array[int]] = defaultdict(lambda: array("L"))
        self._standing: dict[Hashable, array[int]] = defaultdict(lambda: array("L"))
        seen: dict[str, int] = {}
        texts = array("L")
        for pk, text, looks_in, stands_in in items:
            if not (words := bare(text)):
                continue
            row = len(self.ids)
            self.ids.append(pk)
            texts.append(seen.setdefault(words, len(seen)))
            for group in looks_in:
                self.looking[group].append(row)
            for group in stands_in:
                self._standing[group].append(row)
        self._words = sorted(seen)
        place = {seen[words]: number for number, words in enumerate(self._words)}
        self._text_of = array("L", (place[text] for text in texts))
        self._bands = [array("q", bands(words)) for words in self._words]

    def found_in(self, group: Hashable) -> Iterator[tuple[int, float, int]]:
        """(row, likeness, id of the twin) of whoever looks in the group and finds one."""
        holders: dict[int, list[int]] = {}  # text -> the first two ids that have it
        for row in self._standing[group]:
            ids = holders.setdefault(self._text_of[row], [])
            if len(ids) < 2:
                ids.append(self.ids[row])
        alone: dict[int, list[int]] = defaultdict(list)
        for row in self.looking[group]:
            text = self._text_of[row]
            others = [pk for pk in holders.get(text, ()) if pk != self.ids[row]]
            if others:
                yield row, 1.0, others[0]
            else:
                alone[text].append(row)
        for text, (score, nearest) in self._nearest(alone, sorted(holders)).items():
            for row in alone[text]:
                yield row, score, holders[nearest][0]

    def _nearest(self, sought: Collection[int], texts: Sequence[int]) -> dict[int, tuple[float, int]]:
        best: dict[int, tuple[float, int]] = {}
        for band in range(BANDS) if sought else ():
            buckets = self._buckets(texts, band)
            for text in sorted(sought):
                for other in self._neighbours(text, buckets, band):
                    score = overlap(self._words[text], self._words[other])
                    if score >= TWIN and score > best.get(text, (0.0, 0))[0]:
                        best[text] = score, other
        return best

    def _buckets(self, texts: Iterable[int], band: int) -> dict[int, list[int]]:
        buckets: dict[int, list[int]] = defaultdict(list)
        for text in texts:
            buckets[self._bands[text][band]].append(text)
        return buckets

    def _neighbours(self, text: int, buckets: dict[int, list[int]], band: int) -> Iterator[int]:
        bucket = buckets.get(self._bands[text][band], [])
        at = bisect_left(bucket, text)
        return (other for other in bucket[max(0, at - NEAR) : at + NEAR + 1] if other != text)
