from pledges.models.display import NameDisplay, NameShown
from pledges.models.exemption import Exemption, ExemptionKind
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
    "COUNTS",
    "LIVE",
    "MAX_ITEMS",
    "MAX_MEMBER_ITEMS",
    "Direction",
    "DraftBuffer",
    "Exemption",
    "ExemptionKind",
    "Ground",
    "Matter",
    "MemberStatus",
    "NameDisplay",
    "NameShown",
    "Pledge",
    "PledgeItem",
    "Publication",
    "RoundArchive",
    "RoundFigure",
    "RoundMember",
    "Scope",
    "new_key",
]
