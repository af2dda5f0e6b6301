"""Members' pledges: one's own is everyone's to write, the entry page its branch's, the numbers the chain's."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import OK, Answer, Case, holder_of, never, reader_of, signed_in
from tests.permissions.oracle import Who
from tests.permissions.world import World


def member_pledge_pages(world: World) -> Iterator[Case]:
    yield Case("pledges:my_pledge", signed_in, signed_in)
    yield Case("pledges:members_branches", signed_in, never)
    yield Case("pledges:members_branches", signed_in, never, query="?only=outstanding", about="outstanding")
    for place in ["committee", "branch", "foreign"]:
        yield from _entry(world, place)
    for (place, state), pledge in world.extra["members"].items():
        here = {"pk": pledge.pk}
        at = "foreign" if place == "own" else place
        seen = reader_of("draft" if state == "draft" else "filed", at)
        seen = _or_own(seen) if place == "own" else seen
        yield Case("pledges:detail", seen, never, here, about=f"member {place} {state}")
        if state == "draft":
            edits = (
                _or_own(holder_of("draft", at, seen=seen))
                if place == "own"
                else holder_of("draft", at, seen=seen)
            )
            yield Case("pledges:edit", edits, edits, here, about=f"member {place} {state}")


def _entry(world: World, place: str) -> Iterator[Case]:
    here = {"organization": world.places[place].pk}
    enters = holder_of("draft", place, seen=reader_of("filed", place))
    yield Case("pledges:entry", enters, enters, here, about=place)
    yield Case("pledges:entry_workbook", enters, enters, here, about=place)
    yield Case("pledges:entry_download", never, enters, here, about=place)
    yield Case("pledges:entry_confirm", never, enters, here, about=place)
    if place in world.members:
        member = here | {"member": world.members[place].pk}
        yield Case("pledges:entry_row", never, enters, member, about=place)
        yield Case("pledges:exemption", enters, enters, member, about=place)


def _or_own(answer: Answer) -> Answer:
    def own(who: Who) -> int:
        return OK if who.name == "nobody" else answer(who)

    return own
