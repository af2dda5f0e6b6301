"""What each role must be answered on the pages of 群机器人 and 日历订阅."""

from __future__ import annotations

from collections.abc import Iterator

from tests.permissions.answers import (
    MISSING,
    OK,
    Case,
    holder_anywhere,
    holder_of,
    never,
    public_only_get,
    signed_in,
)
from tests.permissions.world import World

ADDRESS = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000"


def _missing_where_held(place: str):
    """No robot is set in this world: whoever may, finds none to switch."""
    allowed = holder_of("robot", place)
    return lambda who: MISSING if allowed(who) == OK else allowed(who)


def channel_pages(world: World) -> Iterator[Case]:
    yield Case("campaigns:robot", holder_anywhere("robot"), never)
    for place in ["city", "committee", "branch", "foreign"]:
        here = {"pk": world.places[place].pk}
        may = holder_of("robot", place)
        yield Case("campaigns:robot", may, never, query=f"?organization={here['pk']}", about=place)
        yield Case("campaigns:robot_set", never, may, here, data={"address": ADDRESS}, about=place)
        for name in ["robot_switch", "robot_test"]:
            yield Case(f"campaigns:{name}", never, _there(world, place), here, about=place)
    yield Case("campaigns:calendar", signed_in, signed_in)
    yield Case("campaigns:calendar_revoke", never, signed_in)
    unknown = lambda who: MISSING  # noqa: E731
    yield Case("campaigns:calendar_feed", unknown, public_only_get, {"token": "a" * 43}, about="unknown")
    mine = {"token": world.extra["channels"]["token"]}
    yield Case("campaigns:calendar_feed", lambda who: OK, public_only_get, mine, about="the secretary's")


def _there(world: World, place: str):
    has_one = place in world.extra["channels"]["robots"]
    return holder_of("robot", place) if has_one else _missing_where_held(place)
