"""Reactions to events. Loaded by the app's ``ready``."""

from pledges.receivers import (  # noqa: F401
    change,  # noqa: F401
    fulfilment,  # noqa: F401
    handover,
    member,
    opinion,  # noqa: F401
    plan,
    pledge,
)
