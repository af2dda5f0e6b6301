"""审诺, item by item: what is good is settled, what is not goes back alone, with its reason (domain.md 1.1).

The pledge follows its items (``pledges.services.vetting``): with none left to vet it is approved, or returned when
one of them went back.
"""

from __future__ import annotations

from typing import Any

from common.states import Flow, Step
from pledges.flow.change import MEMBER_CHANGE_FLOW, ORGANIZATION_CHANGE_FLOW
from pledges.flow.pledge import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW
from pledges.flow.states import ItemState

_S = ItemState


def _of_the_pledge(flow: Flow, step: str) -> Any:
    """What keeps a person from vetting the pledge keeps them from vetting its items."""
    return lambda user, item: flow[step].refusal(user, item.pledge)


def _pledge_is_open(user: Any, item: Any) -> str | None:
    if item.pledge.state != "submitted":
        return f"这份承诺现在是“{item.pledge.get_state_display()}”，不在审定中。"
    return None


def _pledge_is_public(user: Any, item: Any) -> str | None:
    """What a change (变更) adds to a published pledge was vetted with the change."""
    return None if item.pledge.state == "published" else "只有批准变更时新增的承诺事项随之审定。"


def _flow(pledge: Flow, change: Flow) -> Flow:
    vet, write = pledge["approve"].permission, pledge["submit"].permission
    vetting = (_pledge_is_open, _of_the_pledge(pledge, "approve"))
    vetted = frozenset({_S.APPROVED, _S.RETURNED})
    return Flow(
        Step("submit", "提交", frozenset({_S.DRAFT, _S.RETURNED}), _S.SUBMITTED, write),
        Step("approve", "通过", frozenset({_S.SUBMITTED}), _S.APPROVED, vet, guards=vetting),
        Step(
            "return", "退回", frozenset({_S.SUBMITTED}), _S.RETURNED, vet, needs_reason=True, guards=vetting
        ),
        Step("reconsider", "重新审定", vetted, _S.SUBMITTED, vet, guards=vetting),
        Step("recall", "收回", vetted | {_S.SUBMITTED}, _S.DRAFT, write),
        Step(
            "settle",
            "随变更审定",
            frozenset({_S.DRAFT}),
            _S.APPROVED,
            change["approve"].permission,
            guards=(_pledge_is_public,),
        ),
    )


_CHANGES = {
    ORGANIZATION_FLOW: ORGANIZATION_CHANGE_FLOW,
    MEMBER_FLOW: MEMBER_CHANGE_FLOW,
    LEADER_FLOW: MEMBER_CHANGE_FLOW,
}
ITEM_FLOWS = {flow: _flow(flow, change) for flow, change in _CHANGES.items()}
