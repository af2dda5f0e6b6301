"""What of a pledge becomes public: the frozen text, with personal numbers masked (domain.md 10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from campaigns.models import RubricItem
from common.privacy import conceal, surname_only
from pledges.models.display import NameShown
from pledges.models.pledge import Direction
from pledges.texts import HEAD_FIELDS, ITEM_FIELDS, Text, is_blank, text_of


@dataclass(frozen=True, slots=True)
class Masked:
    """A number that will not be shown: where it stands, and how it looks masked."""

    place: str
    shown: str


class Mask:
    """Takes out of what becomes public of ``pledge`` what is nobody's business, and remembers where it stood."""

    def __init__(self, pledge: Any) -> None:
        self.person = shown_name(pledge)
        self.hidden = pledge.member.name if pledge.member and pledge.member.name != self.person else ""
        self.found: list[dict[str, str]] = []

    def __call__(self, place: str, text: str) -> str:
        shown, forms = conceal(text)
        # under 姓+某 the text gives the name away no more than the title does
        if self.hidden and self.hidden in shown:
            shown, forms = shown.replace(self.hidden, self.person), [*forms, self.person]
        self.found += [asdict(Masked(place, form)) for form in forms]
        return shown


def frozen_text(pledge: Any, text: Text | None = None) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The text as it is published, and what was masked in it: the saved one, or one to come. Three queries at most."""
    text = text_of(pledge) if text is None else text
    clean, category = Mask(pledge), _category(pledge, text)
    items = [item for item in text["items"] if not is_blank(item)]
    frozen = {
        "title": f"{clean.person}同志的公开承诺"
        if clean.person
        else clean(HEAD_FIELDS["title"], text["title"]),
        "person": clean.person,
        "aim": clean(HEAD_FIELDS["aim"], text["aim"]),
        "category": category.name if category else "",
        "central": category.central_name if category else "",
        "directions": [Direction(d).label for d in text["directions"]],
        "items": [
            {
                "number": number,
                "key": item["key"],
                **{name: clean(f"第{number}项 {label}", item[name]) for name, label in ITEM_FIELDS.items()},
            }
            for number, item in enumerate(items, 1)
        ],
    }
    return frozen, clean.found


def _category(pledge: Any, text: Text) -> RubricItem | None:
    if text["category"] == pledge.category_id:
        return pledge.category
    return RubricItem.objects.filter(pk=text["category"]).first()


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
