"""The workflows of this app as tables. States are written by their steps and nowhere else."""

from pledges.flow.change import MEMBER_CHANGE_FLOW, ORGANIZATION_CHANGE_FLOW, ChangeState
from pledges.flow.item import ITEM_FLOWS
from pledges.flow.opinion import CONTACT_KEPT_DAYS, OPINION_FLOW, TERM_WORKDAYS, OpinionState
from pledges.flow.plan import PLAN_EDITABLE, PLAN_FLOW, PLAN_UNFINISHED, PLAN_VETTED
from pledges.flow.pledge import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW
from pledges.flow.states import EDITABLE, UNFINISHED, ItemState, PlanState, PledgeState

__all__ = [
    "CONTACT_KEPT_DAYS",
    "EDITABLE",
    "ITEM_FLOWS",
    "LEADER_FLOW",
    "MEMBER_CHANGE_FLOW",
    "MEMBER_FLOW",
    "ORGANIZATION_CHANGE_FLOW",
    "ORGANIZATION_FLOW",
    "PLAN_EDITABLE",
    "PLAN_FLOW",
    "PLAN_UNFINISHED",
    "PLAN_VETTED",
    "OPINION_FLOW",
    "ORGANIZATION_FLOW",
    "TERM_WORKDAYS",
    "UNFINISHED",
    "ChangeState",
    "ItemState",
    "PlanState",
    "OpinionState",
    "PledgeState",
]
