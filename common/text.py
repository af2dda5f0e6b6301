"""Chinese text as data: search tokens and pinyin initials."""

from __future__ import annotations

import re
import unicodedata

# 党支部 stands in most organizations' names, so in most texts. Asked for, these two pairs narrow nothing down
# and take two thirds of a search's time (12 ms against 4 ms at 560,000 publications).
EVERYWHERE = {"党支", "支部"}
_RUN = re.compile(r"[a-z0-9㐀-鿿豈-﫿]+")


def fold(text: str) -> str:
    """Full-width to half-width, lower case: what a searcher means by "the same"."""
    return unicodedata.normalize("NFKC", text).lower()


def tokens(text: str) -> list[str]:
    """Sorted distinct search tokens: single characters and overlapping 2-grams, Chinese and Latin alike.

    Together with a substring recheck exact for every word (measurements.md 7); dictionaries miss what
    they cut otherwise, and whole Latin words would miss "9001" in "iso9001".
    """
    found: set[str] = set()
    for run in _RUN.findall(fold(text)):
        found.update(run, _pairs(run))
    return sorted(found)


def query_tokens(text: str) -> list[str]:
    """Tokens that every page containing ``text`` must have: 2-grams where there are any.

    Without those that hold in nearly every text, as long as there are others.
    """
    found: set[str] = set()
    for run in _RUN.findall(fold(text)):
        found.update(_pairs(run) or [run])
    return sorted(found - EVERYWHERE or found)


def is_one_token(text: str) -> bool:
    """Does having the token already mean containing the text? Then no substring recheck is needed."""
    folded = fold(text)
    return len(folded) <= 2 and _RUN.fullmatch(folded) is not None


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def initials(text: str) -> str:
    """Pinyin initials (拼音首字母): 东方丝绸 -> dfsc. Latin letters and digits stay."""
    # Its dictionaries take 57 MB. Names are written seldom; a process that never writes one never loads them.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    return "".join(lazy_pinyin(fold(text), style=Style.FIRST_LETTER, errors=_keep_word_characters))[:120]


def _keep_word_characters(run: str) -> str:
    return "".join(c for c in run if c.isalnum())
