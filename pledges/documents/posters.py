"""The 公示栏: what was pledged, on sheets of A3 for the wall (公诺, domain.md 1.1)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from common.documents import qr_png, render
from common.templatetags.cn import cn_date
from pledges.documents.letters import TEMPLATES, MemberItem, OrganizationItem

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
# What fills one sheet in large type: so many lines of so many characters.
LARGE_LINES, LARGE_WIDTH = 13, 24
# What the first sheet holds in small type, less a margin. A row is never torn, so a taller one would leave it empty.
ROW_LINES, ROW_WIDTH = 16, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterMember:
    """A member's line: name, category (one of 五个表率) and up to ten items."""

    name: str
    items: Sequence[MemberItem]
    category: str = ""

    @property
    def item_lines(self) -> list[str]:
        """Several items are told apart by number, a single one has none."""
        return _told_apart([item.content for item in self.items])

    @property
    def due_lines(self) -> list[str]:
        """完成时限: once where all items share it, else one for each with the item's number."""
        dates = [cn_date(item.due_on) for item in self.items]
        return dates[:1] if len(set(dates)) < 2 else _told_apart(dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """公示栏 of an organization's own items, of its members' pledges, or of both, one table each.

    Only what may be shown to anyone belongs here: the caller decides what that is.
    """

    title: str
    organization: str
    round_name: str
    url: str  # of the public page, behind the QR code and in words beneath it
    items: Sequence[OrganizationItem] = ()
    members: Sequence[PosterMember] = ()
    hotline: str = ""
    opinion_box: str = ""
    published_on: dt.date | None = None


def poster(facts: Poster) -> bytes:
    is_large = _fits_in_large_type(facts)
    rows = [row for number, member in enumerate(facts.members, 1) for row in _rows(number, member)]
    context = {"poster": facts, "rows": rows, "is_large": is_large}
    return render(TEMPLATES / "poster.docx", context, pictures={"二维码": qr_png(facts.url)})


def _rows(number: int, member: PosterMember) -> list[dict[str, Any]]:
    """A member's row; of one who promises at length a row for each item, every one with name and number."""
    about = {"number": number, "name": member.name, "category": member.category}
    whole = about | {"item_lines": member.item_lines, "due_lines": member.due_lines}
    if sum(math.ceil(len(line) / ROW_WIDTH) for line in member.item_lines) <= ROW_LINES:
        return [whole]
    return [
        about | {"item_lines": [line], "due_lines": [cn_date(item.due_on)]}
        for line, item in zip(member.item_lines, member.items, strict=True)
    ]


def _told_apart(lines: Sequence[str]) -> list[str]:
    if len(lines) < 2:
        return list(lines)
    return [f"{number}{line}" for number, line in zip(CIRCLED, lines, strict=False)]


def _fits_in_large_type(facts: Poster) -> bool:
    texts = [text for item in facts.items for text in (item.content, item.measures, item.figures)]
    texts += [text for member in facts.members for text in member.item_lines]
    return sum(math.ceil(len(text) / LARGE_WIDTH) for text in texts) <= LARGE_LINES
