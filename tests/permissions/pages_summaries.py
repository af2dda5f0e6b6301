"""The addresses of summaries (小结、总结) and what each role must be answered."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import (
    FORBIDDEN,
    LOGIN,
    OK,
    Answer,
    Case,
    holder_of,
    missing,
    never,
    seen_in,
    signed_in,
)
from tests.permissions.oracle import Who, covers
from tests.permissions.world import World

# step -> (a state it may start from, post -> how far); a second time by hand from chuangxian/matrix.py
STEPS: dict[str, tuple[str, dict[str, str]]] = {
    "submit": ("draft", {"secretary": "own"}),
    "return": ("submitted", {"secretary": "next"}),
    "accept": ("submitted", {"secretary": "next"}),
    "recall": ("submitted", {"secretary": "own"}),
}


def summary_pages(world: World) -> Iterator[Case]:
    for query in ["", "?state="]:
        yield Case("campaigns:summaries", signed_in, never, query=query, about=query)
    yield Case("campaigns:summary_new", signed_in, signed_in)
    for (place, state), summary in world.extra["summaries"].items():
        here, about, seen = {"pk": summary.pk}, f"{place} {state}", seen_in(place, state)
        yield Case("campaigns:summary", seen, never, here, about=about)
        yield Case("campaigns:summary_document", never, seen, here, about=about)
        writer = holder_of("draft", place, seen=seen)
        opens = writer if state in {"draft", "returned"} else _back_to_the_summary(writer)
        yield Case("campaigns:summary_edit", opens, writer, here, about=about)
        yield Case("campaigns:summary_autosave", never, _keeps(writer, state), here, about=about)


def _keeps(writer: Answer, state: str) -> Answer:
    """What has been filed is refused to those who may write, too."""
    return (
        writer
        if state in {"draft", "returned"}
        else lambda who: FORBIDDEN if writer(who) == OK else writer(who)
    )


def _back_to_the_summary(answer: Answer) -> Answer:
    """Seen and allowed, but the text may not change now."""
    return lambda who: LOGIN if answer(who) == OK else answer(who)


def summary_steps(world: World) -> Iterator[Case]:
    """Each step from a state it may start from and from one it may not."""
    for place in ["committee", "branch", "foreign"]:
        for verb, (source, posts) in STEPS.items():
            for state in [source, "accepted"]:
                summary = world.extra["summaries"][place, state]
                answer = _step(place, posts, seen_in(place, state))
                said = {"reason": "没有写群众怎么说", "version": summary.version}
                yield Case(
                    "campaigns:summary_step",
                    never,
                    answer,
                    {"pk": summary.pk, "verb": verb},
                    data=said,
                    about=f"{verb} {place} {state}",
                )
        unknown = {"pk": world.extra["summaries"][place, "accepted"].pk, "verb": "archive"}
        yield Case("campaigns:summary_step", never, missing, unknown, about=f"archive {place}")


def _step(place: str, posts: dict[str, str], seen: Answer) -> Answer:
    def answer(who: Who) -> int:
        if seen(who) != OK:
            return seen(who)
        reach = posts.get(who.post)
        return OK if reach is not None and covers(reach, who.at, place) else FORBIDDEN

    return answer
