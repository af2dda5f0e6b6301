"""The verbs of a campaign. Every write to its tables happens in this package."""

from campaigns.services.campaigns import (
    MANAGE,
    Arrangement,
    CampaignRefused,
    arrange,
    close,
    create_from_template,
    may_manage,
)

__all__ = [
    "MANAGE",
    "Arrangement",
    "CampaignRefused",
    "arrange",
    "close",
    "create_from_template",
    "may_manage",
]
