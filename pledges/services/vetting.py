"""审诺: each item is settled or goes back alone; the pledge follows its items (domain.md 1.1, 1.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from common.states import IllegalStep, StepRefused, Taken
from pledges.flow import ITEM_FLOWS, LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW, ItemState, PledgeState
from pledges.models import Ground, Pledge, PledgeItem
from pledges.services.open_rounds import hold
from pledges.services.writing import by_flow, current_as_read

SEE_ITEMS = "见各项的退回意见。"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided on one item. Not approved: with a reason and the points of the check-list it fails."""

    is_approved: bool
    reason: str = ""
    grounds: Sequence[str] = ()


@transaction.atomic
def vet(pledge: Pledge, verdicts: Mapping[str, Verdict], *, by: Any, version: int | None = None) -> Pledge:
    """审诺 of one pledge, by item key. Items not named stay to be vetted; the pledge goes on when none is left.

    All or nothing: raises ReasonMissing for an item returned without one, IllegalStep when one of them has been
    decided meanwhile.
    """
    current = current_as_read(pledge, version)
    named = current.items.with_what_guards_ask().filter(key__in=verdicts)
    good = [key for key, verdict in verdicts.items() if verdict.is_approved]
    _insist(_approve_items(current, named.filter(key__in=good), by))
    for item in named.exclude(key__in=good):
        _return_item(item, verdicts[item.key], by)
    _follow(Pledge.objects.filter(pk=current.pk), by)
    return current_as_read(pledge, None)


@transaction.atomic
def approve(pledge: Pledge, *, by: Any, reason: str = "", version: int | None = None) -> Pledge:
    """审定通过: every item that was still to be vetted is settled, on the text that was on the screen.

    With an item returned already the whole is not good: that one is vetted again first, or the pledge goes back.
    """
    current = current_as_read(pledge, version)
    back = current.items.filter(state=ItemState.RETURNED).values_list("number", flat=True)
    if current.state == PledgeState.SUBMITTED and back:
        raise StepRefused(
            f"第{'、'.join(map(str, back))}项已经退回，整份不能通过：先在“逐项审定”里重新审定退回的项，"
            "或者办完其余各项，整份退回修改。"
        )
    _approve_items(current, current.items.filter(state=ItemState.SUBMITTED), by)
    return current.flow.take("approve", current, by=by, reason=reason, changes=_vetted(by, current.version))


