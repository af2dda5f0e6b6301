"""催办: the superior or the office asks those who owe, on purpose and in their own words (domain.md 6)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.expectations import expectation, owner_posts
from campaigns.models import Assignment, Obligation, Phase, Urging
from campaigns.queries.rules import in_force
from campaigns.services import robots
from campaigns.services.assignments import hold_open
from common.events import record_all
from common.templatetags.cn import cn_date
from notifications.services import Message, notify_each
from organizations.access import may
from organizations.models import OrganizationUserPost
from organizations.posts import CODENAME

URGE = "campaigns.urge"


@dataclass(frozen=True, slots=True)
class Addressee:
    """One organization that would be asked: who is told there, or why nobody is."""

    assignment: Assignment
    people: list[tuple[int, str]]  # (user id, name)
    why_not: str = ""


def suggested(obligation: Obligation, found: Sequence[Addressee]) -> str:
    """The words a superior starts from; with the last day where all have the same."""
    days = {each.assignment.due_on for each in found}
    until = f"，{cn_date(days.pop())}截止" if len(days) == 1 else ""
    return f"请抓紧办理“{obligation.name}”{until}。"


def is_possible(phase: Phase, day: dt.date) -> bool:
    """Nobody is asked for what the portal would not take any more."""
    return phase.frozen_at is None and not phase.campaign.is_closed_on(day)


def addressees(obligation: Obligation, assignments: Collection[int], *, by: Any) -> list[Addressee]:
    """Who would be told, without telling anybody. Four queries, however many.

    Raises PermissionDenied when one of them is not below a post that may urge.
    """
    rows = list(
        obligation.assignments.open()
        .filter(pk__in=assignments)
        .select_related("organization")
        .order_by("organization__order_path")
    )
    for row in rows:
        if not may(by, URGE, row.organization):
            raise PermissionDenied(f"您的职务不能催办“{row.organization.name}”。")
    today = set(obligation.urgings.filter(day=timezone.localdate()).values_list("organization", flat=True))
    people = _people(rows)
    return [_addressee(row, people[row.organization_id], today) for row in rows]


def _addressee(row: Assignment, people: list[tuple[int, str]], today: Collection[int]) -> Addressee:
    if row.organization_id in today:
        return Addressee(row, [], "今天已经催办过，不再重复发送")
    return Addressee(row, people, "" if people else "没有办理这件事的任职，请先任命书记")


def _people(rows: Sequence[Assignment]) -> dict[int, list[tuple[int, str]]]:
    """organization -> who does it there, as the rule that holds there has it."""
    rules = in_force(rows)
    asked = {row.organization_id: _codenames(rules[row.pk]) for row in rows}
    held = OrganizationUserPost.objects.filter(
        content_object__in=asked,
        permission__codename__in=set().union(*asked.values()),
        user__is_active=True,
    ).exclude(valid_until__lt=timezone.localdate())
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place, codename, pk, name in held.order_by("permission", "user").values_list(
        "content_object", "permission__codename", "user", "user__name"
    ):
        if codename in asked[place] and (pk, name) not in found[place]:
            found[place].append((pk, name))
    return found


def _codenames(rule: Obligation) -> set[str]:
    expected = expectation(rule.expects)
    posts = owner_posts(expected, rule.posts) if expected else []
    return {CODENAME.format(post) for post in posts}


@transaction.atomic
def urge(obligation: Obligation, assignments: Collection[int], *, text: str, by: Any) -> int:
    """Tell them; returns how many organizations were asked. Those asked today already, or done since, are
    left out; of a phase that is closed (归档), or after the campaign's end, nobody is asked.
    """
    day = timezone.localdate()
    if not (hold_open(obligation.phase_id) and is_possible(obligation.phase, day)):
        return 0
    chosen = {
        each.assignment.organization_id: each
        for each in addressees(obligation, assignments, by=by)
        if not each.why_not
    }
    rows = [
        Urging(
            obligation=obligation,
            organization_id=place,
            day=day,
            text=text,
            sent_by=by,
            told=len(each.people),
        )
        for place, each in chosen.items()
    ]
    Urging.objects.bulk_create(rows, ignore_conflicts=True)
    # of two clicks at once the second finds the rows of the first
    mine = list(
        Urging.objects.filter(
            obligation=obligation,
            day=day,
            organization__in=chosen,
            sent_by=by,
            sent_at__in=[row.sent_at for row in rows],
        ).select_related("organization", "obligation")
    )
    for urging in mine:
        _tell(obligation, urging, chosen[urging.organization_id])
    robots.tell_urged(mine)
    record_all(mine, "urge", by=by, permission=URGE, after={"name": obligation.name, "text": text})
    return len(mine)


def _tell(obligation: Obligation, urging: Urging, each: Addressee) -> None:
    expected = expectation(obligation.expects)
    link = expected.url(urging.organization_id, obligation.phase) if expected else ""
    subject = f"催办：{obligation.name}（{urging.organization.label}）"
    messages = [Message(pk, subject, urging.text, link) for pk, _ in each.people]
    notify_each(messages, key=f"urging:{urging.pk}")
