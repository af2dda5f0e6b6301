"""Whom notices go to, and who goes on after a merger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model

from common.models import Event
from common.states import Step
from organizations.access import holders_of
from organizations.models import Organization

People = Callable[[Any, Event], set[int]]


def those_who_may(step: Step, row: Any) -> set[int]:
    """Those who may take ``step`` today, without those its guards refuse."""
    pks = {pk for pk, _ in holders_of(step.permission, row.organization)}
    users = get_user_model().objects.filter(pk__in=pks)
    return {user.pk for user in users if step.refusal(user, row) is None}


def holders(step: str) -> People:
    """``those_who_may``, for the tables of who is told what."""
    return lambda row, event: those_who_may(row.flow[step], row)


def successor_of(merged: Organization) -> Organization | None:
    """The end of the chain: the successor may have been merged itself before this event came round.

    None when that one is dissolved or files no pledges (党组): nobody there could go on.
    """
    successor = merged
    while successor.merged_into is not None:
        successor = successor.merged_into
    return successor if successor.dissolved_on is None and successor.rule.files_pledges else None
