"""What waits for a person besides organizations' pledges: each area tells its own, the desk lists them all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pledges.queries.changes import change_duties
from pledges.queries.duty import Duty, Source
from pledges.queries.fulfilment_duties import fulfilment_duties
from pledges.queries.ones_own import ones_own_pledge
from pledges.queries.opinions import opinion_duties
from pledges.queries.plan import plan_duties
from pledges.queries.publication import publication_duties
from pledges.queries.vetting import returned_duties, vetting_duties

SOURCES: tuple[Source, ...] = (
    ones_own_pledge,
    returned_duties,
    vetting_duties,
    publication_duties,
    change_duties,
    fulfilment_duties,
    opinion_duties,
    plan_duties,
)


def duties(user: Any, day: dt.date) -> list[Duty]:
    """Everything that waits for ``user`` on ``day``, area by area."""
    return [duty for source in SOURCES for duty in source(user, day)]
