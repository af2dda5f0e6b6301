"""What people fill in about campaigns: making one, its progress, its rules."""

from campaigns.forms.campaigns import CampaignForm, CloseForm
from campaigns.forms.closing import ClosePhaseForm, ReopenPhaseForm
from campaigns.forms.progress import ExtensionForm, SnapshotForm, UrgeForm, WaiverForm
from campaigns.forms.robots import RobotForm
from campaigns.forms.summaries import SummaryForm, SummaryReasonForm

__all__ = [
    "CampaignForm",
    "CloseForm",
    "ClosePhaseForm",
    "ExtensionForm",
    "ReopenPhaseForm",
    "RobotForm",
    "SnapshotForm",
    "SummaryForm",
    "SummaryReasonForm",
    "UrgeForm",
    "WaiverForm",
]
