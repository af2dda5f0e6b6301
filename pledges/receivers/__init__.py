"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import fulfilment, pledge  # noqa: F401
