"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import handover, member, plan, pledge  # noqa: F401
