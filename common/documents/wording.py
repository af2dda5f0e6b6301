"""How Chinese official documents (公文) write numbers, names, spans of time and titles (GB/T 9704-2012)."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Collection

from common.templatetags.cn import cn_date, cn_day

_DIGITS = "零一二三四五六七八九"
_TWO_CHARACTERS = re.compile("[㐀-鿿豈-﫿]{2}")
_NEW_LINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# marks that turn the direction of the text: what they hide is read otherwise than it is written
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOT_FIRST = frozenset("、，。；：！？”’）》〉〕】的")
_NOT_LAST = frozenset("“‘（《〈〔【")
_BODY_ENDS = frozenset("会部局处委组")  # 委员会, 支部, 统计局 …: a good place to break a title


def numeral(number: int) -> str:
    """1 → 一, 10 → 十, 21 → 二十一. From 1 to 99; more is a ``ValueError``."""
    if not 0 < number < 100:
        raise ValueError(f"no heading has number {number}")
    tens, ones = divmod(number, 10)
    ten = f"{_DIGITS[tens] if tens > 1 else ''}十" if tens else ""
    return ten + (_DIGITS[ones] if ones else "")


def numbered(number: int, level: int = 1) -> str:
    """The number of a heading at its level: 一、 （一） 1. （1） (GB/T 9704-2012, 7.3.3)."""
    return {1: f"{numeral(number)}、", 2: f"（{numeral(number)}）", 3: f"{number}.", 4: f"（{number}）"}[
        level
    ]


def aligned(name: str) -> str:
    """A name of two characters as wide as one of three: 张三 → 张　三."""
    return "　".join(name) if _TWO_CHARACTERS.fullmatch(name) else name


def span(starts_on: dt.date | None, ends_on: dt.date | None) -> str:
    """2010年8月1日至12月31日; the year once, where it is the same. An end that is not there: 2011年7月1日起."""
    if starts_on is None or ends_on is None:
        return f"{cn_date(starts_on)}起" if starts_on else f"{cn_date(ends_on)}前" if ends_on else ""
    until = cn_day(ends_on) if starts_on.year == ends_on.year else cn_date(ends_on)
    return f"{cn_date(starts_on)}至{until}"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of what was typed into a text area, without the spaces that made its indents."""
    return [line.strip() for line in clean(text).split("\n") if line.strip()]


def clean(text: str) -> str:
    """The text without what cannot be printed: control characters, marks that turn its direction, half characters.

    Line ends of all systems become newlines, a tab a space: tabs belong to the template.
    """
    text = _NEW_LINE.sub("\n", text).replace("\t", " ")
    return "".join(sign for sign in text if sign == "\n" or _is_printed(sign))


def _is_printed(sign: str) -> bool:
    if sign in _BIDI or unicodedata.category(sign) in ("Cc", "Cs"):
        return False
    return ord(sign) & 0xFFFE != 0xFFFE  # U+FFFE, U+FFFF and their like on every plane: not XML


def title_lines(*phrases: str, width: int = 20, unbroken: Collection[str] = ()) -> str:
    """A title in lines of at most ``width`` characters; a phrase is broken only when it is longer than a line.

    Lines of one phrase are about equally long, do not begin or end where no reader would pause, and leave the words
    ``unbroken`` in one piece (GB/T 9704-2012, 7.3.1: 词意完整，排列对称，长短适宜).
    """
    whole = "".join(phrases)
    if len(whole) <= width:
        return whole
    return "\n".join(line for phrase in phrases for line in _balanced(phrase, width, unbroken))


def _balanced(phrase: str, width: int, unbroken: Collection[str]) -> list[str]:
    count = math.ceil(len(phrase) / width)
    if count < 2:
        return [phrase] if phrase else []
    even = len(phrase) / count
    room = range(max(1, len(phrase) - width * (count - 1)), width + 1)
    places = [place for place in room if _may_break(phrase, place, unbroken)] or [width]
    place = min(places, key=lambda place: abs(place - even) - 3 * (phrase[place - 1] in _BODY_ENDS))
    return [phrase[:place], *_balanced(phrase[place:], width, unbroken)]


def _may_break(phrase: str, place: int, unbroken: Collection[str]) -> bool:
    before, after = phrase[place - 1], phrase[place]
    if before.isascii() and after.isascii():
        return False
    if before in _NOT_LAST or after in _NOT_FIRST:
        return False
    return not any(word in phrase[place - len(word) + 1 : place + len(word) - 1] for word in unbroken)
