"""The text of a pledge as plain data, and two people's versions of it side by side.

A *text* is ``{"title", "category", "directions", "aim", "items": [{"key", "content", …}]}``; dates are ISO
strings, the category is a primary key or None, the aim a member's. *Flat*, it is one dict of fields: "title",
"category", "directions", "aim", "order" (the item keys) and "<key>.content", "<key>.measures" …
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Text = dict[str, Any]
Flat = dict[str, Any]

HEAD_FIELDS = {"title": "承诺主题", "category": "承诺类别", "directions": "承诺对象", "aim": "努力方向"}
ITEM_FIELDS = {
    "content": "承诺内容",
    "measures": "践诺措施",
    "responsible": "责任人",
    "due_on": "完成时限",
    "baseline": "基数",
    "target": "目标值",
    "unit": "单位",
}
MINE, THEIRS = "mine", "theirs"


def text_of(pledge: Any) -> Text:
    """The saved text. Costs one query unless the items are prefetched."""
    return {
        "title": pledge.title,
        "category": pledge.category_id,
        "directions": list(pledge.directions),
        "aim": pledge.aim,
        "items": [
            {"key": item.key, **{name: _plain(getattr(item, name)) for name in ITEM_FIELDS}}
            for item in pledge.items.all()
        ],
    }


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else value or ""


def is_blank(item: Mapping[str, str]) -> bool:
    return not any(item.get(name, "").strip() for name in ITEM_FIELDS)


def flatten(text: Text) -> Flat:
    flat = {name: text[name] for name in HEAD_FIELDS}
    flat["order"] = [item["key"] for item in text["items"]]
    for item in text["items"]:
        flat |= {f"{item['key']}.{name}": item[name] for name in ITEM_FIELDS}
    return flat


def unflatten(flat: Flat) -> Text:
    return {
        **{name: flat[name] for name in HEAD_FIELDS},
        "items": [
            {"key": key, **{name: flat[f"{key}.{name}"] for name in ITEM_FIELDS}} for key in flat["order"]
        ],
    }


def changed(before: Text, after: Text) -> tuple[Flat, Flat]:
    """The fields that differ, as they were and as they are; a field that is not there is None."""
    old, new = flatten(before), flatten(after)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: old.get(name) for name in names}, {name: new.get(name) for name in names}


def rewound(text: Text, edits: Iterable[Mapping[str, Any]]) -> Text:
    """The text before ``edits`` (the ``before`` of each edit event, newest first)."""
    flat = flatten(text)
    for before in edits:
        for name, value in before.items():
            if value is None and name not in HEAD_FIELDS:
                flat.pop(name, None)
            else:
                flat[name] = value
    return unflatten(flat)


@dataclass(frozen=True, slots=True)
class Clash:
    """One place where my text and the saved one differ. ``field`` may be a whole item (its key)."""

    field: str
    label: str
    mine: Any
    theirs: Any
    suggested: str  # MINE or THEIRS: whoever changed it; mine where both did
    both_changed: bool


def clashes(base: Text, mine: Text, theirs: Text) -> list[Clash]:
    b, m, t = flatten(base), flatten(mine), flatten(theirs)
    found = [_clash(name, label, b, m, t) for name, label in HEAD_FIELDS.items() if m[name] != t[name]]
    for key in _union(t["order"], m["order"]):
        number = (t["order"] if key in t["order"] else m["order"]).index(key) + 1
        if key in m["order"] and key in t["order"]:
            names = [n for n in ITEM_FIELDS if m[f"{key}.{n}"] != t[f"{key}.{n}"]]
            found += [_clash(f"{key}.{n}", f"第{number}项 {ITEM_FIELDS[n]}", b, m, t) for n in names]
        else:
            found.append(_item_clash(key, f"第{number}项（整项）", b, m, t))
    return found


def merged(base: Text, mine: Text, theirs: Text, choices: Mapping[str, str]) -> tuple[Text, Flat]:
    """One text from two, field by field as chosen (or as suggested), and what was not chosen.

    The second part maps each field to ``{"mine": …}`` or ``{"theirs": …}``: the side set aside.
    """
    m, t = flatten(mine), flatten(theirs)
    result, aside = dict(t), {}
    order = _order(flatten(base)["order"], m["order"], t["order"])
    for clash in clashes(base, mine, theirs):
        chosen = choices.get(clash.field, clash.suggested)
        other = THEIRS if chosen == MINE else MINE
        aside[clash.field] = {other: clash.theirs if other == THEIRS else clash.mine}
        side = m if chosen == MINE else t
        if clash.field in order:
            order, result = _with_item(clash.field, side, order, result)
        else:
            result[clash.field] = side[clash.field]
    return unflatten({**result, "order": order}), aside


def _with_item(key: str, side: Flat, order: list[str], result: Flat) -> tuple[list[str], Flat]:
    if key not in side["order"]:
        return [k for k in order if k != key], result
    return order, result | {f"{key}.{name}": side[f"{key}.{name}"] for name in ITEM_FIELDS}


def _clash(field: str, label: str, base: Flat, mine: Flat, theirs: Flat) -> Clash:
    i_changed, they_changed = mine[field] != base.get(field), theirs[field] != base.get(field)
    suggested = THEIRS if they_changed and not i_changed else MINE
    return Clash(field, label, mine[field], theirs[field], suggested, i_changed and they_changed)


def _item_clash(key: str, label: str, base: Flat, mine: Flat, theirs: Flat) -> Clash:
    """An item that one side has and the other has not: added by one, or removed by one."""
    holder = mine if key in mine["order"] else theirs
    removed = key in base["order"]
    touched = removed and any(holder[f"{key}.{n}"] != base[f"{key}.{n}"] for n in ITEM_FIELDS)
    keep, drop = (MINE, THEIRS) if holder is mine else (THEIRS, MINE)
    item = {name: holder[f"{key}.{name}"] for name in ITEM_FIELDS}
    return Clash(
        key,
        label,
        item if holder is mine else None,
        item if holder is theirs else None,
        drop if removed and not touched else keep,
        touched,
    )


def _union(first: list[str], second: list[str]) -> list[str]:
    return first + [key for key in second if key not in first]


def _order(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    """Everybody's items; in my order when only I moved them, else in theirs."""
    return _union(mine, theirs) if theirs == base else _union(theirs, mine)


def blank_text(**said: Any) -> Text:
    """Nothing written yet; keyword arguments are what is known all the same."""
    return {"title": "", "category": None, "directions": [], "aim": "", "items": []} | said
