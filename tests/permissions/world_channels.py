"""A robot at the branch, and the address of its secretary's calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from campaigns.models import Phase, Robot
from campaigns.services import calendar_feeds

if TYPE_CHECKING:
    from tests.permissions.world import World


def build(world: World, phase: Phase, author: Any) -> dict[str, Any]:
    address = "https://oapi.dingtalk.com/robot/send?access_token=00000000"
    Robot.objects.create(organization=world.places["branch"], kind="dingtalk", address=address, set_by=author)
    secretary = next(user for who, user in world.users.items() if str(who) == "secretary@branch")
    return {"robots": {"branch"}, "token": calendar_feeds.make(by=secretary)}
