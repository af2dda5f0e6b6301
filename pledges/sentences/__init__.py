"""How the audit speaks of this app. Loaded by the app's ``ready``."""

from pledges.sentences import (  # noqa: F401
    members,
    plan,  # noqa: F401
    pledge,
)
