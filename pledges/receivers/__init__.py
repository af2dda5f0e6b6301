"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import pledge  # noqa: F401
