"""How the audit speaks of this app. Loaded by the app's ``ready``."""

from pledges.sentences import opinion, pledge  # noqa: F401
