"""践诺 and 评诺: who reads, taps, reports, judges, records a meeting, grades."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.permissions.answers import FORBIDDEN, OK, Answer, Case, holder_of, never, reader_of, signed_in
from tests.permissions.oracle import Who, reads
from tests.permissions.world import World

PLACES = ["committee", "branch", "foreign"]
SOURCES = {"self": "report", "superior": "judge", "masses": "meeting"}
RESULT = {"result": "fulfilled"}
COUNTS = {"held_on": "2010-06-02", "present": "9", "said_fulfilled": "5"}


def fulfilment_pages(world: World) -> Iterator[Case]:
    yield Case("pledges:fulfilment", signed_in, never)
    yield Case("pledges:fulfilment", signed_in, never, query="?list=judge", about="to judge")
    yield Case("pledges:fulfilment_mine", signed_in, never)
    for place in PLACES:
        seen = reader_of("filed", place)
        here = {"pk": world.places[place].pk}
        yield Case("pledges:fulfilment_at", seen, never, here, about=place)
        yield Case("pledges:appraisals_at", seen, _roster(world, place, seen), here, about=place)
        yield from _of_items(world, place, seen)
        yield from _appraisals(world, place, seen)


def _roster(world: World, place: str, seen: Answer) -> Answer:
    """Who writes for members there; where there are none the page takes nothing from anyone."""
    if "members" in world.extra["fulfilment"][place]:
        return holder_of("draft", place, seen=seen)
    return lambda who: FORBIDDEN if seen(who) == OK else seen(who)


def _of_items(world: World, place: str, seen: Answer) -> Iterator[Case]:
    found = world.extra["fulfilment"][place]
    here = {"pk": found["item"].pk}
    writes = holder_of("draft", place, seen=seen)
    yield Case("pledges:fulfilment_item", seen, writes, here, data={"status": "done"}, about=place)
    yield Case("pledges:fulfilment_tap", never, writes, here, data={"status": "done"}, about=place)
    yield Case("pledges:progress_attachment", seen, never, {"pk": found["attachment"].pk}, about=place)
    for source, right in SOURCES.items():
        may = holder_of(right, place, seen=seen)
        data = COUNTS if source == "masses" else RESULT
        yield Case("pledges:judge", may, may, here | {"source": source}, data=data, about=f"{source} {place}")
    if "members" in found:
        here = {"pk": found["members"].items.get().pk}
        yield Case(
            "pledges:fulfilment_tap", never, writes, here, data={"status": "done"}, about=f"member {place}"
        )
        for source, posts in _JUDGES_OF_MEMBERS.items():
            may = _posts(posts, place, seen)
            yield Case("pledges:judge", may, may, here | {"source": source}, about=f"{source} member {place}")


_JUDGES_OF_MEMBERS = {
    "self": {"secretary", "deputy_secretary", "liaison"},
    "superior": {"secretary", "deputy_secretary"},
    "masses": {"secretary", "liaison"},
}


def _posts(posts: set[str], place: str, seen: Answer) -> Answer:
    """Held at the place itself."""
    return lambda who: seen(who) if seen(who) != OK else OK if _holds(who, posts, place) else FORBIDDEN


def _holds(who: Who, posts: set[str], place: str) -> bool:
    return who.post in posts and who.at == place and reads(who, "filed", place)


def _appraisals(world: World, place: str, seen: Answer) -> Iterator[Case]:
    found = world.extra["fulfilment"][place]
    yield Case("pledges:appraisal", seen, never, {"pk": found["pledge"].pk}, about=place)
    steps = {"self_appraise": "report", "reopen_grade": "judge"}
    for step, right in steps.items():
        here = {"pk": found["pledge"].pk, "step": step}
        may = holder_of(right, place, seen=seen)
        yield Case(
            "pledges:appraisal_step", never, may, here, data={"reason": "登记有误"}, about=f"{step} {place}"
        )
    if "members" in found:
        pk = found["members"].pk
        yield Case("pledges:appraisal", seen, never, {"pk": pk}, about=f"member {place}")
        graded = {
            "self_appraise": {"secretary", "deputy_secretary", "liaison"},
            "peer_appraise": {"secretary", "liaison"},
        }
        for step, posts in itertools.chain(graded.items(), [("appraise", {"secretary", "deputy_secretary"})]):
            may = _posts(posts, place, seen)
            about = f"{step} member {place}"
            yield Case("pledges:appraisal_step", never, may, {"pk": pk, "step": step}, about=about)
