"""豁免 and 口头承诺: who files no written pledge in a round, and why (domain.md 1.2)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from campaigns.models import Phase
from common.events import record
from common.states import StepRefused
from organizations.access import may
from organizations.models import Member, Organization
from pledges.flow import PledgeState
from pledges.models import Exemption, ExemptionKind, Pledge
from pledges.services.drafting import count_at_home, is_running, pledging_place
from pledges.services.open_rounds import ensure_open

EXEMPT = "pledges.exempt_member"


@transaction.atomic
def exempt(member: Member, phase: Phase, *, kind: str, reason: str, by: Any) -> Exemption:
    """登记口头承诺或豁免, with the reason; of an oral pledge that is what was promised.

    Nobody is both let off and has a written pledge. Raises PermissionDenied, StepRefused.
    """
    ensure_open(phase)
    # the lock that a draft takes too: of the two, one comes first and the other is told
    place = Organization.objects.select_for_update(no_key=True).get(pk=pledging_place(member).pk)
    if not may(by, EXEMPT, place):
        raise PermissionDenied("您没有登记这名党员口头承诺或豁免的职务。")
    if member.left_on is not None:
        raise StepRefused(f"{member.name}同志已不在名册上。")
    if kind not in ExemptionKind.values:
        raise StepRefused("请选择情形。")
    if not reason.strip():
        raise StepRefused("请写明承诺了什么。" if kind == ExemptionKind.ORAL else "请写明情况。")
    is_running(phase)
    _has_nothing_yet(member, phase)
    exemption = Exemption.objects.create(
        member=member, organization=place, phase=phase, kind=kind, reason=reason.strip(), recorded_by=by
    )
    after = {"kind": kind, "kind_label": exemption.get_kind_display(), "phase": phase.pk}
    record(exemption, "record", by=by, permission=EXEMPT, after=after, reason=exemption.reason)
    return exemption


@transaction.atomic
def lift(exemption: Exemption, *, by: Any) -> None:
    """撤销登记: entered by mistake, or the member pledges in writing after all."""
    ensure_open(exemption.phase)
    current = Exemption.objects.select_for_update(of=("self",)).filter(pk=exemption.pk).first()
    if current is None:
        return  # the first of two clicks has done it
    if not may(by, EXEMPT, current.organization):
        raise PermissionDenied("您没有撤销这项登记的职务。")
    is_running(current.phase)
    before = {"kind": current.kind, "kind_label": current.get_kind_display(), "reason": current.reason}
    Exemption.objects.filter(pk=current.pk).delete()
    record(current, "lift", by=by, permission=EXEMPT, before=before)
    count_at_home(current.member, current.phase_id)


def _has_nothing_yet(member: Member, phase: Phase) -> None:
    there = Exemption.objects.filter(member=member, phase=phase).first()
    if there is not None:
        raise StepRefused(
            f"{member.name}同志已登记为“{there.get_kind_display()}”；要改的，请先撤销原来的登记。"
        )
    pledge = Pledge.objects.filter(member=member, phase=phase).first()
    if pledge is None:
        return
    if pledge.state == PledgeState.DRAFT:
        raise StepRefused(f"{member.name}同志有一份没有提交的书面承诺草稿；请先删除草稿，再作登记。")
    raise StepRefused(f"{member.name}同志已经作出书面承诺，不能再登记为口头承诺或豁免。")
