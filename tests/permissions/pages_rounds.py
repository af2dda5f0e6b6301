"""What each role must be answered on the pages of rounds, ledgers, printables and archives."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import (
    FORBIDDEN,
    LOGIN,
    MISSING,
    OK,
    Answer,
    Case,
    holder_of,
    never,
    reader_of,
    seen_in,
    signed_in,
)
from tests.permissions.oracle import READS, Who, reads
from tests.permissions.world import World

DIRECTOR = "office_director"


def closes(who: Who) -> int:
    """The director of the office at the root alone."""
    if not who.signed_in:
        return LOGIN
    return OK if who.post == DIRECTOR and who.at == "city" else FORBIDDEN


def reads_archives(who: Who) -> int:
    return LOGIN if not who.signed_in else OK if who.post in READS["filed"] else MISSING


def whole(who: Who) -> int:
    """The whole archive is for those who read everything."""
    if reads_archives(who) != OK:
        return reads_archives(who)
    return OK if reads(who, "filed", "city") and who.post != "liaison" else FORBIDDEN


def _closes_archive(who: Who) -> int:
    return closes(who) if reads_archives(who) == OK else reads_archives(who)


def exports(who: Who) -> int:
    if not who.signed_in:
        return LOGIN
    return OK if who.post in READS["filed"] else FORBIDDEN


def round_pages(world: World) -> Iterator[Case]:
    phase, closed = world.extra["rounds"]["open phase"], world.extra["rounds"]["closed phase"]
    yield Case("pledges:rounds", signed_in, never)
    yield Case("pledges:archives", signed_in, never)
    yield Case("pledges:ledger", signed_in, exports)
    yield Case("pledges:round", signed_in, never, {"pk": phase.pk})
    yield Case(
        "pledges:round", lambda who: LOGIN, never, {"pk": closed.pk}, about="closed"
    )  # on to its archive
    yield Case("pledges:round_close", closes, closes, {"pk": phase.pk})
    for number in (1, 2):
        here = {"pk": world.extra["rounds"][f"archive {number}"].pk}
        yield Case("pledges:archive", reads_archives, never, here, about=f"version {number}")
        yield Case("pledges:archive_verify", never, whole, here, about=f"version {number}")
        yield Case("pledges:archive_download", never, whole, here, about=f"version {number}")
        yield Case(
            "pledges:archive_reopen", never, _closes_archive, here, data={"reason": "补报"}, about=f"{number}"
        )
    for place in ["committee", "branch", "foreign"]:
        yield from _at(world, place)
    for place in ["committee", "branch"]:  # each is a document to be made: dear
        yield from _documents(world, place)


def _at(world: World, place: str) -> Iterator[Case]:
    phase, pk = world.extra["rounds"]["open phase"], world.places[place].pk
    seen, query = reader_of("filed", place), f"?organization={pk}"
    yield Case("pledges:rounds", seen, never, query=query, about=place)
    yield Case("pledges:round", seen, never, {"pk": phase.pk}, query=query, about=place)
    archive = world.extra["rounds"]["archive 2"]
    yield Case("pledges:archive", _then(place), never, {"pk": archive.pk}, query=query, about=f"at {place}")
    yield Case(
        "pledges:ledger",
        signed_in,
        holder_of("filed", place),
        query=query,
        data={"organization": pk},
        about=place,
    )


def _documents(world: World, place: str) -> Iterator[Case]:
    seen = reader_of("filed", place)
    here = {"phase_pk": world.extra["rounds"]["open phase"].pk, "pk": world.places[place].pk}
    yield Case("pledges:letters", never, seen, here, about=place)
    for matter in ["organization", "member"]:
        yield Case("pledges:poster", never, seen, here | {"matter": matter}, about=f"{matter} {place}")
    for state in ["draft", "published"]:
        pledge = world.pledges[place, state]
        yield Case(
            "pledges:letter", never, seen_in(place, state), {"pk": pledge.pk}, about=f"{place} {state}"
        )


def _then(place: str) -> Answer:
    return lambda who: reader_of("filed", place)(who) if reads_archives(who) == OK else reads_archives(who)
