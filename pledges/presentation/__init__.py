"""How states, steps and events look and read on pages. No rule lives here."""

from pledges.presentation.change import CHANGE_TONES, ChangeButton, matter_tabs
from pledges.presentation.opinion import OpinionEntry, OpinionLine
from pledges.presentation.pledge import TONES, Entry, StepButton, TabLink, Timeline, shown

__all__ = [
    "CHANGE_TONES",
    "TONES",
    "ChangeButton",
    "Entry",
    "OpinionEntry",
    "OpinionLine",
    "StepButton",
    "TabLink",
    "Timeline",
    "matter_tabs",
    "shown",
]
