"""Plans at every place and in every state, each on a phase of its own: there is one an organization and phase."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from campaigns.models import Phase
from common import search
from organizations.kinds import FILES_PLEDGES
from pledges.flow import PlanState
from pledges.models import Plan, PlanTask, PlanVersion, Publication, Scope
from pledges.plans.texts import text_of

PLACES = ("committee", "branch", "foreign")


def build_plans(world: Any, phase: Any, author: Any) -> None:
    """``world.extra["plans"]``: (place, state) -> plan; ``"summaries"``: (place, scope or "withdrawn") -> publication."""
    world.extra["plans"], world.extra["summaries"] = {}, {}
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
            world.extra["plans"][place, state] = _plan(world, place, state, phases[state], author)
        inner = _plan(world, place, "published", phases["inside"], author)
        _summary(world, place, inner, Scope.INSIDE, author)
        _summary(world, place, world.extra["plans"][place, "published"], Scope.OUTSIDE, author)
        _summary(
            world, place, world.extra["plans"][place, "withdrawn"], Scope.OUTSIDE, author, withdrawn=True
        )


def _plan(world: Any, place: str, state: str, phase: Any, author: Any) -> Plan:
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


def _summary(world: Any, place: str, plan: Plan, scope: str, author: Any, *, withdrawn: bool = False) -> None:
    word = world.canary("filed" if withdrawn else scope, place)
    now = timezone.now()
    gone = (
        {"withdrawn_at": now, "withdrawn_by": author, "withdraw_reason": f"有误{word}"} if withdrawn else {}
    )
    body = search.searchable([f"办事时限{word}"])
    world.extra["summaries"][place, "withdrawn" if withdrawn else scope] = Publication.objects.create(
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
