"""What of a pledge becomes public: the frozen text, with personal numbers masked (domain.md 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from common.privacy import conceal, surname_only
from pledges.models.display import NameShown
from pledges.texts import HEAD_FIELDS, ITEM_FIELDS, is_blank, text_of


@dataclass(frozen=True, slots=True)
class Masked:
    """A number that will not be shown: where it stands, and how it looks masked."""

    place: str
    shown: str


def frozen_text(pledge: Any) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The text as it is published, and what was masked in it. Two queries at most."""
    text = text_of(pledge)
    masked: list[dict[str, str]] = []

    def clean(place: str, value: str) -> str:
        shown, found = conceal(value)
        masked.extend(asdict(Masked(place, form)) for form in found)
        return shown

    items = [item for item in text["items"] if not is_blank(item)]
    person = shown_name(pledge)
    frozen = {
        "title": f"{person}同志的公开承诺" if person else clean(HEAD_FIELDS["title"], text["title"]),
        "person": person,
        "aim": clean(HEAD_FIELDS["aim"], text["aim"]),
        "category": pledge.category.name if pledge.category else "",
        "central": pledge.category.central_name if pledge.category else "",
        "directions": pledge.direction_labels,
        "items": [
            {
                "number": number,
                **{name: clean(f"第{number}项 {label}", item[name]) for name, label in ITEM_FIELDS.items()},
            }
            for number, item in enumerate(items, 1)
        ],
    }
    return frozen, masked


def shown_name(pledge: Any) -> str:
    """The member's name as the organization's rule shows it (姓名显示); empty for an organization's pledge."""
    if pledge.member is None:
        return ""
    display = getattr(pledge.organization, "name_display", None)
    hides = display is not None and display.shown == NameShown.SURNAME
    return surname_only(pledge.member.name) if hides else pledge.member.name


def strings_of(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """What of the items can be searched: their words, not their dates."""
    return [str(item[name]) for item in items for name in ITEM_FIELDS if name != "due_on" and item[name]]
