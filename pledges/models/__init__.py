from pledges.models.display import NameDisplay, NameShown
from pledges.models.exemption import Exemption, ExemptionKind
from pledges.models.hint import ItemSketch, ItemTwin
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
    "LIVE",
    "MAX_ITEMS",
    "MAX_MEMBER_ITEMS",
    "Direction",
    "DraftBuffer",
    "Exemption",
    "ExemptionKind",
    "Ground",
    "ItemSketch",
    "ItemTwin",
    "Matter",
    "NameDisplay",
    "NameShown",
    "Pledge",
    "PledgeItem",
    "Publication",
    "Scope",
    "new_key",
]
