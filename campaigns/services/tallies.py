"""合计 of the upper levels: kept beside the assignments by triggers, added up here (docs/adr/0003)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from campaigns.models import Obligation
from campaigns.models.tally import DEPTHS

_CELL = "organization_id, obligation_id, due_on, state, done_on"
_SUMS = "owed, extended, waived, returned, wanted, got, items, fulfilled"
_FOLD = f"""
    WITH gone AS (DELETE FROM campaigns_tallychange RETURNING *)
    INSERT INTO campaigns_tally AS t ({_CELL}, {_SUMS})
    SELECT {_CELL}, {", ".join(f"sum({name})" for name in _SUMS.split(", "))} FROM gone
    WHERE EXISTS (SELECT FROM campaigns_obligation b WHERE b.id = gone.obligation_id)
    GROUP BY {_CELL}
    ON CONFLICT ({_CELL}) DO UPDATE SET {", ".join(f"{n} = t.{n} + excluded.{n}" for n in _SUMS.split(", "))}
"""  # noqa: S608 -- our own constants
# the notes that the sums contain are taken away in the same statement: it sees both or neither
_REBUILD = f"""
    WITH gone AS (DELETE FROM campaigns_tallychange WHERE obligation_id = %(obligation)s)
    INSERT INTO campaigns_tally ({_CELL}, {_SUMS})
    SELECT split_part(o.path, '.', d)::bigint, s.obligation_id, s.due_on, s.state, s.done_on, count(*),
        sum(s.is_extended::int), sum(s.is_waived::int), sum(s.returned), sum(s.wanted), sum(s.got), sum(s.items),
        sum(s.fulfilled)
    FROM campaigns_assignment s JOIN organizations_organization o ON o.id = s.organization_id
    CROSS JOIN unnest(%(depths)s) AS d
    WHERE s.obligation_id = %(obligation)s AND split_part(o.path, '.', d) <> ''
    GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608


def fold() -> None:
    """Add up what was noted since the last time. One worker at a time; readers see before or after."""
    with _one_at_a_time():
        _run(_FOLD)
        _run("DELETE FROM campaigns_tally WHERE owed = 0")


@contextlib.contextmanager
def anew(obligation: Obligation) -> Iterator[None]:
    """For work on a whole tree: nothing is noted of it, and the obligation's tallies are added up after it."""
    with _one_at_a_time():
        _run("SELECT set_config('campaigns.tallies', 'off', true)")
        yield
        _run("SELECT set_config('campaigns.tallies', 'on', true)")
        rebuild(obligation)


def rebuild(obligation: Obligation) -> None:
    with _one_at_a_time():
        _run("DELETE FROM campaigns_tally WHERE obligation_id = %(obligation)s", obligation=obligation.pk)
        _run(_REBUILD, obligation=obligation.pk, depths=list(DEPTHS))


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    with transaction.atomic():
        _run("SELECT pg_advisory_xact_lock(hashtext('campaigns.tallies'))")
        yield


def _run(sql: str, **params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
