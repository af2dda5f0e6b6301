"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import change, pledge  # noqa: F401
