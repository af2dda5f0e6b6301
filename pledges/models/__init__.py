from pledges.models.pledge import (
    MAX_ITEMS,
    Direction,
    DraftBuffer,
    Ground,
    Pledge,
    PledgeItem,
    Scope,
    new_key,
)
from pledges.models.publication import Publication

__all__ = [
    "MAX_ITEMS",
    "Direction",
    "DraftBuffer",
    "Ground",
    "Pledge",
    "PledgeItem",
    "Publication",
    "Scope",
    "new_key",
]
