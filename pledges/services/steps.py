"""The steps of the flow, and what each of them brings about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.search import searchable, vector
from common.states import StepRefused
from pledges.completeness import Problem, problems_of
from pledges.flow import PLEDGE_FLOW
from pledges.models import Ground, Pledge, Publication, Scope
from pledges.publishing import frozen_text, strings_of
from pledges.services.writing import locked


class Incomplete(Exception):
    """The pledge cannot be filed yet; ``problems`` name each field and say what is missing."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("；".join(problem.message for problem in problems))
        self.problems = problems


@transaction.atomic
def submit(pledge: Pledge, *, by: Any, version: int | None = None) -> Pledge:
    """提诺. Raises Incomplete with every problem; the steps' own refusals come first."""
    current = _current(pledge, version)
    taken = PLEDGE_FLOW.take(
        "submit",
        current,
        by=by,
        changes={
            "submitted_at": timezone.now(),
            "submitted_by": by,
            "changed_at": timezone.now(),
            "hands": sorted({*current.hands, by.pk}),
        },
    )
    if problems := problems_of(current):
        raise Incomplete(problems)
    return taken


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
    """退回修改: a reason in words, the check-list points it fails, a remark per item (by item key)."""
    current = _current(pledge, version)
    grounds = [ground for ground in Ground.values if ground in set(grounds)]
    said = {key: text.strip() for key, text in (remarks or {}).items() if text.strip()}
    numbers = {item.number: said[item.key] for item in current.items.all() if item.key in said}
    taken = PLEDGE_FLOW.take(
        "return",
        current,
        by=by,
        reason=reason,
        changes={"return_reason": reason.strip(), "return_grounds": grounds, "changed_at": timezone.now()},
        grounds=grounds,
        remarks=numbers,
    )
    for item in current.items.all():
        item.remark = said.get(item.key, "")
        item.save(update_fields=["remark"])
    return taken


@transaction.atomic
def approve(pledge: Pledge, *, by: Any, reason: str = "", version: int | None = None) -> Pledge:
    """审定通过: the superior's consent, on the text that was on the screen."""
    current = _current(pledge, version)
    changes = {"return_reason": "", "return_grounds": [], "changed_at": timezone.now()}
    taken = PLEDGE_FLOW.take("approve", current, by=by, reason=reason, changes=changes)
    current.items.exclude(remark="").update(remark="")
    return taken


@transaction.atomic
def propose(pledge: Pledge, *, by: Any, scope: str, version: int | None = None) -> Pledge:
    """申请公开, inside the Party or to everyone (党务公开 scope)."""
    current = _current(pledge, version)
    if scope not in Scope.values:
        raise StepRefused("请选择公开范围。")
    changes = {"scope": scope, "hands": sorted({*current.hands, by.pk}), "changed_at": timezone.now()}
    return PLEDGE_FLOW.take("propose", current, by=by, changes=changes, scope=scope)


@transaction.atomic
def decline(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """不予公开: back to approved, with the reason."""
    changes = {"scope": "", "changed_at": timezone.now()}
    return PLEDGE_FLOW.take("decline", _current(pledge, version), by=by, reason=reason, changes=changes)


@transaction.atomic
def publish(pledge: Pledge, *, by: Any, version: int | None = None) -> Pledge:
    """批准公开: freezes the text. Phone and ID numbers in it are masked, and the audit says how many."""
    current = _current(pledge, version)
    text, masked = frozen_text(current)
    now = timezone.now()
    taken = PLEDGE_FLOW.take("publish", current, by=by, changes={"changed_at": now}, masked=masked)
    if current.category is None:
        raise Incomplete(problems_of(current))
    body = searchable(
        [text["title"], current.organization.name, text["category"], *strings_of(text["items"])]
    )
    Publication.objects.create(
        pledge=current,
        organization=current.organization,
        organization_name=current.organization.name,
        phase=current.phase,
        category=current.category,
        scope=current.scope,
        title=text["title"],
        text=text,
        body=body,
        tokens=vector(body),
        published_at=now,
        published_by=by,
    )
    return taken


@transaction.atomic
def withdraw(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """撤下公开: the text leaves every page at once; the reason stays on record."""
    now = timezone.now()
    taken = PLEDGE_FLOW.take(
        "withdraw", _current(pledge, version), by=by, reason=reason, changes={"changed_at": now}
    )
    Publication.objects.filter(pledge=pledge, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by=by, withdraw_reason=reason.strip()
    )
    return taken


@transaction.atomic
def recall(pledge: Pledge, *, by: Any, reason: str, version: int | None = None) -> Pledge:
    """收回修改: the secretary takes back what is not public, to correct it; it is vetted again."""
    changes = {"scope": "", "return_reason": "", "return_grounds": [], "changed_at": timezone.now()}
    current = _current(pledge, version)
    taken = PLEDGE_FLOW.take("recall", current, by=by, reason=reason, changes=changes)
    current.items.exclude(remark="").update(remark="")
    return taken


def _current(pledge: Pledge, version: int | None) -> Pledge:
    """Lock the row; refuse a decision on a text that has changed since it was read."""
    current = locked(pledge)
    if version is not None and version != current.version:
        raise StepRefused("您打开之后，承诺的内容改过了，请看过新的内容再办理。")
    return current


VERBS: dict[str, Callable[..., Pledge]] = {
    "submit": submit,
    "return": return_,
    "approve": approve,
    "propose": propose,
    "decline": decline,
    "publish": publish,
    "withdraw": withdraw,
    "recall": recall,
}
