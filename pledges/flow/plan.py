"""The life of a plan (活动方案): 草稿 → 已报送 → 退回 or 同意 → 公布 → 归档 (domain.md 2, 11).

Publication of its summary follows the chain of 党务公开条例, as a pledge's does (domain.md 10).
"""

from __future__ import annotations

from common.states import Flow, Step
from pledges.flow.guards import (
    campaign_runs,
    has_superior,
    independent,
    living,
    not_the_clearer,
    not_the_proposer,
    round_is_open,
    untouched,
)
from pledges.flow.states import PlanState

_S = PlanState
PLAN_EDITABLE = frozenset({_S.DRAFT, _S.RETURNED})
PLAN_UNFINISHED = frozenset({_S.DRAFT, _S.SUBMITTED, _S.RETURNED, _S.AGREED, _S.PROPOSED, _S.CLEARED})
# The superior has agreed to the text as it stands: it may be adopted by those below.
PLAN_VETTED = frozenset({_S.AGREED, _S.PROPOSED, _S.CLEARED, _S.PUBLISHED, _S.WITHDRAWN, _S.ARCHIVED})
_SUBMITTED, _PROPOSED, _CLEARED, _PUBLISHED = (
    frozenset({s}) for s in (_S.SUBMITTED, _S.PROPOSED, _S.CLEARED, _S.PUBLISHED)
)
_DECIDED = frozenset({_S.AGREED, _S.RETURNED})
_TO_PROPOSE = frozenset({_S.AGREED, _S.WITHDRAWN})
_TO_RECALL = frozenset({_S.SUBMITTED, _S.AGREED, _S.PROPOSED, _S.CLEARED, _S.WITHDRAWN})
_TO_ARCHIVE = frozenset({_S.AGREED, _S.PUBLISHED, _S.WITHDRAWN})
_ARCHIVED = frozenset({_S.ARCHIVED})
UNARCHIVE = {f"reopen_{state}": state for state in (_S.AGREED, _S.PUBLISHED, _S.WITHDRAWN)}

PLAN_FLOW = Flow(
    Step("submit", "报送上级", PLAN_EDITABLE, _S.SUBMITTED, "pledges.submit_plan",
         guards=(round_is_open, has_superior, living, campaign_runs)),
    Step("return", "退回修改", _SUBMITTED, _S.RETURNED, "pledges.approve_plan",
         needs_reason=True, guards=(round_is_open, independent)),
    Step("approve", "同意", _SUBMITTED, _S.AGREED, "pledges.approve_plan", guards=(round_is_open, independent)),
    Step("reconsider", "撤回审核意见", _DECIDED, _S.SUBMITTED, "pledges.approve_plan",
         guards=(round_is_open, independent, untouched)),
    Step("propose", "申请公开", _TO_PROPOSE, _S.PROPOSED, "pledges.propose_plan", guards=(round_is_open, living)),
    Step("bar", "保密审查不通过", _PROPOSED, _S.AGREED, "pledges.clear_plan",
         needs_reason=True, guards=(round_is_open, independent, not_the_proposer)),
    Step("clear", "保密审查通过", _PROPOSED, _S.CLEARED, "pledges.clear_plan",
         guards=(round_is_open, independent, not_the_proposer)),
    Step("decline", "不予公开", _CLEARED, _S.AGREED, "pledges.publish_plan",
         needs_reason=True, guards=(round_is_open, independent, not_the_clearer)),
    Step("publish", "批准公开", _CLEARED, _S.PUBLISHED, "pledges.publish_plan",
         guards=(round_is_open, independent, not_the_clearer)),
    # Taking down what should not be public waits for nobody: no separation of duties here.
    Step("withdraw", "撤下公开", _PUBLISHED, _S.WITHDRAWN, "pledges.withdraw_plan", needs_reason=True),
    Step("recall", "收回修改", _TO_RECALL, _S.RETURNED, "pledges.submit_plan",
         needs_reason=True, guards=(round_is_open, campaign_runs)),
    # Taken for a whole phase when its round is closed (pledges.services.plans.archive_all); no button.
    Step("archive", "归档", _TO_ARCHIVE, _S.ARCHIVED, "pledges.archive_plan"),
    # And taken back for the whole phase when the round is opened again, each plan to where it came from.
    *(Step(name, "重新开启", _ARCHIVED, state, "pledges.archive_plan") for name, state in UNARCHIVE.items()),
)  # fmt: skip
WITHOUT_BUTTON = frozenset({"archive", *UNARCHIVE})
