"""What each role must be answered on the pages of 办理进度."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import LOGIN, MISSING, OK, Case, never, reader_of, signed_in
from tests.permissions.oracle import READS, Who
from tests.permissions.world import World


def _somewhere(who: Who) -> int:
    return LOGIN if not who.signed_in else OK if who.post in READS["filed"] else MISSING


def progress_pages(world: World) -> Iterator[Case]:
    plan = world.extra["progress"]["plan"]
    yield Case("campaigns:progress", signed_in, never)
    yield Case("campaigns:owing", _somewhere, never, query=f"?obligation={plan.pk}")
    for place in ["committee", "branch", "foreign"]:
        at = f"organization={world.places[place].pk}"
        yield Case("campaigns:progress", reader_of("filed", place), never, query=f"?{at}", about=place)
        yield Case(
            "campaigns:owing",
            reader_of("filed", place),
            never,
            query=f"?{at}&obligation={plan.pk}",
            about=place,
        )
