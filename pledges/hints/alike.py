"""How alike two items are, and signatures by which a database finds the alike ones (domain.md 1.6: copy-paste).

Likeness is the share of common 2-grams (Jaccard) of the bare text: folded, without punctuation and without
numerals, because who copies a pledge changes its figures. Measured on the demo's items with a unit's name put
in front, one or two words exchanged or a clause added: copies reach 0.6 to 1.0, half of them under 0.8. Ways of
saying the same thing that nobody copied stay under 0.5, items on different things under 0.4.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from functools import lru_cache
from hashlib import shake_128

from common.text import fold
from pledges.hints.wording import NUMERALS

TWIN = 0.7  # from here on two items count as nearly the same
# MinHash: two texts share a band with probability likeness ** ROWS. All 12 bands miss a pair of likeness 0.85
# once in ten thousand, one of 0.7 four times in a hundred; a pair of 0.1 shares one once in a thousand.
BANDS, ROWS = 12, 4
_WORDLESS = re.compile(rf"[\W\d_{NUMERALS}]+")
_HASHES = struct.Struct(f"<{BANDS * ROWS}Q")


def bare(text: str) -> str:
    """What likeness is measured on; two items with the same bare text are the same but for their figures."""
    return _WORDLESS.sub("", fold(text))


def similarity(a: str, b: str) -> float:
    """0 to 1, symmetric; 1 for texts that differ in figures and punctuation only."""
    return overlap(bare(a), bare(b))


def overlap(a: str, b: str) -> float:
    """``similarity`` of two bare texts."""
    if a == b:
        return 1.0
    first, second = _pairs(a), _pairs(b)
    common = len(first & second)
    return common / (len(first) + len(second) - common)


def signature(text: str) -> tuple[int, ...]:
    """One signed 64-bit integer per band, for a ``bigint[]``; empty when the text has no words.

    Two texts are candidates when their signatures overlap (``&&``), whatever the place. The same on every
    machine and for ever: stored signatures depend on BANDS, ROWS, ``bare`` and on nothing else.
    """
    return bands(bare(text))


@lru_cache(maxsize=4096)
def bands(words: str) -> tuple[int, ...]:
    """``signature`` of a bare text."""
    lowest = [min(column) for column in zip(*map(_hashes, _pairs(words)), strict=True)]
    # Equal sums of 64-bit minima are equal minima; each place has its own hash functions, so bands never mix.
    return tuple((sum(lowest[i : i + ROWS]) & (1 << 64) - 1) - (1 << 63) for i in range(0, len(lowest), ROWS))


@lru_cache(maxsize=2048)
def _pairs(words: str) -> frozenset[str]:
    return frozenset(words[i : i + 2] for i in range(max(len(words) - 1, bool(words))))


@lru_cache(maxsize=8192)
def _hashes(pair: str) -> tuple[int, ...]:
    return _HASHES.unpack(shake_128(pair.encode()).digest(_HASHES.size))


def closest(text: str, candidates: Iterable[tuple[int, str]]) -> tuple[int, float] | None:
    """(id, likeness) of the most alike of some (id, text), the first of equals; None when none reaches TWIN.

    Where thousands are alike, ask the database for the fifty that share most bands among any thousand that
    share one.
    """
    words = bare(text)
    scored = ((pk, overlap(words, bare(other))) for pk, other in candidates)
    best = max(scored, key=lambda found: found[1], default=None)
    return best if best and best[1] >= TWIN else None
