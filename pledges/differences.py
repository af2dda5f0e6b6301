"""Two frozen texts of one pledge side by side: what was public, and what stands in its place (变更)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from common.templatetags.cn import cn_date
from pledges.texts import HEAD_FIELDS, ITEM_FIELDS

Frozen = Mapping[str, Any]
Piece = tuple[bool, str]  # (is it only on this side, words)
# Below this likeness, or as short as a date, the two are marked whole: letters they happen to share say nothing.
ALIKE, SHORT = 0.5, 12


@dataclass(frozen=True, slots=True)
class Line:
    """One field on both sides."""

    label: str
    old: str
    new: str

    @property
    def is_changed(self) -> bool:
        return self.old != self.new

    @property
    def old_pieces(self) -> list[Piece]:
        return self._pieces()[0]

    @property
    def new_pieces(self) -> list[Piece]:
        return self._pieces()[1]

    def _pieces(self) -> tuple[list[Piece], list[Piece]]:
        if not self.is_changed:
            return [(False, self.old)], [(False, self.new)]
        matcher = SequenceMatcher(None, self.old, self.new, autojunk=False)
        if max(len(self.old), len(self.new)) <= SHORT or matcher.ratio() < ALIKE:
            return [(True, self.old)], [(True, self.new)]
        old: list[Piece] = []
        new: list[Piece] = []
        for tag, a, b, c, d in matcher.get_opcodes():
            old.append((tag != "equal", self.old[a:b]))
            new.append((tag != "equal", self.new[c:d]))
        return [piece for piece in old if piece[1]], [piece for piece in new if piece[1]]


@dataclass(frozen=True, slots=True)
class Part:
    """The head, or one item (承诺事项) with its fields; an item that only one side has was added or dropped."""

    label: str
    lines: list[Line]
    is_added: bool = False
    is_dropped: bool = False

    @property
    def is_changed(self) -> bool:
        return self.is_added or self.is_dropped or any(line.is_changed for line in self.lines)


def parts(old: Frozen, new: Frozen) -> list[Part]:
    """The whole of both texts, part by part; items are told by their keys, dropped ones stand last."""
    before = {_key(item): item for item in old["items"]}
    after = {_key(item): item for item in new["items"]}
    found = [Part("基本内容", _head(old, new))]
    for key, item in after.items():
        label = f"第{item['number']}项"
        found.append(Part(label, _lines(before.get(key, {}), item), is_added=key not in before))
    for key, item in before.items():
        if key not in after:
            found.append(Part(f"原第{item['number']}项", _lines(item, {}), is_dropped=True))
    return [part for part in found if part.lines]


def _key(item: Frozen) -> str:
    return item.get("key") or str(item["number"])


def _head(old: Frozen, new: Frozen) -> list[Line]:
    is_members = bool(new.get("person"))
    names = {name: label for name, label in HEAD_FIELDS.items() if not (is_members and name == "title")}
    return _filled(Line(label, _word(old.get(name)), _word(new.get(name))) for name, label in names.items())


def _lines(old: Frozen, new: Frozen) -> list[Line]:
    return _filled(Line(label, _said(old, name), _said(new, name)) for name, label in ITEM_FIELDS.items())


def _filled(lines: Any) -> list[Line]:
    return [line for line in lines if line.old or line.new]


def _word(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else value or ""


def _said(item: Frozen, name: str) -> str:
    text = item.get(name, "")
    return cn_date(dt.date.fromisoformat(text)) if name == "due_on" and text else text
