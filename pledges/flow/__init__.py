"""The workflows of this app as tables. States are written by their steps and nowhere else."""

from pledges.flow.appraisal import APPRAISAL_FLOWS
from pledges.flow.change import MEMBER_CHANGE_FLOW, ORGANIZATION_CHANGE_FLOW, ChangeState
from pledges.flow.item import ITEM_FLOWS
from pledges.flow.opinion import CONTACT_KEPT_DAYS, OPINION_FLOW, TERM_WORKDAYS, OpinionState
from pledges.flow.plan import (
    PLAN_EDITABLE,
    PLAN_FLOW,
    PLAN_UNFINISHED,
    PLAN_VETTED,
    UNARCHIVE,
    WITHOUT_BUTTON,
)
from pledges.flow.pledge import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW
from pledges.flow.states import (
    EDITABLE,
    IN_FORCE,
    UNFINISHED,
    AppraisalState,
    ItemState,
    PlanState,
    PledgeState,
)

__all__ = [
    "APPRAISAL_FLOWS",
    "AppraisalState",
    "CONTACT_KEPT_DAYS",
    "ChangeState",
    "EDITABLE",
    "IN_FORCE",
    "ITEM_FLOWS",
    "ItemState",
    "LEADER_FLOW",
    "MEMBER_CHANGE_FLOW",
    "MEMBER_FLOW",
    "OPINION_FLOW",
    "ORGANIZATION_CHANGE_FLOW",
    "ORGANIZATION_FLOW",
    "OpinionState",
    "PLAN_EDITABLE",
    "PLAN_FLOW",
    "PLAN_UNFINISHED",
    "PLAN_VETTED",
    "PlanState",
    "PledgeState",
    "TERM_WORKDAYS",
    "UNARCHIVE",
    "UNFINISHED",
    "WITHOUT_BUTTON",
]
