from pledges.models.appraisal import Appraisal
from pledges.models.change import Change
from pledges.models.display import NameDisplay, NameShown
from pledges.models.exemption import Exemption, ExemptionKind
from pledges.models.fulfilment import (
    Cause,
    Judgement,
    Progress,
    ProgressAttachment,
    Result,
    Source,
    Status,
    quarter_label,
    quarter_of,
    source_label,
)
from pledges.models.hint import ItemSketch, ItemTwin
from pledges.models.opinion import CloseReason, MassView, Opinion, OpinionContact
from pledges.models.plan import MAX_TASKS, Plan, PlanTask, PlanVersion
from pledges.models.pledge import (
    MAX_ITEMS,
    MAX_MEMBER_ITEMS,
    Direction,
    DraftBuffer,
    Ground,
    Pledge,
    PledgeItem,
    Scope,
    new_key,
)
from pledges.models.publication import LIVE, Matter, Publication
from pledges.models.rounds import COUNTS, MemberStatus, RoundArchive, RoundFigure, RoundMember

__all__ = [
    "Appraisal",
    "Cause",
    "Judgement",
    "Progress",
    "ProgressAttachment",
    "Result",
    "Source",
    "Status",
    "quarter_label",
    "quarter_of",
    "source_label",
    "COUNTS",
    "LIVE",
    "MAX_ITEMS",
    "MAX_MEMBER_ITEMS",
    "MAX_TASKS",
    "Change",
    "CloseReason",
    "Direction",
    "DraftBuffer",
    "Exemption",
    "ExemptionKind",
    "Ground",
    "MassView",
    "ItemSketch",
    "ItemTwin",
    "Matter",
    "MemberStatus",
    "NameDisplay",
    "NameShown",
    "Plan",
    "PlanTask",
    "PlanVersion",
    "Opinion",
    "OpinionContact",
    "Pledge",
    "PledgeItem",
    "Publication",
    "RoundArchive",
    "RoundFigure",
    "RoundMember",
    "Scope",
    "new_key",
]
