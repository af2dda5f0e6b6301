from campaigns.models.campaign import Campaign, Phase, RubricItem, Strand, StrandWindow, Subject
from campaigns.models.concession import Concession
from campaigns.models.obligation import Anchor, ExemptCase, Obligation, Unit
from campaigns.models.standing import Standing, StandingState

__all__ = [
    "Anchor",
    "Campaign",
    "Concession",
    "ExemptCase",
    "Obligation",
    "Phase",
    "RubricItem",
    "Standing",
    "StandingState",
    "Strand",
    "StrandWindow",
    "Subject",
    "Unit",
]
