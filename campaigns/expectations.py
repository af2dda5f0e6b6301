"""What apps expect of organizations (应办事项). Each registers its own; the campaign knows none of them by name.

An obligation of a phase names one by its ``code``; who does it when, and what has been done, the app tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns.models import Obligation, Phase
from organizations.access import MATRIX
from organizations.posts import Reach

# (sql, params) of one row an organization that has done anything: organization_id, done_on (null until all of it is
# done), returned, wanted, got, items, fulfilled. ``organizations``: only these; None for all.
Facts = Callable[[Obligation, "list[int] | None"], "tuple[str, list[Any]]"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One kind of thing to do: 活动方案, 公开承诺, …"""

    code: str
    label: str
    kinds: frozenset[str]  # of organizations that can owe it at all
    permission: str  # whoever may do it at home is reminded of it
    prepare: str  # whoever may write it there finds it on their desk
    facts: Facts
    url: Callable[[int, Phase], str]  # where an organization does it
    counts: str = ""  # what ``wanted`` and ``got`` count: 人, 项; nothing where it is one thing
    on: frozenset[str] = field(default_factory=frozenset)  # events that may change the facts of their place


_known: dict[str, Expectation] = {}


def register(expectation: Expectation) -> None:
    """Once for each code, from the ``ready`` of the app that knows.

    :raises ValueError: another one has this code.
    """
    if _known.setdefault(expectation.code, expectation) is not expectation:
        raise ValueError(expectation.code)


def known() -> dict[str, Expectation]:
    """code -> expectation, in the order of registration."""
    return dict(_known)


def expectation(code: str) -> Expectation | None:
    """None for what no app does yet: a date to know of."""
    return _known.get(code)


def changed_by(kind: str) -> list[Expectation]:
    """Those whose facts an event of this kind may change."""
    return [each for each in _known.values() if kind in each.on]


def owner_posts(expected: Expectation, posts: Sequence[str]) -> list[str]:
    """Who is reminded: whoever may do it at home; or of the ``posts`` a rule names those that may do or prepare it."""
    of = (expected.permission, expected.prepare) if posts else (expected.permission,)
    own = {Reach.OWN, Reach.OWN_AND_BELOW}
    found = dict.fromkeys(post for each in of for post, reach in MATRIX[each].items() if reach in own)
    return [post for post in found if not posts or post in posts]
