"""Addresses of members' public pledges and of changes of what is public."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import (
    FORBIDDEN,
    GONE,
    LOGIN,
    MISSING,
    OK,
    Answer,
    Case,
    anyone,
    missing,
    never,
    public_only_get,
    reader_of,
    signed_in,
)
from tests.permissions.oracle import Who, covers
from tests.permissions.world import World

# what is done with a change -> matter -> post -> how far
_ASKS = {
    "organization": {"secretary": "own"},
    "member": dict.fromkeys(["secretary", "deputy_secretary", "liaison"], "own"),
}
_DECIDES = {"organization": {"office_director": "below"}, "member": {"secretary": "next"}}
STEPS = {"approve": _DECIDES, "refuse": _DECIDES, "recall": _ASKS}


def publicity_pages(world: World) -> Iterator[Case]:
    for name in ["pledges:public_members", "pledges:members_rss", "pledges:members_atom"]:
        yield Case(name, anyone, public_only_get)
        yield Case(name, anyone, public_only_get, query="?q=金雀", about="searched")
        pk = world.places["branch"].pk
        yield Case(name, anyone, public_only_get, query=f"?organization={pk}", about="branch")
    yield Case("pledges:published_members", signed_in, never)
    yield Case("pledges:changes", signed_in, never)
    for (kind, *which), found in world.extra["publicity"].items():
        if kind == "publication" and "branch" in which:
            yield from _versions(*which, found.pk)
        elif kind == "change":
            yield from _change(*which, found)
        elif kind == "public":
            yield _asking(*which, found.pk)


def _versions(when: str, matter: str, place: str, pk: int) -> Iterator[Case]:
    about = f"{when} {matter} {place}"
    answer = GONE if when == "gone" else OK
    yield Case("pledges:public_detail", lambda who: answer, public_only_get, {"pk": pk}, about=about)
    inside = missing if when == "gone" else signed_in
    yield Case("pledges:publication", inside, never, {"pk": pk}, about=about)


def _change(matter: str, place: str, change) -> Iterator[Case]:
    seen = reader_of("filed", place)
    about = f"{matter} {place}"
    yield Case("pledges:change", seen, never, {"pk": change.pk}, about=about)
    yield Case(
        "pledges:change_step",
        never,
        lambda who: MISSING if seen(who) == OK else seen(who),
        {"pk": change.pk, "verb": "lapse"},
        about=f"lapse {about}",
    )
    for verb, posts in STEPS.items():
        yield Case(
            "pledges:change_step",
            never,
            _holder(posts[matter], place),
            {"pk": change.pk, "verb": verb},
            data={"reason": "理由不充分"},
            about=f"{verb} {about}",
        )
    asked = _holder(_ASKS[matter], place)  # one is open already: back to the pledge

    def back(who: Who) -> int:
        return LOGIN if asked(who) == OK else asked(who)

    yield Case("pledges:change_new", back, asked, {"pk": change.pledge_id}, about=f"open already {about}")


def _asking(matter: str, place: str, pk: int) -> Case:
    asked = _holder(_ASKS[matter], place)
    return Case("pledges:change_new", asked, asked, {"pk": pk}, about=f"{matter} {place}")


def _holder(posts: dict[str, str], place: str) -> Answer:
    seen = reader_of("filed", place)

    def answer(who: Who) -> int:
        if seen(who) != OK:
            return seen(who)
        return OK if who.post in posts and covers(posts[who.post], who.at, place) else FORBIDDEN

    return answer
