"""What people fill in about campaigns: making one, its progress, its rules."""

from campaigns.forms.campaigns import (
    CampaignForm,
    CloseForm,
    ExtensionForm,
    SpecialDayForm,
    UrgeForm,
    WaiverForm,
)

__all__ = ["CampaignForm", "CloseForm", "ExtensionForm", "SpecialDayForm", "UrgeForm", "WaiverForm"]
