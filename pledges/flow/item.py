"""审诺, item by item: what is good is settled, what is not goes back alone, with its reason (domain.md 1.1).

The pledge follows its items (``pledges.services.vetting``): with none left to vet it is approved, or returned when
one of them went back.
"""

from __future__ import annotations

from typing import Any

from common.states import Flow, Step
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


def _flow(pledge: Flow) -> Flow:
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
    )


ITEM_FLOWS = {flow: _flow(flow) for flow in (ORGANIZATION_FLOW, MEMBER_FLOW, LEADER_FLOW)}
