"""Members' pledges: one's own is everyone's to write, the entry page its branch's, the numbers the chain's."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import OK, Answer, Case, holder_of, never, reader_of, seen_in, signed_in
from tests.permissions.oracle import Who
from tests.permissions.world import World


def member_pledge_pages(world: World) -> Iterator[Case]:
    yield Case("pledges:my_pledge", signed_in, signed_in)
    yield Case("pledges:members_branches", signed_in, never)
    yield Case("pledges:members_branches", signed_in, never, query="?only=outstanding", about="outstanding")
    for place in ["committee", "branch", "foreign"]:
        yield from _entry(world, place)
    for (place, state), pledge in world.extra["members"].items():
        if place == "own":
            yield from _own(pledge.pk)
            continue
        here, about = {"pk": pledge.pk}, f"member {place} {state}"
        seen = seen_in(place, state)
        yield Case("pledges:detail", seen, never, here, about=about)
        if state == "draft":
            edits = holder_of("draft", place, seen=seen)
            yield Case("pledges:edit", edits, edits, here, about=about)


def _own(pk: int) -> Iterator[Case]:
    """A draft: whoever promises, and those who write for members there. Who vets is another question."""
    here, seen = {"pk": pk}, _or_own(reader_of("draft", "branch"))
    yield Case("pledges:detail", seen, never, here, about="own")
    yield Case("pledges:edit", seen, seen, here, about="own")
    yield Case("pledges:autosave", never, seen, here, about="own")
    yield Case("pledges:letter", never, seen, here, about="own")
    for verb, answer in {"submit": seen, "approve": holder_of("vet_member", "branch", seen=seen)}.items():
        yield Case("pledges:step", answer, answer, here | {"verb": verb}, about=f"{verb} own")


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
        return OK if who.name == "member" else answer(who)

    return own
