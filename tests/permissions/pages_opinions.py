"""Opinions on published pledges: left by anyone, read along the chain, answered and reached at home alone."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import (
    FORBIDDEN,
    LOGIN,
    MISSING,
    OK,
    Answer,
    Case,
    anyone,
    never,
    public_only_get,
    reader_of,
    signed_in,
)  # fmt: skip
from tests.permissions.oracle import Who, reads
from tests.permissions.world import World

# step -> what the post may do there (oracle.READS), the state it starts from, what is typed
STEPS = {
    "answer": ("answer", "received", {"answer": "已办理。", "version": "1"}),
    "forward": ("answer", "received", {"to": "", "to_q": "丝绸市场第一党支部", "reason": "由其办理"}),
    "close": ("answer", "received", {"why": "abusive"}),
    "correct": ("answer", "answered", {"answer": "更正为本周。", "reason": "写错"}),
    "publish": ("answer", "answered", {"with_text": "yes"}),
    "withdraw": ("withdraw_answer", "answer_published", {"reason": "有误"}),
    "reopen": ("reopen", "closed", {"reason": "应当答复"}),
}


def opinion_pages(world: World) -> Iterator[Case]:
    for scope, answer in [("outside", OK), ("inside", MISSING), ("withdrawn", MISSING)]:
        pk = {"pk": world.publications["branch", scope].pk}
        shown = lambda who, a=answer: a  # noqa: E731
        yield Case("pledges:leave_opinion", shown, shown, pk, about=scope)
        yield Case("pledges:public_answers", shown, public_only_get, pk, about=scope)
    yield Case("pledges:look_up_opinion", anyone, anyone)
    for tab in ["", "?tab=", "?tab=late", "?page=x"]:
        yield Case("pledges:opinions", signed_in, never, query=tab, about=tab)
    for (place, state), opinion in world.extra["opinions"].items():
        yield Case(
            "pledges:opinion", reader_of("filed", place), never, {"pk": opinion.pk}, about=f"{place} {state}"
        )
    yield from _steps(world)


def _steps(world: World) -> Iterator[Case]:
    seen = reader_of("filed", "branch")
    for verb, (what, state, data) in STEPS.items():
        pk = world.extra["opinions"]["branch", state].pk
        step = _taken(what, "branch", seen)
        yield Case("pledges:opinion_step", never, step, {"pk": pk, "verb": verb}, data=data, about=verb)
    pk = world.extra["opinions"]["branch", "received"].pk
    draft, data = _taken("draft_answer", "branch", seen), {"answer": "拟答复", "version": "1"}
    yield Case("pledges:opinion_draft", never, draft, {"pk": pk}, data=data)
    unknown = lambda who: MISSING if who.signed_in else LOGIN  # noqa: E731
    yield Case("pledges:opinion_step", never, unknown, {"pk": pk, "verb": "shred"}, about="no such step")


def _taken(what: str, place: str, seen: Answer) -> Answer:
    def answer(who: Who) -> int:
        if seen(who) != OK:
            return seen(who)
        return OK if reads(who, what, place) else FORBIDDEN

    return answer
