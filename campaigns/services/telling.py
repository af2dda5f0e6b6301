from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection, transaction


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """One transaction that writes or tells reminders at a time: two workers would tear one person's digest apart, wait
    for each other crosswise over the same rows, or pass over in a group's digest what a person was just told.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('campaigns.reminders'))")
        yield
