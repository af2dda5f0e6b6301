"""评诺: 党员自评 → 互评 → 组织评 (domain.md 1.1, 4.7). An organization has no peers: its superior follows at once.

Each step can be corrected by going back one, with a reason; who may give may take back.
"""

from __future__ import annotations

from typing import Any

from common.states import Flow, Guard, Step
from pledges.flow.guards import independent, not_from_within, not_ones_own
from pledges.flow.pledge import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW
from pledges.flow.states import AppraisalState

MEET = "pledges.record_meeting"  # what a meeting (评诺会) of the branch said
_S = AppraisalState
_OPEN, _SELF, _PEERS, _DONE = (frozenset({state}) for state in _S)


def not_graded_yet(user: Any, pledge: Any) -> str | None:
    """预备党员 take part and are not graded (domain.md 4.7)."""
    if pledge.member is not None and pledge.member.standing == "probationary":
        return "预备党员参加评诺，不评定档次。"
    return None


def _of_the_pledge(guard: Guard) -> Guard:
    return lambda user, appraisal: guard(user, appraisal.pledge)


def _flow(pledge: Flow, *guards: Guard, has_peers: bool = True) -> Flow:
    """``guards`` say who of those that vet may not give the grade."""
    write, vet = pledge["submit"].permission, pledge["approve"].permission
    others = tuple(_of_the_pledge(guard) for guard in guards)
    graded, before = (*others, _of_the_pledge(not_graded_yet)), _PEERS if has_peers else _SELF
    steps = [
        Step("self_appraise", "自评", _OPEN, _S.SELF_APPRAISED, write),
        Step("reopen", "退回自评", _SELF, _S.OPEN, write, needs_reason=True),
        Step("appraise", "组织评", before, _S.APPRAISED, vet, guards=graded),
        Step("reopen_grade", "更正组织评", _DONE, min(before), vet, needs_reason=True, guards=others),
    ]
    if has_peers:
        steps += [
            Step("peer_appraise", "登记互评", _SELF, _S.PEER_APPRAISED, MEET),
            Step("reopen_peers", "更正互评", _PEERS, _S.SELF_APPRAISED, MEET, needs_reason=True),
        ]
    return Flow(*steps)


APPRAISAL_FLOWS = {
    ORGANIZATION_FLOW: _flow(ORGANIZATION_FLOW, independent, has_peers=False),
    MEMBER_FLOW: _flow(MEMBER_FLOW, not_ones_own),
    LEADER_FLOW: _flow(LEADER_FLOW, not_from_within),
}
