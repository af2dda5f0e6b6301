"""The life of a public pledge (公开承诺): 提诺 → 审诺 → 公诺, of an organization and of a member.

Publication follows the chain of 党务公开条例: 提出 → 保密审查 → 审批 → 实施 (domain.md 10). Three tables of one
shape: what differs is who takes the steps.
"""

from __future__ import annotations

from dataclasses import replace

from common.states import Flow, Guard, Step
from pledges.flow.guards import (
    campaign_runs,
    has_superior,
    independent,
    living,
    not_from_within,
    not_ones_own,
    not_the_clearer,
    not_the_proposer,
    on_the_roster,
    round_is_open,
    untouched,
)
from pledges.flow.states import EDITABLE, PledgeState

_S = PledgeState
_SUBMITTED, _PROPOSED, _CLEARED = (frozenset({s}) for s in (_S.SUBMITTED, _S.PROPOSED, _S.CLEARED))
_VETTED = frozenset({_S.APPROVED, _S.RETURNED})
_TO_PROPOSE = frozenset({_S.APPROVED, _S.WITHDRAWN})
_PUBLISHED = frozenset({_S.PUBLISHED})
# Whatever is filed and not public may be taken back and corrected; it is vetted again from the start.
_TO_RECALL = frozenset({_S.SUBMITTED, _S.APPROVED, _S.PROPOSED, _S.CLEARED, _S.WITHDRAWN})


def _in_open_rounds(*steps: Step) -> Flow:
    """Nothing of a closed round (归档) changes, save that taking down what should not be public waits for nobody."""
    closable = [step for step in steps if step.name != "withdraw"]
    guarded = {step.name: replace(step, guards=(round_is_open, *step.guards)) for step in closable}
    return Flow(*(guarded.get(step.name, step) for step in steps))


ORGANIZATION_FLOW = _in_open_rounds(
    Step("submit", "提交审定", EDITABLE, _S.SUBMITTED, "pledges.submit_pledge",
         guards=(has_superior, living, campaign_runs)),
    Step("return", "退回修改", _SUBMITTED, _S.RETURNED, "pledges.approve_pledge",
         needs_reason=True, guards=(independent,)),
    Step("approve", "审定通过", _SUBMITTED, _S.APPROVED, "pledges.approve_pledge", guards=(independent,)),
    Step("reconsider", "撤回审定意见", _VETTED, _S.SUBMITTED, "pledges.approve_pledge",
         guards=(independent, untouched)),
    Step("propose", "申请公开", _TO_PROPOSE, _S.PROPOSED, "pledges.propose_pledge", guards=(living,)),
    Step("bar", "保密审查不通过", _PROPOSED, _S.APPROVED, "pledges.clear_pledge",
         needs_reason=True, guards=(independent, not_the_proposer)),
    Step("clear", "保密审查通过", _PROPOSED, _S.CLEARED, "pledges.clear_pledge",
         guards=(independent, not_the_proposer)),
    Step("decline", "不予公开", _CLEARED, _S.APPROVED, "pledges.publish_pledge",
         needs_reason=True, guards=(independent, not_the_clearer)),
    Step("publish", "批准公开", _CLEARED, _S.PUBLISHED, "pledges.publish_pledge",
         guards=(independent, not_the_clearer)),
    # Taking down what should not be public waits for nobody: no separation of duties here.
    Step("withdraw", "撤下公开", _PUBLISHED, _S.WITHDRAWN, "pledges.withdraw_pledge", needs_reason=True),
    Step("recall", "收回修改", _TO_RECALL, _S.RETURNED, "pledges.submit_pledge",
         needs_reason=True, guards=(campaign_runs,)),
)  # fmt: skip


def _of_members(vet: str, guard: Guard) -> Flow:
    """A member's pledge; ``vet`` is the permission to vet it, ``guard`` who of its holders may not."""
    return _in_open_rounds(
        Step("submit", "提交审定", EDITABLE, _S.SUBMITTED, "pledges.submit_member_pledge",
             guards=(living, on_the_roster, campaign_runs)),
        Step("return", "退回修改", _SUBMITTED, _S.RETURNED, vet, needs_reason=True, guards=(guard,)),
        Step("approve", "审定通过", _SUBMITTED, _S.APPROVED, vet, guards=(guard,)),
        Step("reconsider", "撤回审定意见", _VETTED, _S.SUBMITTED, vet, guards=(guard, untouched)),
        Step("propose", "申请公开", _TO_PROPOSE, _S.PROPOSED, "pledges.propose_member_pledge",
             guards=(living, on_the_roster)),
        Step("bar", "保密审查不通过", _PROPOSED, _S.APPROVED, "pledges.clear_member_pledge",
             needs_reason=True, guards=(not_the_proposer,)),
        Step("clear", "保密审查通过", _PROPOSED, _S.CLEARED, "pledges.clear_member_pledge",
             guards=(not_the_proposer,)),
        Step("decline", "不予公开", _CLEARED, _S.APPROVED, "pledges.publish_member_pledge",
             needs_reason=True, guards=(not_the_clearer,)),
        Step("publish", "批准公开", _CLEARED, _S.PUBLISHED, "pledges.publish_member_pledge",
             guards=(not_the_clearer,)),
        Step("withdraw", "撤下公开", _PUBLISHED, _S.WITHDRAWN, "pledges.withdraw_member_pledge",
             needs_reason=True),
        Step("recall", "收回修改", _TO_RECALL, _S.RETURNED, "pledges.submit_member_pledge",
             needs_reason=True, guards=(campaign_runs,)),
    )  # fmt: skip


# An ordinary member's pledge is vetted by the branch; a 书记's or 副书记's by the superior.
MEMBER_FLOW = _of_members("pledges.approve_member_pledge", not_ones_own)
LEADER_FLOW = _of_members("pledges.approve_pledge", not_from_within)
