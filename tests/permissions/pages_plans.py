"""The addresses of plans (活动方案) and what each role must be answered."""

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
    holder_of,
    never,
    public_only_get,
    seen_in,
    signed_in,
)
from tests.permissions.oracle import Who, covers
from tests.permissions.world import World

# step -> (from states, post -> how far); a second time by hand from chuangxian/matrix.py
PLAN_STEPS: dict[str, tuple[set[str], dict[str, str]]] = {
    "submit": ({"draft", "returned"}, {"secretary": "own"}),
    "return": ({"submitted"}, {"secretary": "next"}),
    "approve": ({"submitted"}, {"secretary": "next"}),
    "reconsider": ({"agreed", "returned"}, {"secretary": "next"}),
    "propose": ({"agreed", "withdrawn"}, {"secretary": "own"}),
    "bar": ({"proposed"}, {"office": "below"}),
    "clear": ({"proposed"}, {"office": "below"}),
    "decline": ({"cleared"}, {"office_director": "below"}),
    "publish": ({"cleared"}, {"office_director": "below"}),
    "withdraw": ({"published"}, {"office_director": "below"}),
    "recall": ({"submitted", "agreed", "proposed", "cleared", "withdrawn"}, {"secretary": "own"}),
}
SHOWN = {"draft", "submitted", "published", "archived"}
FILED_OR_NOT = {"draft", "submitted"}


def _writer(place: str, seen: Answer) -> Answer:
    return holder_of("draft", place, seen=seen)


def _back_to_the_plan(answer: Answer) -> Answer:
    """Seen and allowed, but the text may not change now."""
    return lambda who: LOGIN if answer(who) == OK else answer(who)


def plan_pages(world: World) -> Iterator[Case]:
    for query in ["", "?state=", "?state=draft"]:
        yield Case("pledges:plans", signed_in, never, query=query, about=query)
    yield Case("pledges:plan_new", signed_in, signed_in)
    for query in ["", "?q=办事时限", "?q=金雀"]:
        yield Case("pledges:public_plans", anyone, public_only_get, query=query, about=query)
    for (place, scope), publication in world.extra["plans"]["summaries"].items():
        here, about = {"pk": publication.pk}, f"{place} {scope}"
        answer = {"outside": OK, "inside": MISSING, "withdrawn": GONE}[scope]
        yield Case("pledges:public_plan", lambda who, a=answer: a, public_only_get, here, about=about)
        # a plan's summary is at its own address alone
        missing = lambda who: MISSING  # noqa: E731
        yield Case("pledges:public_detail", missing, public_only_get, here, about=f"plan {about}")
        reads = (lambda who: MISSING if who.signed_in else LOGIN) if scope == "withdrawn" else signed_in
        yield Case("pledges:plan_summary", reads, never, here, about=about)


def plan_objects(world: World) -> Iterator[Case]:
    for (place, state), plan in world.extra["plans"]["plans"].items():
        here, about, seen = {"pk": plan.pk}, f"{place} {state}", seen_in(place, state)
        if state not in (SHOWN if place == "branch" else FILED_OR_NOT):
            continue
        for name in ["plan", "plan_versions"]:
            yield Case(f"pledges:{name}", seen, never, here, about=about)
        for name in ["plan_document", "plan_sheet"]:  # it is put on record, so it is no GET
            yield Case(f"pledges:{name}", never, seen, here, about=about)
        writer = _writer(place, seen)
        opens = writer if state == "draft" else _back_to_the_plan(writer)
        yield Case("pledges:plan_edit", opens, writer, here, about=about)
        tracks = _back_to_the_plan(writer) if state == "archived" else writer
        for name in ["plan_progress", "plan_upload"]:
            yield Case(f"pledges:{name}", tracks, writer, here, about=about)
        for name in ["plan_confirm", "plan_discard"]:
            yield Case(f"pledges:{name}", never, writer, here, about=about)


def plan_steps(world: World) -> Iterator[Case]:
    """Each step from a state it may start from and, at the branch, from one it may not."""
    data = {"reason": "措施不具体，请补充。", "scope": "outside"}
    for place in ["committee", "branch"]:
        for verb, (sources, posts) in PLAN_STEPS.items():
            for state in {min(sources), "archived" if place == "branch" else min(sources)}:
                answer = _step(place, posts, seen_in(place, state))
                yield Case(
                    "pledges:plan_step",
                    answer,
                    answer,
                    {"pk": world.extra["plans"]["plans"][place, state].pk, "verb": verb},
                    data=data,
                    about=f"{verb} {place} {state}",
                )
        archive = {
            "pk": world.extra["plans"]["plans"][place, "agreed"].pk,
            "verb": "archive",
        }  # no button, no address
        none = lambda who: MISSING if who.signed_in else LOGIN  # noqa: E731
        yield Case("pledges:plan_step", none, none, archive, about=f"archive {place}")


def _step(place: str, posts: dict[str, str], seen: Answer) -> Answer:
    def answer(who: Who) -> int:
        if seen(who) != OK:
            return seen(who)
        reach = posts.get(who.post)
        return OK if reach is not None and covers(reach, who.at, place) else FORBIDDEN

    return answer
