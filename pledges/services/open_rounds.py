"""Steps and a closing never overlap: what is under way ends before a round is closed, what begins later sees it.

One lock of the database for all rounds: they are closed once a year. Steps share it, a closing has it alone. It is
taken before any row is, so that nobody waits for each other; guards then read what is committed.
"""

from __future__ import annotations

from django.db import connection

from campaigns.models import Phase
from common.states import StepRefused
from pledges.flow.guards import round_is_open
from pledges.models import Pledge, RoundArchive

_LOCK = 0x706C6467  # "pldg"


def hold() -> None:
    """No round is closed until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def hold_all() -> None:
    """A closing or reopening: after every step under way, before every later one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def ensure_open(phase: Phase) -> None:
    """For what is written in a round beside its pledges' steps: drafts, exemptions. Raises StepRefused."""
    hold()
    archive = RoundArchive.objects.filter(closes=phase).first()
    if archive is not None:
        phase.pledge_archive = archive
        raise StepRefused(round_is_open(None, Pledge(phase=phase)) or "")
