"""What each role must be answered on the pages of 办理进度."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import LOGIN, MISSING, OK, Answer, Case, holder_of, never, reader_of, signed_in
from tests.permissions.oracle import READS, Who
from tests.permissions.world import World


def _somewhere(who: Who) -> int:
    return LOGIN if not who.signed_in else OK if who.post in READS["filed"] else MISSING


def progress_pages(world: World) -> Iterator[Case]:
    plan = world.extra["progress"]["plan"]
    yield Case("campaigns:progress", signed_in, never)
    yield Case("campaigns:owing", _somewhere, never, query=f"?obligation={plan.pk}")
    yield Case("campaigns:progress", signed_in, never, query=f"?obligation={plan.pk}", about="one obligation")
    yield Case("campaigns:urgings", signed_in, never)
    asks = {"obligation": plan.pk}
    yield Case("campaigns:urge", never, signed_in, data=asks)
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
        yield Case("campaigns:urgings", reader_of("filed", place), never, query=f"?{at}", about=place)
        here = {"pk": world.extra["progress"][place].pk}
        grants = holder_of("concede", place, seen=reader_of("filed", place))
        yield Case("campaigns:assignment", reader_of("filed", place), never, here, about=place)
        later = {"until": "2011-02-01", "reason": "换届"}
        yield Case("campaigns:extend", never, grants, here, data=later, about=place)
        yield Case("campaigns:waive", never, grants, here, data={"reason": "换届"}, about=place)
        ticked = {"obligation": plan.pk, "assignment": here["pk"], "text": "请办理"}
        # whom one does not see is not among the ticked: nobody is told, and the door leads back to the list
        yield Case("campaigns:urge", never, _urges(place), data=ticked, about=place)
    office = holder_of("campaign", "city")
    entered = {"pk": world.extra["progress"]["special day"].pk}
    yield Case("campaigns:special_days", office, never)
    yield Case("campaigns:special_day_new", office, office)
    yield Case("campaigns:special_day_remove", office, office, entered)
    granted = {"pk": world.extra["progress"]["concession"].pk}
    revokes = holder_of("concede", "branch", seen=reader_of("filed", "branch"))
    yield Case("campaigns:revoke", never, revokes, granted)


def _urges(place: str) -> Answer:
    seen = reader_of("filed", place)
    return lambda who: (
        OK if who.signed_in and seen(who) != OK else holder_of("concede", place, seen=seen)(who)
    )


def document_pages(world: World) -> Iterator[Case]:
    """What is handed in of a subtree: for whoever reads all of it, so never for a liaison."""
    extra = world.extra["progress"]
    for place in ["committee", "branch", "foreign"]:
        at = f"?organization={world.places[place].pk}&phase={extra['phase'].pk}"
        reads_all = _reads_all(place)
        for name in ["sheet", "sheet_file", "owing_file", "snapshots"]:
            yield Case(f"campaigns:{name}", reads_all, never, query=at, about=place)
        one = f"?organization={world.places[place].pk}&obligation={extra['plan'].pk}"
        yield Case("campaigns:owing_file", reads_all, never, query=one, about=f"{place}, one")
        asked = {"organization": world.places[place].pk, "phase": extra["phase"].pk, "remedy_by": ""}
        yield Case("campaigns:snapshot_take", never, reads_all, data=asked, about=place)
        kept = {"pk": extra["snapshots"][place].pk}
        for name in ["snapshot_sheet", "snapshot_circular"]:
            yield Case(f"campaigns:{name}", reads_all, never, kept, about=place)


def _reads_all(place: str) -> Answer:
    seen = reader_of("filed", place)
    return lambda who: MISSING if who.post == "liaison" else seen(who)
