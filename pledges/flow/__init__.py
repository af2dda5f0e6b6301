"""The workflows of this app as tables. States are written by their steps and nowhere else."""

from pledges.flow.appraisal import APPRAISAL_FLOWS
from pledges.flow.item import ITEM_FLOWS
from pledges.flow.pledge import LEADER_FLOW, MEMBER_FLOW, ORGANIZATION_FLOW
from pledges.flow.states import EDITABLE, IN_FORCE, UNFINISHED, AppraisalState, ItemState, PledgeState

__all__ = [
    "APPRAISAL_FLOWS",
    "EDITABLE",
    "IN_FORCE",
    "ITEM_FLOWS",
    "LEADER_FLOW",
    "MEMBER_FLOW",
    "ORGANIZATION_FLOW",
    "UNFINISHED",
    "AppraisalState",
    "ItemState",
    "PledgeState",
]
