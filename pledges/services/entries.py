"""The branch writes down what its members promise: one row of a screen, a workbook, and all handed in at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q

from campaigns.models import Phase
from common.events import record
from common.states import StepRefused, Taken
from organizations.access import may
from organizations.models import Member, Organization
from pledges.flow import EDITABLE, PledgeState
from pledges.models import Pledge
from pledges.services.drafting import Conflict, create_member_draft, save
from pledges.services.steps import submit_all
from pledges.services.writing import EDIT_MEMBER
from pledges.texts import Text

UNCHANGED = "退回以后还没有修改。"
ONES_OWN = "本人正在填写，由本人提交；需要代为提交的，打开这份承诺单独办理。"


@dataclass(frozen=True, slots=True)
class Entry:
    """One member's text, written on top of ``version`` (0: nothing was there)."""

    member: Member
    text: Text
    version: int


class EntriesRefused(Exception):
    """Nothing was written. ``problems`` says for which member, and why."""

    def __init__(self, problems: list[tuple[Member, str]]) -> None:
        super().__init__("；".join(f"{member.name}：{why}" for member, why in problems))
        self.problems = problems


@transaction.atomic
def save_entry(entry: Entry, phase: Phase, *, by: Any) -> Pledge:
    """Keep one row. The draft begins with its first words; the same text sent twice changes nothing.

    Raises Conflict, StepRefused, PermissionDenied as ``create_member_draft`` and ``save`` do.
    """
    there = Pledge.objects.filter(member=entry.member, phase=phase).first()
    pledge = there or create_member_draft(entry.member, phase, by=by)
    return save(pledge, entry.text, version=max(entry.version, 1), by=by)


def save_entries(entries: Iterable[Entry], phase: Phase, *, by: Any) -> list[Pledge]:
    """All rows of a workbook or none. Raises EntriesRefused with every row that could not be written."""
    problems: list[tuple[Member, str]] = []
    saved: list[Pledge] = []
    with transaction.atomic():
        for entry in entries:
            try:
                saved.append(save_entry(entry, phase, by=by))
            except Conflict:
                problems.append((entry.member, "别的同志在这期间保存过，请重新下载工作簿再改。"))
            except StepRefused as refused:
                problems.append((entry.member, str(refused)))
        if problems:
            raise EntriesRefused(problems)
    return saved


@transaction.atomic
def hand_in(organization: Organization, phase: Phase, *, by: Any) -> Taken[Pledge]:
    """提交全部: whatever is complete goes to be vetted. Who is writing their own is left to hand it in."""
    _may_enter(organization, by)
    rows = Pledge.objects.filter(organization=organization, phase=phase, state__in=EDITABLE).of_members()
    of_oneself = Q(hands__len=1, hands__contains=[F("member__user")])
    as_returned = ~Q(return_reason="") & Q(state=PledgeState.RETURNED, version=F("vetted_version"))
    left = [(p, ONES_OWN) for p in rows.filter(of_oneself).select_related("member")]
    left += [(p, UNCHANGED) for p in rows.filter(as_returned).exclude(of_oneself).select_related("member")]
    taken = submit_all(rows.exclude(pk__in=[p.pk for p, _ in left]), by=by)
    return Taken(taken.done, taken.refused + left)


@transaction.atomic
def record_export(organization: Organization, rows: int, *, by: Any) -> None:
    """A workbook with members' names and texts leaves the portal: that is on record."""
    _may_enter(organization, by)
    record(organization, "export_member_pledges", by=by, permission=EDIT_MEMBER, after={"rows": rows})


def _may_enter(organization: Organization, by: Any) -> None:
    if not may(by, EDIT_MEMBER, organization):
        raise PermissionDenied("您没有在该组织填写党员承诺的职务。")
