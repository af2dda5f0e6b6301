"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import change, fulfilment, handover, member, opinion, plan, pledge  # noqa: F401
