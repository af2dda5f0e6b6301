"""How items to be vetted look on a list, and what is said of those that were not decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.states import Taken
from pledges.flow import ItemState
from pledges.models import Pledge, PledgeItem

_STATE_OF = {"approve": ItemState.APPROVED, "return": ItemState.RETURNED}


@dataclass(frozen=True, slots=True)
class VettingRow:
    """One pledge of the list with its items that wait."""

    pledge: Pledge
    chosen: Mapping[int, int]
    tick_clean: bool = False

    @property
    def items(self) -> list[tuple[PledgeItem, bool]]:
        """(item, is it ticked): never before somebody asked for it."""
        return [
            (item, item.pk in self.chosen or (self.tick_clean and is_clean(item)))
            for item in self.pledge.items.all()
            if item.state == ItemState.SUBMITTED
        ]

    @property
    def decided(self) -> int:
        return sum(item.state in _STATE_OF.values() for item in self.pledge.items.all())


def is_clean(item: Any) -> bool:
    """Nothing to point out: neither vague nor nearly the same as another (``queries.attach_hints``)."""
    return not item.hints


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item that was ticked and not approved, with the reason."""

    name: str
    why: str
    url: str = ""


def outcomes(read: Mapping[int, int], seen: Iterable[PledgeItem], taken: Taken[PledgeItem]) -> list[Outcome]:
    """What became of the ticked items that were not approved now."""
    done = {item.pk for item in taken.done}
    refused = {item.pk: why for item, why in taken.refused}
    rest = {item.pk: item for item in seen if item.pk not in done}
    found = [_outcome(item, refused.get(pk), read[pk]) for pk, item in rest.items()]
    if gone := len(read) - len(done) - len(rest):
        found.append(Outcome(f"另有 {gone} 项", "已经收回或者不在您审定的范围内，看不到了。"))
    return found


def _outcome(item: PledgeItem, why: str | None, version: int) -> Outcome:
    name = f"{item.pledge.organization.label} {item.pledge} 第{item.number}项"
    url = item.pledge.get_absolute_url()
    if item.state == ItemState.APPROVED:
        return Outcome(name, "已经通过，不用再办。", url)
    if why is None and item.pledge.version != version:
        return Outcome(name, "您打开之后内容改过了，请看过新的内容再审。", url)
    return Outcome(name, why or "不在您审定的范围内。", url)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """An item that somebody else decided, otherwise, while this person was writing."""

    item: PledgeItem
    typed: str

    @classmethod
    def among(
        cls, items: Iterable[PledgeItem], posted: Mapping[str, Any]
    ) -> tuple[list[PledgeItem], list[Overtaken]]:
        """(decided just so already, decided otherwise) of what was posted for items that wait no longer."""
        same: list[PledgeItem] = []
        other: list[Overtaken] = []
        for item in items:
            verdict = posted.get(f"{item.key}-verdict", "")
            if item.state == ItemState.SUBMITTED or verdict not in _STATE_OF:
                continue
            typed = posted.get(f"{item.key}-reason", "").strip()
            if item.state == _STATE_OF[verdict] and (verdict == "approve" or item.remark == typed):
                same.append(item)
            else:
                other.append(cls(item, typed))
        return same, other
