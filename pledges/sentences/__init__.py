"""How the audit speaks of this app. Loaded by the app's ``ready``."""

from pledges.sentences import members, names, plan, pledge  # noqa: F401
