"""How the audit speaks of this app. Loaded by the app's ``ready``."""

from pledges.sentences import change, pledge  # noqa: F401
