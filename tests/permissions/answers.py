"""What a line of the matrix is made of: the address of one object and what each role must be answered there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from tests.permissions.oracle import READS, Who, reads, runs_the_root

OK, LOGIN, FORBIDDEN, MISSING, GONE, NOT_ALLOWED = 200, 302, 403, 404, 410, 405
Answer = Callable[[Who], int]


@dataclass(frozen=True)
class Case:
    """One address of one object. ``get`` and ``post`` say what each role is answered.

    For POST, OK means "goes through the door": any answer but 403, 404, 405 and 5xx; all others must change nothing.
    """

    name: str
    get: Answer
    post: Answer = field(default=lambda who: NOT_ALLOWED)
    kwargs: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    about: str = ""

    @property
    def url(self) -> str:
        return reverse(self.name, kwargs=self.kwargs) + self.query

    def __str__(self) -> str:
        return f"{self.name} {self.about}".strip()


def anyone(who: Who) -> int:
    return OK


def signed_in(who: Who) -> int:
    return OK if who.signed_in else LOGIN


def administrator(who: Who) -> int:
    return OK if who.name == "administrator" else MISSING if who.signed_in else LOGIN


def never(who: Who) -> int:
    return NOT_ALLOWED if who.signed_in else LOGIN


def public_only_get(who: Who) -> int:
    return NOT_ALLOWED


def reader_of(what: str, place: str) -> Answer:
    return lambda who: LOGIN if not who.signed_in else OK if reads(who, what, place) else MISSING


def holder_of(what: str, place: str, *, seen: Answer = signed_in) -> Answer:
    """The object is seen; the right is asked for: 403 without it."""
    return lambda who: (
        OK if seen(who) == OK and reads(who, what, place) else FORBIDDEN if seen(who) == OK else seen(who)
    )


def or_administrator(answer: Answer, place: str) -> Answer:
    return lambda who: OK if runs_the_root(who, place) else answer(who)


def holder_anywhere(what: str) -> Answer:
    return lambda who: LOGIN if not who.signed_in else OK if who.post in READS[what] else FORBIDDEN


def missing(who: Who) -> int:
    return MISSING if who.signed_in else LOGIN


def seen_in(place: str, state: str) -> Answer:
    """A pledge or a plan in that state."""
    return reader_of("draft" if state == "draft" else "filed", place)
