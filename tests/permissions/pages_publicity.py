"""Addresses of members' public pledges and of changes of what is public."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions import pages
from tests.permissions.oracle import Who, covers
from tests.permissions.world import World

# what is done with a change -> matter -> post -> how far
_ASKS = {
    "organization": {"secretary": "own"},
    "member": dict.fromkeys(["secretary", "deputy_secretary", "liaison"], "own"),
}
_DECIDES = {"organization": {"office_director": "below"}, "member": {"secretary": "next"}}
STEPS = {"approve": _DECIDES, "refuse": _DECIDES, "recall": _ASKS}


def publicity_pages(world: World) -> Iterator[pages.Case]:
    for name in ["pledges:public_members", "pledges:members_rss", "pledges:members_atom"]:
        yield pages.Case(name, pages.anyone, pages.public_only_get)
        yield pages.Case(name, pages.anyone, pages.public_only_get, query="?q=金雀", about="searched")
        pk = world.places["branch"].pk
        yield pages.Case(
            name, pages.anyone, pages.public_only_get, query=f"?organization={pk}", about="branch"
        )
    yield pages.Case("pledges:published_members", pages.signed_in, pages.never)
    yield pages.Case("pledges:changes", pages.signed_in, pages.never)
    for (kind, *which), found in world.extra["publicity"].items():
        if kind == "publication":
            yield from _versions(*which, found.pk)
        elif kind == "change":
            yield from _change(*which, found)
        elif kind == "public":
            yield _asking(*which, found.pk)


def _versions(when: str, matter: str, place: str, pk: int) -> Iterator[pages.Case]:
    about = f"{when} {matter} {place}"
    answer = pages.GONE if when == "gone" else pages.OK
    yield pages.Case(
        "pledges:public_detail", lambda who: answer, pages.public_only_get, {"pk": pk}, about=about
    )
    inside = pages._missing if when == "gone" else pages.signed_in
    yield pages.Case("pledges:publication", inside, pages.never, {"pk": pk}, about=about)


def _change(matter: str, place: str, change) -> Iterator[pages.Case]:
    seen = pages.reader_of("filed", place)
    about = f"{matter} {place}"
    yield pages.Case("pledges:change", seen, pages.never, {"pk": change.pk}, about=about)
    yield pages.Case(
        "pledges:change_step",
        pages.never,
        lambda who: pages.MISSING if seen(who) == pages.OK else seen(who),
        {"pk": change.pk, "verb": "lapse"},
        about=f"lapse {about}",
    )
    for verb, posts in STEPS.items():
        yield pages.Case(
            "pledges:change_step",
            pages.never,
            _holder(posts[matter], place),
            {"pk": change.pk, "verb": verb},
            data={"reason": "理由不充分"},
            about=f"{verb} {about}",
        )
    asked = _holder(_ASKS[matter], place)  # one is open already: back to the pledge

    def back(who: Who) -> int:
        return pages.LOGIN if asked(who) == pages.OK else asked(who)

    yield pages.Case(
        "pledges:change_new", back, asked, {"pk": change.pledge_id}, about=f"open already {about}"
    )


def _asking(matter: str, place: str, pk: int) -> pages.Case:
    asked = _holder(_ASKS[matter], place)
    return pages.Case("pledges:change_new", asked, asked, {"pk": pk}, about=f"{matter} {place}")


def _holder(posts: dict[str, str], place: str) -> pages.Answer:
    seen = pages.reader_of("filed", place)

    def answer(who: Who) -> int:
        if seen(who) != pages.OK:
            return seen(who)
        return pages.OK if who.post in posts and covers(posts[who.post], who.at, place) else pages.FORBIDDEN

    return answer
