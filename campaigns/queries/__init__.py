"""Reads that join the nouns of a campaign."""

from campaigns.queries.arrangement import (
    current_campaign,
    current_phase,
    phase_to_show,
    windows_on,
    with_arrangement,
)

__all__ = ["current_campaign", "current_phase", "phase_to_show", "windows_on", "with_arrangement"]
