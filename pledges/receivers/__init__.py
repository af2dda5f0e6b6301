"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import plan, pledge  # noqa: F401
