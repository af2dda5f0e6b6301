"""How the audit speaks of this app. Loaded by the app's ``ready``."""

from pledges.sentences import (  # noqa: F401
    change,  # noqa: F401
    fulfilment,  # noqa: F401
    members,
    names,
    opinion,  # noqa: F401
    plan,
    pledge,
    rounds,  # noqa: F401
)
