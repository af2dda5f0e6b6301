"""审诺 and 公诺 of a batch: who comes in, who is refused, who is told nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import (
    FORBIDDEN,
    LOGIN,
    MISSING,
    OK,
    Answer,
    Case,
    holder_anywhere,
    holder_of,
    never,
    reader_of,
)
from tests.permissions.oracle import Who, reads
from tests.permissions.world import World


def vetting_pages(world: World) -> Iterator[Case]:
    members, organizations = world.extra["vetting"], world.pledges
    anywhere = holder_anywhere("vet")
    first = members["branch", "submitted"]
    ticked = {"do": "approve", "item": [f"{first.items.get().pk}-{first.version}"]}
    yield Case("pledges:vetting", anywhere, anywhere, data=ticked)
    yield Case("pledges:vetting", anywhere, anywhere, query="?q=走访", data={"do": "tick"}, about="searched")
    for place in ["branch", "foreign"]:
        yield from _vetting(place, members[place, "submitted"], "vet_member")
        yield from _vetting(place, organizations[place, "submitted"], "vet_organization")


def _vetting(place: str, pledge, right: str) -> Iterator[Case]:
    item = pledge.items.get()
    seen = reader_of("filed", place)
    allowed = holder_of(right, place, seen=seen)
    verdict = {f"{item.key}-verdict": "approve", "do": "save", "version": pledge.version}
    about = f"{right} {place}"
    yield Case("pledges:vet", allowed, allowed, {"pk": pledge.pk}, data=verdict, about=about)
    yield Case("pledges:vet_again", never, allowed, {"pk": pledge.pk, "key": item.key}, about=about)
    said = {"reason": "写明户数"}
    yield Case("pledges:return_item", allowed, allowed, {"pk": item.pk}, data=said, about=about)


def publication_pages(world: World) -> Iterator[Case]:
    yield Case("pledges:publication_batches", holder_anywhere("batch"), never)
    states = {"propose": "approved", "clear": "proposed", "publish": "cleared"}
    for place in ["general", "branch", "foreign"]:
        for step, state in states.items():
            pledge = world.extra["vetting"][place, state]
            ticked = {
                "do": step,
                "scope": "outside",
                "names": "full",
                "pledge": [f"{pledge.pk}-{pledge.version}"],
            }
            allowed = _batch(place, step)
            where = {"pk": pledge.organization_id, "step": step}
            yield Case("pledges:batch", allowed, allowed, where, data=ticked, about=f"{step} {place}")
    where = {"pk": world.places["branch"].pk, "step": "withdraw"}
    missing = lambda who: MISSING if who.signed_in else LOGIN  # noqa: E731
    yield Case("pledges:batch", missing, missing, where, about="no step of a batch")


def _batch(place: str, step: str) -> Answer:
    def answer(who: Who) -> int:
        if not who.signed_in:
            return LOGIN
        if reads(who, f"batch_{step}", place):
            return OK
        return FORBIDDEN if reads(who, "filed", place) else MISSING

    return answer
