from campaigns.models.assignment import Assignment, AssignmentState
from campaigns.models.calendar_feed import CalendarFeed
from campaigns.models.campaign import Campaign, Phase, RubricItem, Strand, StrandWindow, Subject, not_over
from campaigns.models.check import AssignmentCheck
from campaigns.models.closing import PhaseClosing
from campaigns.models.concession import Concession
from campaigns.models.obligation import Anchor, ExemptCase, Obligation, Unit
from campaigns.models.reminder import Audience, Reminder
from campaigns.models.robot import Robot, RobotKind, RobotMessage
from campaigns.models.snapshot import Snapshot
from campaigns.models.summary import Summary, SummaryBuffer
from campaigns.models.tally import Tally, TallyChange
from campaigns.models.urging import Urging

__all__ = [
    "Anchor",
    "Audience",
    "CalendarFeed",
    "Campaign",
    "Concession",
    "ExemptCase",
    "Obligation",
    "Phase",
    "PhaseClosing",
    "Reminder",
    "Robot",
    "RobotKind",
    "RobotMessage",
    "RubricItem",
    "Assignment",
    "AssignmentCheck",
    "AssignmentState",
    "Snapshot",
    "Strand",
    "StrandWindow",
    "Subject",
    "Summary",
    "SummaryBuffer",
    "Tally",
    "TallyChange",
    "Unit",
    "Urging",
    "not_over",
]
