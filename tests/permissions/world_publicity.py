"""Members' pledges on the public pages, versions that were replaced, and changes that wait."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from common import search
from organizations.models import Member
from pledges.models import Change, Pledge, PledgeItem, Publication

if TYPE_CHECKING:
    from tests.permissions.world import World

PLACES = {
    "committee": ["organization"],
    "branch": ["organization", "member"],
    "foreign": ["organization", "member"],
}


def build(world: World, phase: Any, author: Any) -> dict[tuple[str, ...], Any]:
    """("change" | "public", matter, place) and ("publication", "now" | "before" | "gone", matter, place)."""
    there: dict[tuple[str, ...], Any] = {}
    for place, matters in PLACES.items():
        for matter in matters:
            there["change", matter, place] = _changing(world, phase, author, matter, place)
            pledge = _pledge(world, phase, author, matter, place)
            there["public", matter, place] = pledge
            before = _publication(world, author, pledge, matter, place, "outside", replaced_at=timezone.now())
            now = _publication(
                world, author, pledge, matter, place, "outside", version=2, change_reason="时限顺延"
            )
            gone = _publication(
                world,
                author,
                _pledge(world, phase, author, matter, place, "withdrawn"),
                matter,
                place,
                "filed",
                withdrawn_at=timezone.now(),
                withdrawn_by=author,
                withdraw_reason=f"表述有误{world.canary('filed', place)}",
            )
            for when, publication in {"now": now, "before": before, "gone": gone}.items():
                there["publication", when, matter, place] = publication
    return there


def _changing(world: World, phase: Any, author: Any, matter: str, place: str) -> Change:
    pledge = _pledge(world, phase, author, matter, place)
    word = world.canary("filed", place)
    item = pledge.items.get()
    return Change.objects.create(
        pledge=pledge,
        publication=_publication(world, author, pledge, matter, place, "outside"),
        text={
            "title": pledge.title,
            "category": pledge.category_id,
            "directions": ["masses"],
            "aim": pledge.aim,
            "items": [{**_item(f"要改成的内容{word}"), "key": item.key}],
        },
        reason=f"施工推迟{word}",
        requested_by=author,
    )


def _pledge(
    world: World, phase: Any, author: Any, matter: str, place: str, state: str = "published"
) -> Pledge:
    organization, member = world.places[place], None
    if matter == "member":
        member = Member.objects.create(
            organization=organization,
            name=f"沈{len(world.canaries)}",
            sex="f",
            birth_month=dt.date(1980, 8, 1),
            joined_on=dt.date(2001, 7, 1),
            phone=world.canary("phone", place),
        )
    pledge = Pledge.objects.create(
        organization=organization,
        member=member,
        phase=phase,
        category=phase.campaign.rubric.filter(subject=matter).first(),
        title="" if member else "压缩办事时限",
        aim="把窗口服务做细" if member else "",
        directions=["masses"],
        state=state,
        scope="outside",
        hands=[author.pk],
        submitted_at=timezone.now(),
        submitted_by=author,
    )
    PledgeItem.objects.create(
        pledge=pledge, number=1, state="approved", **_item(world.canary("filed", place))
    )
    return pledge


def _item(content: str) -> dict[str, str]:
    said = {"content": content, "measures": "窗口前移", "responsible": "某同志", "due_on": "2010-12-31"}
    return said | dict.fromkeys(["baseline", "target", "unit"], "")


def _publication(
    world: World, author: Any, pledge: Pledge, matter: str, place: str, who: str, **fields: Any
) -> Publication:
    word = world.canary(who, place)
    person = pledge.member.name if pledge.member else ""
    body = search.searchable([word, "办事时限"])
    return Publication.objects.create(
        matter=matter,
        pledge=pledge,
        member=pledge.member,
        organization=pledge.organization,
        organization_name=pledge.organization.name,
        phase=pledge.phase,
        category=pledge.category,
        scope="outside",
        title=f"{person or '公开承诺'}{word}",
        text={
            "title": f"公开承诺{word}",
            "person": person,
            "aim": pledge.aim,
            "category": pledge.category.name,
            "central": "",
            "directions": ["向群众"],
            "items": [{"number": 1, "key": pledge.items.get().key, **_item(f"公开的内容{word}")}],
        },
        body=body,
        tokens=search.vector(body),
        published_at=timezone.now(),
        published_by=author,
        **fields,
    )
