"""How the audit speaks of this app. Loaded by the app's ``ready``."""

from pledges.sentences import pledge, rounds  # noqa: F401
