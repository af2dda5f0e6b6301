"""What each role must be answered where a phase is closed (时段归档)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import Case, never, signed_in
from tests.permissions.oracle import Who
from tests.permissions.pages_rounds import closes, reads_archives, whole
from tests.permissions.world import World


def _reopens(who: Who) -> int:
    return closes(who) if reads_archives(who) == 200 else reads_archives(who)


def closing_pages(world: World) -> Iterator[Case]:
    """Progress is read where pledges are read, so who sees a closing is who sees a round's archive."""
    there = world.extra["closing"]
    for state in ("open phase", "closed phase"):
        here = {"pk": there[state].pk}
        yield Case("campaigns:phase", signed_in, never, here, about=state)
        yield Case("campaigns:phase_close", closes, closes, here, about=state)
    here = {"pk": there["closing"].pk}
    yield Case("campaigns:phase_reopen", never, _reopens, here, data={"reason": "漏报"})
    yield Case("campaigns:phase_download", never, whole, here)
