"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import handover, member, pledge  # noqa: F401
