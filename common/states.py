"""A workflow is a table. This module turns the table into behaviour.

An app writes its rows in ``flow.py``; buttons, addresses, refusals, the state diagram in docs/
and the permission tests are all read from those rows, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from common.events import record, record_all

M = TypeVar("M", bound=models.Model)

# (user, object) -> None, or the Chinese sentence that says why not. About the person, not the post.
Guard = Callable[[Any, Any], str | None]


class IllegalStep(Exception):
    """The object is not in a state from which this step may start: somebody was faster."""


class ReasonMissing(ValueError):
    """This step asks for a reason and none was given."""


class StepRefused(Exception):
    """A guard or a rule of the object says no; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str  # bare verb; also the address segment and the event's verb
    label: str  # what the button says
    sources: frozenset[str]
    target: str
    permission: str
    needs_reason: bool = False
    guards: tuple[Guard, ...] = ()

    def refusal(self, user: Any, obj: Any) -> str | None:
        """The first guard's objection, if any."""
        return next((why for guard in self.guards if (why := guard(user, obj))), None)


@dataclass(frozen=True, slots=True)
class Taken(Generic[M]):
    """What a step taken for many came to: those it was taken for, and those it was not, each with the sentence."""

    done: list[M]
    refused: list[tuple[M, str]]


class Flow:
    def __init__(self, *steps: Step) -> None:
        self._steps = {step.name: step for step in steps}

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps.values())

    def __getitem__(self, name: str) -> Step:
        return self._steps[name]

    def __contains__(self, name: str) -> bool:
        return name in self._steps

    def open_to(self, user: Any, obj: Any) -> list[Step]:
        """The steps this user may take now: exactly the buttons to show."""
        return [step for step in self._possible(user, obj) if step.refusal(user, obj) is None]

    def refused_to(self, user: Any, obj: Any) -> list[tuple[Step, str]]:
        """Steps the post would allow but the person may not take, each with the sentence that says why."""
        return [(step, why) for step in self._possible(user, obj) if (why := step.refusal(user, obj))]

    def _possible(self, user: Any, obj: Any) -> list[Step]:
        return [s for s in self if obj.state in s.sources and user.has_perm(s.permission, obj)]

    def diagram(self, states: type[models.TextChoices], first: str) -> str:
        """The table as a Mermaid state diagram, with the words that people see."""
        names = [f'    state "{state.label}" as {state.value}' for state in states]
        arrows = [
            f"    {source} --> {step.target}: {step.label}"
            for step in self
            for source in states.values
            if source in step.sources
        ]
        return "\n".join(["stateDiagram-v2", *names, f"    [*] --> {first}", *arrows])

    @transaction.atomic
    def take(
        self,
        name: str,
        obj: M,
        *,
        by: Any,
        reason: str = "",
        changes: dict[str, Any] | None = None,
        **detail: Any,
    ) -> M:
        """Move ``obj`` one step under a row lock, save ``changes`` with it, and put it on record.

        Raises PermissionDenied, StepRefused, IllegalStep, ReasonMissing; nothing is written then.
        """
        step = self[name]
        current: Any = type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)
        if not by.has_perm(step.permission, current):
            raise PermissionDenied(step.permission)
        if current.state not in step.sources:
            raise IllegalStep(f"{name}: {current.state} is not one of {sorted(step.sources)}")
        if why := step.refusal(by, current):
            raise StepRefused(why)
        if step.needs_reason and not reason.strip():
            raise ReasonMissing(f"{name} needs a reason")
        before, current.state = current.state, step.target
        for field, value in (changes or {}).items():
            setattr(current, field, value)
        current.save(update_fields=["state", *(changes or {})])
        record(
            current,
            name,
            by=by,
            permission=step.permission,
            before={"state": before},
            after={"state": step.target},
            reason=reason.strip(),
            **detail,
        )
        return current

    @transaction.atomic
    def take_all(
        self,
        name: str,
        rows: models.QuerySet[M],
        *,
        by: Any,
        reason: str = "",
        changes: Mapping[str, Any] | None = None,
        each: Mapping[Any, Mapping[str, Any]] | None = None,
        **detail: Any,
    ) -> Taken[M]:
        """The same step for many objects in five queries, however many. ``changes`` may hold expressions;
        ``each`` holds what the record says of single ones, by primary key.

        Whoever was overtaken or is refused stays as it is and is named in the answer; the others go on.
        ``rows`` must carry (``select_related``) what guards look at: they ask the database nothing here.
        Raises PermissionDenied when the step is not this person's for one of them, and ReasonMissing.
        """
        step = self[name]
        if step.needs_reason and not reason.strip():
            raise ReasonMissing(f"{name} needs a reason")
        done: list[Any] = []
        refused: list[tuple[Any, str]] = []
        for row in rows.select_for_update(of=("self",)).order_by("pk"):
            current: Any = row
            if not by.has_perm(step.permission, current):
                raise PermissionDenied(step.permission)
            if current.state not in step.sources:
                refused.append((row, f"现在是“{current.get_state_display()}”，不能{step.label}。"))
            elif why := step.refusal(by, current):
                refused.append((row, why))
            else:
                done.append(row)
        before = [{"state": row.state} for row in done]
        rows.model._default_manager.filter(pk__in=[row.pk for row in done]).update(
            state=step.target, **(changes or {})
        )
        for row in done:
            row.state = step.target
        record_all(
            done,
            name,
            by=by,
            permission=step.permission,
            before=before,
            after={"state": step.target},
            reason=reason.strip(),
            each=each,
            **detail,
        )
        return Taken(done, refused)
