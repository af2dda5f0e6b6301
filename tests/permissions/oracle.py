"""What the signed matrix says, worked out a second time by walking parents.

Written by hand from chuangxian/matrix.py and domain.md 10, and never through organizations.access:
if the two disagree, one of them is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

PARENT = {
    "city": None,
    "committee": "city",
    "neighbour": "city",
    "general": "committee",
    "branch": "general",
    "sibling": "general",
    "foreign": "neighbour",
    "dangzu": "committee",
}

EVERY_POST = {
    "secretary",
    "deputy_secretary",
    "liaison",
    "office",
    "office_director",
    "group_head",
    "group_member",
    "discipline",
    "first_responsible",
    "direct_responsible",
}
LEADERS = EVERY_POST - {"liaison"}

# what -> post -> how far down from where it is held
READS: dict[str, dict[str, str]] = {
    "draft": dict.fromkeys(["secretary", "deputy_secretary", "liaison"], "own"),
    "filed": {"liaison": "own", **dict.fromkeys(LEADERS, "own+below")},
    "member": {
        "liaison": "own",
        **dict.fromkeys(["secretary", "deputy_secretary", "office", "office_director"], "own+below"),
    },
    "phone": {"secretary": "own", "liaison": "own", "office": "own+below"},
    "audit": dict.fromkeys(["office_director", "discipline"], "own+below"),
    # rights asked for at a place rather than things read there
    "manage": dict.fromkeys(["office", "office_director"], "own+below"),
    "manage_below": dict.fromkeys(["office", "office_director"], "below"),
    "roster": {"secretary": "own", "liaison": "own", "office": "own+below"},
    "import": dict.fromkeys(["secretary", "office"], "own+below"),
    "export": dict.fromkeys(["secretary", "deputy_secretary", "office", "office_director"], "own+below"),
    "report": {"secretary": "own"},
    "judge": {"secretary": "next"},
    "meeting": {"secretary": "own", "liaison": "own"},
    "campaign": dict.fromkeys(["office", "office_director"], "own"),
    "vary": dict.fromkeys(["office", "office_director"], "own"),
    # members' pledges: vetted and published by the branch, reviewed for secrecy there or by the superior
    "reviewed": {"liaison": "own+next", **dict.fromkeys(LEADERS, "own+below")},
    "vet": {"secretary": "own+next", "deputy_secretary": "own"},
    "vet_organization": {"secretary": "next"},
    "vet_member": dict.fromkeys(["secretary", "deputy_secretary"], "own"),
    "batch": dict.fromkeys(["secretary", "deputy_secretary", "liaison"], "own"),
    "batch_propose": dict.fromkeys(["secretary", "deputy_secretary", "liaison"], "own"),
    "batch_clear": {"deputy_secretary": "own", "secretary": "next", "liaison": "next"},
    "batch_publish": {"secretary": "own"},
    "opinion_contact": dict.fromkeys(["secretary", "deputy_secretary", "liaison"], "own"),
    "draft_answer": dict.fromkeys(["secretary", "deputy_secretary", "liaison"], "own"),
    "answer": {"secretary": "own"},
    "withdraw_answer": {"secretary": "own", "office_director": "below"},
    "reopen": {"secretary": "next", "office_director": "below"},
    "robot": dict.fromkeys(["secretary", "office", "office_director"], "own"),
    "concede": {"secretary": "next", "office": "below", "office_director": "below"},
}
# step -> (from states, post -> how far)
STEPS: dict[str, tuple[set[str], dict[str, str]]] = {
    "submit": ({"draft", "returned"}, {"secretary": "own"}),
    "return": ({"submitted"}, {"secretary": "next"}),
    "approve": ({"submitted"}, {"secretary": "next"}),
    "reconsider": ({"approved", "returned"}, {"secretary": "next"}),
    "propose": ({"approved", "withdrawn"}, {"secretary": "own"}),
    "bar": ({"proposed"}, {"office": "below"}),
    "clear": ({"proposed"}, {"office": "below"}),
    "decline": ({"cleared"}, {"office_director": "below"}),
    "publish": ({"cleared"}, {"office_director": "below"}),
    "withdraw": ({"published"}, {"office_director": "below"}),
    "recall": ({"submitted", "approved", "proposed", "cleared", "withdrawn"}, {"secretary": "own"}),
}


@dataclass(frozen=True)
class Who:
    """One role of the matrix: a post at a place, or somebody without any post."""

    name: str
    post: str = ""
    at: str = ""
    signed_in: bool = True

    def __str__(self) -> str:
        return self.name


def superiors(place: str) -> list[str]:
    chain = []
    while (place := PARENT[place]) is not None:
        chain.append(place)
    return chain


def covers(reach: str, holder: str, target: str) -> bool:
    above = superiors(target)
    return {
        "own": holder == target,
        "next": bool(above) and above[0] == holder,
        "below": holder in above,
        "own+next": holder == target or (bool(above) and above[0] == holder),
        "own+below": holder == target or holder in above,
    }[reach]


def reads(who: Who, what: str, place: str) -> bool:
    """May ``who`` read this kind of thing of that organization?"""
    if what == "outside":
        return True
    if what == "inside":
        return who.signed_in
    reach = READS[what].get(who.post)
    return reach is not None and covers(reach, who.at, place)


def along_the_chain(who: Who, place: str) -> bool:
    """Does ``who`` hold a post at the place, above it or below it? Such people know who holds its posts."""
    return bool(who.at) and (who.at == place or who.at in superiors(place) or place in superiors(who.at))


def runs_the_root(who: Who, place: str) -> bool:
    """Nobody is above the topmost organization: the system administrator gives its posts."""
    return who.name == "administrator" and PARENT[place] is None


def takes(who: Who, step: str, state: str, place: str) -> bool:
    sources, posts = STEPS[step]
    reach = posts.get(who.post)
    return state in sources and reach is not None and covers(reach, who.at, place)


# Posts with a row of their own in the matrix stand at four heights and beside; those that only read, at one.
_MAIN = ["city", "committee", "branch", "foreign"]
_HELD_AT = {
    "secretary": [*_MAIN, "general", "neighbour", "sibling"],
    "liaison": _MAIN,
    "office": [*_MAIN, "neighbour"],
    "office_director": [*_MAIN, "general"],
    "deputy_secretary": ["committee", "branch"],
    "discipline": ["committee", "branch"],
    "group_head": ["city"],
    "group_member": ["branch"],
    "first_responsible": ["committee"],
    "direct_responsible": ["branch"],
}
ROLES = [
    Who("visitor", signed_in=False),
    Who("nobody"),  # an account without a post
    Who("member"),  # on the roster of ``branch``, without a post: their own pledge is theirs, no other
    Who("administrator"),
    *(Who(f"{post}@{at}", post, at) for post in sorted(EVERY_POST) for at in _HELD_AT[post]),
]
