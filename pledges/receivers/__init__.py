"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import opinion, pledge  # noqa: F401
