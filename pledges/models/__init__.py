from pledges.models.appraisal import Appraisal
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
    "LIVE",
    "MAX_ITEMS",
    "MAX_MEMBER_ITEMS",
    "Direction",
    "DraftBuffer",
    "Exemption",
    "ExemptionKind",
    "Ground",
    "Matter",
    "NameDisplay",
    "NameShown",
    "Pledge",
    "PledgeItem",
    "Publication",
    "Scope",
    "new_key",
]
