"""One of everything at every place, each text with a canary (金雀0001) that tells what leaked from where."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from common import search
from common.events import record
from notifications.models import Notice
from organizations.kinds import FILES_PLEDGES, HOLDS_MEMBERS
from organizations.models import Member, Membership, RosterImport
from organizations.services import appoint
from pledges.flow import PledgeState
from pledges.models import DraftBuffer, Pledge, PledgeItem, Publication, Scope
from tests.permissions import (
    world_channels,
    world_closing,
    world_fulfilment,
    world_members,
    world_opinions,
    world_plans,
    world_progress,
    world_publicity,
    world_rounds,
    world_rules,
    world_summaries,
    world_vetting,
)
from tests.permissions.oracle import ROLES, Who, reads

CANARY = re.compile(r"金雀(\d{4})|1390000(\d{4})")
User = get_user_model()
AREAS = {  # each puts its objects under its own name; rounds freeze what is there, so they come last
    "members": world_members,
    "plans": world_plans,
    "vetting": world_vetting,
    "publicity": world_publicity,
    "opinions": world_opinions,
    "fulfilment": world_fulfilment,
    "progress": world_progress,
    "closing": world_closing,
    "summaries": world_summaries,
    "rules": world_rules,
    "channels": world_channels,
    "rounds": world_rounds,
}


@dataclass
class World:
    places: dict[str, Any]
    users: dict[Who, Any] = field(default_factory=dict)
    canaries: dict[str, tuple[str, str]] = field(default_factory=dict)  # number -> (what, place or owner)
    pledges: dict[tuple[str, str], Pledge] = field(default_factory=dict)  # (place, state)
    publications: dict[tuple[str, str], Publication] = field(default_factory=dict)  # (place, scope)
    members: dict[str, Member] = field(default_factory=dict)
    imports: dict[str, RosterImport] = field(default_factory=dict)
    notices: dict[Who, Notice] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)  # area -> what its world_<area>.build returned

    def canary(self, what: str, place: str) -> str:
        number = f"{len(self.canaries) + 1:04d}"
        self.canaries[number] = (what, place)
        return f"1390000{number}" if what in {"phone", "opinion_contact"} else f"金雀{number}"

    def leaks(self, who: Who, body: str) -> list[tuple[str, str]]:
        """Canaries in ``body`` that this person must not see: (what, whose)."""
        found = {a or b for a, b in CANARY.findall(body)}
        return sorted({self.canaries[n] for n in found if n in self.canaries and not self._sees(who, n)})

    def _sees(self, who: Who, number: str) -> bool:
        what, place = self.canaries[number]
        return who.name == place if what == "own" else reads(who, what, place)


def build(places: dict[str, Any], phase: Any) -> World:
    world = World(places)
    author = User.objects.create_user("author", name="无职务作者")
    _people(world)
    for name, organization in places.items():
        if organization.kind in FILES_PLEDGES:
            for state in PledgeState.values:
                _pledge(world, name, state, phase, author)
        if organization.kind in HOLDS_MEMBERS:
            _member(world, name)
        world.imports[name] = RosterImport.objects.create(
            organization=organization,
            mode="update",
            state="checked",
            effective_on=dt.date(2010, 9, 1),
            filename=f"{world.canary('import', name)}.xlsx",
            sha256="0" * 64,
            uploaded_by=author,
        )
        record(organization, "note", by=author, reason=world.canary("audit", name))
    for area, module in AREAS.items():
        world.extra[area] = module.build(world, phase, author)
    return world


def _people(world: World) -> None:
    for number, who in enumerate(r for r in ROLES if r.signed_in):
        user = User.objects.create_user(
            f"u{number}", name=f"同志{number}", password="Test-pass-1", is_staff=who.name == "administrator"
        )
        if who.post:
            appoint(user=user, post=who.post, organization=world.places[who.at], on=dt.date(2010, 6, 1))
        world.users[who] = user
        world.notices[who] = Notice.objects.create(
            recipient=user, key="canary", subject=world.canary("own", who.name), link="/desk/"
        )


def _pledge(world: World, place: str, state: str, phase: Any, author: Any) -> None:
    organization = world.places[place]
    word = world.canary("draft" if state == "draft" else "filed", place)
    filed = {} if state == "draft" else {"submitted_at": timezone.now(), "submitted_by": author}
    pledge = Pledge.objects.create(
        organization=organization,
        phase=phase,
        category=phase.campaign.rubric.filter(subject="organization").first(),
        title=f"压缩办事时限{word}",
        directions=["masses"],
        state=state,
        scope=Scope.OUTSIDE if state in {"proposed", "cleared", "published", "withdrawn"} else "",
        return_reason=f"指标不具体{word}" if state == "returned" else "",
        hands=[author.pk],
        body=search.searchable([word, "办事时限"]),
        tokens=search.vector(search.searchable([word, "办事时限"])),
        **filed,
    )
    PledgeItem.objects.create(
        pledge=pledge,
        number=1,
        content=f"办事时限由五天压缩到三天{word}",
        measures=f"窗口前移{word}",
        responsible="某同志",
        due_on=dt.date(2010, 12, 31),
        state=state if state in {"draft", "submitted", "returned"} else "approved",
        remark=f"请写明基数{word}" if state == "returned" else "",
    )
    DraftBuffer.objects.create(
        pledge=pledge,
        user=author,
        base_version=1,
        sequence=1,
        payload={"title": world.canary("own", "author")},
    )
    record(pledge, "edit", by=author, after={"title": pledge.title})
    world.pledges[place, state] = pledge
    if state == "published":
        _publication(world, place, pledge, Scope.OUTSIDE, author)
    if state == "withdrawn":
        _publication(world, place, pledge, Scope.OUTSIDE, author, withdrawn=True)
    if state == "approved":  # a second one, open inside the Party only
        inner = Pledge.objects.create(
            organization=organization,
            phase=phase,
            category=pledge.category,
            title=f"党内公开{word}",
            state="published",
            scope=Scope.INSIDE,
            hands=[author.pk],
            **filed,
        )
        _publication(world, place, inner, Scope.INSIDE, author)


def _publication(
    world: World, place: str, pledge: Pledge, scope: str, author: Any, *, withdrawn: bool = False
) -> None:
    word = world.canary("filed" if withdrawn else scope, place)
    body = f"办事时限由五天压缩到三天{word}"
    gone = (
        {"withdrawn_at": timezone.now(), "withdrawn_by": author, "withdraw_reason": f"表述有误{word}"}
        if withdrawn
        else {}
    )
    world.publications[place, "withdrawn" if withdrawn else scope] = Publication.objects.create(
        pledge=pledge,
        organization=pledge.organization,
        organization_name=pledge.organization.name,
        phase=pledge.phase,
        category=pledge.category,
        scope=scope,
        title=f"公开承诺{word}",
        text={
            "title": f"公开承诺{word}",
            "category": str(pledge.category),
            "directions": ["masses"],
            "items": [
                {
                    "number": 1,
                    "content": body,
                    "measures": "窗口前移",
                    "responsible": "某同志",
                    "due_on": "2010-12-31",
                    "baseline": "",
                    "target": "",
                    "unit": "",
                }
            ],
        },
        body=search.searchable([body]),
        tokens=search.vector(search.searchable([body])),
        published_at=timezone.now(),
        published_by=author,
        **gone,
    )


def _member(world: World, place: str) -> None:
    member = Member.objects.create(
        organization=world.places[place],
        name=world.canary("member", place),
        sex="f",
        birth_month=dt.date(1980, 8, 1),
        joined_on=dt.date(2001, 7, 1),
        phone=world.canary("phone", place),
    )
    Membership.objects.create(member=member, organization=world.places[place], starts_on=dt.date(2010, 6, 1))
    world.members[place] = member