@transaction.atomic
def return_(
    pledge: Pledge,
    *,
    by: Any,
    reason: str,
    grounds: Iterable[str] = (),
    remarks: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Pledge:
    """退回修改: a reason in words and the check-list points it fails.

    With remarks (by item key) those items go back and the others are settled; without any, all go back.
    """
    current = current_as_read(pledge, version)
    grounds = [ground for ground in Ground.values if ground in set(grounds)]
    said = {key: text.strip() for key, text in (remarks or {}).items() if text.strip()}
    items = list(current.items.with_what_guards_ask())
    numbers = {item.number: said[item.key] for item in items if item.key in said}
    back = [item for item in items if item.key in said or not numbers]
    for item in back:
        if item.state == ItemState.SUBMITTED:
            _return_item(item, Verdict(False, said.get(item.key) or reason, grounds), by)
    others = current.items.exclude(pk__in=[item.pk for item in back])
    _approve_items(current, others.filter(state=ItemState.SUBMITTED), by)
    return current.flow.take(
        "return",
        current,
        by=by,
        reason=reason,
        changes=_vetted(by, current.version) | {"return_reason": reason.strip(), "return_grounds": grounds},
        grounds=grounds,
        remarks=numbers,
    )


@transaction.atomic
def vet_all(
    items: QuerySet[PledgeItem], step: str, *, by: Any, reason: str = "", grounds: Iterable[str] = ()
) -> Taken[PledgeItem]:
    """``approve`` or ``return`` for many items of many pledges, in a constant number of queries."""
    hold()
    # the pledges first, as vetting one of them does: two people at once wait for each other and never both
    list(
        Pledge.objects.filter(pk__in=items.order_by().values("pledge"))
        .select_for_update()
        .order_by("pk")
        .values_list("pk")
    )
    changes = {"remark": reason.strip(), "grounds": [g for g in Ground.values if g in set(grounds)]}
    done: list[PledgeItem] = []
    refused: list[tuple[PledgeItem, str]] = []
    for flow, of_the_flow in _OF_FLOW.items():
        part = items.filter(of_the_flow).with_what_guards_ask()  # type: ignore[attr-defined]
        taken = ITEM_FLOWS[flow].take_all(step, part, by=by, reason=reason, changes=changes)
        done, refused = done + taken.done, refused + taken.refused
    _follow(Pledge.objects.filter(pk__in={item.pledge_id for item in done}), by)
    return Taken(done, refused)


@transaction.atomic
def reconsider_item(item: PledgeItem, *, by: Any) -> PledgeItem:
    """Undo of a wrong click, while the pledge is still being vetted."""
    current_as_read(item.pledge, None)
    return item.flow.take("reconsider", item, by=by, changes={"remark": "", "grounds": []})


@transaction.atomic
def reconsider(pledge: Pledge, *, by: Any, version: int | None = None) -> Pledge:
    """撤回审定意见: undo of a decision nobody has gone on from; every item is vetted again."""
    current = current_as_read(pledge, version)
    changes = {"return_reason": "", "return_grounds": [], "changed_at": timezone.now()}
    taken = current.flow.take("reconsider", current, by=by, changes=changes)
    current.state = PledgeState.SUBMITTED
    vetted = current.items.exclude(state=ItemState.SUBMITTED).with_what_guards_ask()
    ITEM_FLOWS[current.flow].take_all("reconsider", vetted, by=by, changes={"remark": "", "grounds": []})
    return taken


def _return_item(item: PledgeItem, verdict: Verdict, by: Any) -> None:
    grounds = [ground for ground in Ground.values if ground in set(verdict.grounds)]
    changes = {"remark": verdict.reason.strip(), "grounds": grounds}
    item.flow.take("return", item, by=by, reason=verdict.reason, changes=changes, grounds=grounds)


def _approve_items(pledge: Pledge, items: QuerySet[PledgeItem], by: Any) -> Taken[PledgeItem]:
    rows = items.with_what_guards_ask()  # type: ignore[attr-defined]
    return ITEM_FLOWS[pledge.flow].take_all("approve", rows, by=by, changes={"remark": "", "grounds": []})


def _insist(taken: Taken[PledgeItem]) -> None:
    """Of one pledge nothing is decided by halves."""
    for item, why in taken.refused:
        raise StepRefused(why) if item.state == ItemState.SUBMITTED else IllegalStep(why)


def _follow(pledges: QuerySet[Pledge], by: Any) -> None:
    """A pledge with no item left to vet is approved, or returned when one of them went back."""
    items = PledgeItem.objects.filter(pledge=OuterRef("pk"))
    decided = pledges.filter(~Exists(items.filter(state=ItemState.SUBMITTED)), state=PledgeState.SUBMITTED)
    has_returned = Exists(items.filter(state=ItemState.RETURNED))
    for flow, part in by_flow(decided):
        back = _vetted(by, F("version")) | {"return_reason": SEE_ITEMS}
        flow.take_all("return", part.filter(has_returned), by=by, reason=SEE_ITEMS, changes=back)
        flow.take_all("approve", part, by=by, changes=_vetted(by, F("version")))


def _vetted(by: Any, version: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "return_reason": "",
        "return_grounds": [],
        "vetted_at": now,
        "vetted_by": by,
        "vetted_version": version,
        "changed_at": now,
    }


_OF_FLOW = {
    ORGANIZATION_FLOW: Q(pledge__member=None),
    MEMBER_FLOW: Q(pledge__member__isnull=False, pledge__is_leading=False),
    LEADER_FLOW: Q(pledge__member__isnull=False, pledge__is_leading=True),
}
