"""The steps of the flow, and what each of them brings about. Vetting (审诺) has a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from common.states import Flow, StepRefused, Taken
from organizations.models import Appointment
from organizations.posts import Post
from pledges.completeness import Problem, problems_of
from pledges.flow import ITEM_FLOWS, LEADER_FLOW, MEMBER_FLOW, ItemState
from pledges.models import Pledge, PledgeItem, Publication, Scope
from pledges.publishing import frozen_text
from pledges.services.changes import lapse_changes
from pledges.services.hints import sketch
from pledges.services.open_rounds import hold
from pledges.services.publications import publish_texts
from pledges.services.vetting import approve, reconsider, return_
from pledges.services.writing import by_flow, current_as_read


class MasksUnseen(StepRefused):
    """Numbers will be masked; whoever publishes looks at them first and says so (domain.md 10)."""


class Incomplete(Exception):
    """The pledge cannot be filed yet; ``problems`` name each field and say what is missing."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = problems


@transaction.atomic
def submit(pledge: Pledge, *, by: Any, version: int | None = None) -> Pledge:
    """提诺. Raises Incomplete with every problem; the steps' own refusals come first."""
    current = current_as_read(pledge, version)
    current.is_leading = bool(_of_leaders([current]))
    taken = current.flow.take(
        "submit",
        current,
        by=by,
        changes={
            "submitted_at": timezone.now(),
            "submitted_by": by,
            "changed_at": timezone.now(),
            "hands": sorted({*current.hands, by.pk}),
            "is_leading": current.is_leading,
        },
    )
    if problems := problems_of(current):
        raise Incomplete(problems)
    _submit_items(current.flow, current.items.all(), by)
    return taken


@transaction.atomic
def submit_all(rows: QuerySet[Pledge], *, by: Any) -> Taken[Pledge]:
    """提诺 of many members' pledges in a constant number of queries. What is incomplete stays and is named."""
    hold()
    pledges = list(
        rows.of_members().with_what_guards_ask().prefetch_related("items").select_for_update(of=("self",))  # type: ignore[attr-defined]
    )
    refused = [(p, str(Incomplete(found))) for p in pledges if (found := problems_of(p))]
    incomplete = {p.pk for p, _ in refused}
    leaders = _of_leaders(pledges)
    done: list[Pledge] = []
    for flow, is_leading in ((MEMBER_FLOW, False), (LEADER_FLOW, True)):
        pks = [p.pk for p in pledges if p.pk not in incomplete and (p.pk in leaders) is is_leading]
        now = timezone.now()
        changes = {"submitted_at": now, "submitted_by": by, "changed_at": now, "is_leading": is_leading}
        chosen = Pledge.objects.filter(pk__in=pks).with_what_guards_ask()
        taken = flow.take_all("submit", chosen, by=by, changes=changes)
        _submit_items(flow, PledgeItem.objects.filter(pledge__in=taken.done), by)
        done, refused = done + taken.done, refused + taken.refused
    return Taken(done, refused)


def _of_leaders(pledges: list[Pledge]) -> set[int]:
    """Which of them are a 书记's or 副书记's today: their superior vets them. One query."""
    held = Appointment.objects.in_force(timezone.localdate()).filter(
        post__in=[Post.SECRETARY, Post.DEPUTY_SECRETARY],
        organization__in={p.organization_id for p in pledges if p.member_id},
        user__member__in={p.member_id for p in pledges if p.member_id},
    )
    pairs = set(held.values_list("user__member", "organization"))
    return {p.pk for p in pledges if (p.member_id, p.organization_id) in pairs}


def _submit_items(flow: Flow, items: QuerySet[PledgeItem], by: Any) -> None:
    open_items = items.exclude(state=ItemState.APPROVED).with_what_guards_ask()  # type: ignore[attr-defined]
    sketch(ITEM_FLOWS[flow].take_all("submit", open_items, by=by).done)


@transaction.atomic
def propose(pledge: Pledge, *, by: Any, scope: str, version: int | None = None) -> Pledge:
    """申请公开, inside the Party or to everyone (党务公开 scope)."""
    current = current_as_read(pledge, version)
    changes = _proposal(scope, by) | {"hands": sorted({*current.hands, by.pk})}
    return current.flow.take("propose", current, by=by, changes=changes, scope=scope)


@transaction.atomic
def propose_all(rows: QuerySet[Pledge], *, by: Any, scope: str) -> Taken[Pledge]:
    """申请公开 of a branch's batch of members' pledges."""
    return _take_all("propose", rows, by=by, changes=_proposal(scope, by), scope=scope)


def _proposal(scope: str, by: Any) -> dict[str, Any]:
    if scope not in Scope.values:
        raise StepRefused("请选择公开范围。")
    return {"scope": scope, "proposed_by": by, "cleared_by": None, "changed_at": timezone.now()}


@transaction.atomic
def clear(pledge: Pledge, *, by: Any, version: int | None = None) -> Pledge:
    """保密审查通过: nothing in it is secret, nothing unsuitable; on to the approval."""
    changes = {"cleared_by": by, "changed_at": timezone.now()}
    current = current_as_read(pledge, version)
    return current.flow.take("clear", current, by=by, changes=changes)


