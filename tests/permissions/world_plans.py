"""Plans at every place and in every state, each on a phase of its own: there is one an organization and phase."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from campaigns.models import Phase
from common import search
from organizations.kinds import FILES_PLEDGES
from pledges.flow import PlanState
from pledges.models import Plan, PlanTask, PlanVersion, Publication, Scope
from pledges.plans.texts import text_of

if TYPE_CHECKING:
    from tests.permissions.world import World

PLACES = ("committee", "branch", "foreign")


def build(world: World, phase: Any, author: Any) -> dict[str, dict[tuple[str, str], Any]]:
    """``"plans"``: (place, state) -> plan; ``"summaries"``: (place, scope or "withdrawn") -> publication."""
    plans: dict[tuple[str, str], Plan] = {}
    summaries: dict[tuple[str, str], Publication] = {}
    phases = {
        state: Phase.objects.create(
            campaign=phase.campaign,
            number=20 + number,
            name=f"第{number}段",
            starts_on=dt.date(2009, 1, 1),
            ends_on=dt.date(2009, 12, 31),
        )
        for number, state in enumerate([*PlanState.values, "inside"])
    }
    for place in PLACES:
        assert world.places[place].kind in FILES_PLEDGES
        for state in PlanState.values:
            plans[place, state] = _plan(world, place, state, phases[state], author)
        inner = _plan(world, place, "published", phases["inside"], author)
        shown, gone = plans[place, "published"], plans[place, "withdrawn"]
        summaries[place, Scope.INSIDE] = _summary(world, place, inner, Scope.INSIDE, author)
        summaries[place, Scope.OUTSIDE] = _summary(world, place, shown, Scope.OUTSIDE, author)
        summaries[place, "withdrawn"] = _summary(world, place, gone, Scope.OUTSIDE, author, withdrawn=True)
    return {"plans": plans, "summaries": summaries}


def _plan(world: World, place: str, state: str, phase: Any, author: Any) -> Plan:
    word = world.canary("draft" if state == "draft" else "filed", place)
    filed = {} if state == "draft" else {"submitted_at": timezone.now(), "submitted_by": author}
    plan = Plan.objects.create(
        organization=world.places[place],
        phase=phase,
        title=f"活动方案{word}",
        goals=f"办事时限压缩三分之一{word}",
        schedule=f"动员部署：八月{word}",
        state=state,
        scope=Scope.OUTSIDE if state in {"proposed", "cleared", "published", "withdrawn"} else "",
        return_reason=f"目标不具体{word}" if state == "returned" else "",
        hands=[author.pk],
        **filed,
    )
    PlanTask.objects.create(
        plan=plan,
        number=1,
        key_task=f"窗口前移{word}",
        measures=f"预约办理{word}",
        person="某同志",
        ends_on=dt.date(2009, 12, 31),
        progress=f"已办八成{word}",
    )
    if state != "draft":
        PlanVersion.objects.create(plan=plan, number=1, text=text_of(plan), by=author)
        PlanVersion.objects.create(
            plan=plan, number=2, text=text_of(plan) | {"goals": f"目标{word}"}, by=author
        )
    return plan


def _summary(
    world: World, place: str, plan: Plan, scope: str, author: Any, *, withdrawn: bool = False
) -> Publication:
    word = world.canary("filed" if withdrawn else scope, place)
    now = timezone.now()
    gone = (
        {"withdrawn_at": now, "withdrawn_by": author, "withdraw_reason": f"有误{word}"} if withdrawn else {}
    )
    body = search.searchable([f"办事时限{word}"])
    return Publication.objects.create(
        matter="plan",
        plan=plan,
        organization=plan.organization,
        organization_name=plan.organization.name,
        phase=plan.phase,
        scope=scope,
        title=f"活动方案{word}",
        text={
            "title": f"活动方案{word}",
            "theme": "",
            "goals": f"办事时限压缩三分之一{word}",
            "schedule": "动员部署：八月",
            "adopts": "",
            "tasks": [
                {
                    "number": 1,
                    "key_task": f"窗口前移{word}",
                    "measures": "预约办理",
                    "department": "",
                    "starts_on": "",
                    "ends_on": "2009-12-31",
                    "mark": "",
                    "rubric": "",
                }
            ],
        },
        body=body,
        tokens=search.vector(body),
        published_at=now,
        published_by=author,
        **gone,
    )