@transaction.atomic
def clear_all(rows: QuerySet[Pledge], *, by: Any) -> Taken[Pledge]:
    return _take_all("clear", rows, by=by, changes={"cleared_by": by, "changed_at": timezone.now()})


@transaction.atomic
def bar(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """保密审查不通过: back to approved, with the reason."""
    return _back(pledge, "bar", by, reason, version)


@transaction.atomic
def decline(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """不予公开: back to approved, with the reason."""
    return _back(pledge, "decline", by, reason, version)


@transaction.atomic
def put_back_all(rows: QuerySet[Pledge], step: str, *, by: Any, reason: str) -> Taken[Pledge]:
    """``bar`` or ``decline`` for a batch of members' pledges."""
    return _take_all(step, rows, by=by, reason=reason, changes=_off_the_way())


def _back(pledge: Pledge, step: str, by: Any, reason: str, version: int | None) -> Pledge:
    current = current_as_read(pledge, version)
    return current.flow.take(step, current, by=by, reason=reason, changes=_off_the_way())


def _off_the_way() -> dict[str, Any]:
    return {"scope": "", "proposed_by": None, "cleared_by": None, "changed_at": timezone.now()}


@transaction.atomic
def publish(pledge: Pledge, *, by: Any, version: int | None = None, has_seen_masks: bool = False) -> Pledge:
    """批准公开: freezes the text. Phone and ID numbers in it are masked, and the audit says how many.

    Raises MasksUnseen when there are any and nobody says to have looked at them.
    """
    current = current_as_read(pledge, version)
    text, masked = frozen_text(current)
    now = timezone.now()
    taken = current.flow.take("publish", current, by=by, changes={"changed_at": now}, masked=masked)
    _masks_are_seen(bool(masked), has_seen_masks)
    if current.category is None:
        raise Incomplete(problems_of(current))
    publish_texts([(current, text)], at=now, by=by)
    return taken


@transaction.atomic
def publish_all(rows: QuerySet[Pledge], *, by: Any, has_seen_masks: bool = False) -> Taken[Pledge]:
    """公诺 of a branch's batch: each text is frozen with its numbers masked, in a constant number of queries.

    Raises MasksUnseen for the whole batch, as ``publish`` does.
    """
    hold()
    now = timezone.now()
    held = rows.select_for_update(of=("self",)).with_what_guards_ask()  # type: ignore[attr-defined]
    held = held.select_related("category", "organization__name_display").prefetch_related("items")
    frozen = {pledge.pk: (pledge, *frozen_text(pledge)) for pledge in held}
    masked = {pk: {"masked": found} for pk, (_, _, found) in frozen.items()}
    taken = _take_all("publish", rows, by=by, changes={"changed_at": now}, each=masked)
    _masks_are_seen(any(frozen[p.pk][2] for p in taken.done), has_seen_masks)
    publish_texts([frozen[p.pk][:2] for p in taken.done], at=now, by=by)
    return taken


def _masks_are_seen(there_are: bool, has_seen: bool) -> None:
    if there_are and not has_seen:
        raise MasksUnseen("文中有号码要遮蔽，请先看过遮蔽以后的样子，再勾选“已看过遮蔽的号码”。")


@transaction.atomic
def withdraw(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """撤下公开: the text leaves every page at once; the reason stays on record."""
    now = timezone.now()
    current = current_as_read(pledge, version)
    taken = current.flow.take("withdraw", current, by=by, reason=reason, changes={"changed_at": now})
    Publication.objects.filter(pledge=pledge, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by=by, withdraw_reason=reason.strip()
    )
    lapse_changes(taken, by=by)
    return taken


@transaction.atomic
def recall(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """收回修改: whoever filed it takes back what is not public, to correct it; it is vetted again."""
    current = current_as_read(pledge, version)
    changes = _off_the_way() | {"return_reason": "", "return_grounds": []}
    taken = current.flow.take("recall", current, by=by, reason=reason, changes=changes)
    filed = current.items.exclude(state=ItemState.DRAFT).with_what_guards_ask()
    ITEM_FLOWS[current.flow].take_all("recall", filed, by=by, changes={"remark": "", "grounds": []})
    return taken


def _take_all(step: str, rows: QuerySet[Pledge], *, by: Any, **said: Any) -> Taken[Pledge]:
    """A step for many pledges, each by its own table. Two rounds of queries at most: 党员 and 书记、副书记."""
    done: list[Pledge] = []
    refused: list[tuple[Pledge, str]] = []
    for flow, part in by_flow(rows):
        taken = flow.take_all(step, part, by=by, **said)
        done, refused = done + taken.done, refused + taken.refused
    return Taken(done, refused)


VERBS: dict[str, Callable[..., Pledge]] = {
    "submit": submit,
    "return": return_,
    "approve": approve,
    "reconsider": reconsider,
    "propose": propose,
    "clear": clear,
    "bar": bar,
    "publish": publish,
    "decline": decline,
    "withdraw": withdraw,
    "recall": recall,
}
