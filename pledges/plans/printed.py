"""活动方案 as facts for the Word form (pledges.documents), the adopted text of the superior included."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.utils import timezone

from pledges.documents import GroupMember, PlanDocument, PlanPhase, PlanTask
from pledges.plans.texts import Text, text_of

_DAY = r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日"
_SPAN = re.compile(rf"{_DAY}\s*(?:至|到|[-—－~～]+)\s*{_DAY}[。；;，,]?\s*", re.ASCII)


def plan_facts(plan: Any, leadership: dict[str, Any]) -> PlanDocument:
    text = whole_text(plan)
    return PlanDocument(
        title=plan.title or "活动方案",
        organization=plan.organization.name,
        signed_on=timezone.localdate(plan.submitted_at) if plan.submitted_at else None,
        research=text["research_basis"],
        theme=text["theme"],
        goals=text["goals"],
        phases=[_phase(line) for line in text["schedule"].splitlines() if line.strip()],
        tasks=[_task(task) for task in text["tasks"]],
        first_responsible="、".join(leadership.get("first", [])),
        directly_responsible="、".join(leadership.get("direct", [])),
        leading_group=[GroupMember(role=m["role"], name=m["name"]) for m in leadership.get("group", [])],
    )


def whole_text(plan: Any) -> Text:
    """The superior's text with the local items after it, or the plan's own text when it adopts none."""
    own = text_of(plan)
    if plan.adopted is None:
        return own
    return {**plan.adopted, "title": own["title"], "tasks": [*plan.adopted["tasks"], *own["tasks"]]}


def _phase(line: str) -> PlanPhase:
    """A line of 时间进度: its name up to the colon, the days it begins with, and what is done then."""
    name, _, work = line.strip().partition("：")
    if (found := _SPAN.match(work)) and (days := _days(*found.groups())):
        return PlanPhase(name=name, starts_on=days[0], ends_on=days[1], work=work[found.end() :])
    return PlanPhase(name=name, work=work)


def _days(*said: str | None) -> tuple[dt.date, dt.date] | None:
    """From and to; a year said once is that of both. None where no such days follow each other, as with February 30."""
    year, month, day, last_year, last_month, last_day = (int(part) if part else 0 for part in said)
    try:
        first, last = dt.date(year, month, day), dt.date(last_year or year, last_month, last_day)
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _task(task: dict[str, str]) -> PlanTask:
    return PlanTask(
        task=task["key_task"],
        measures=task["measures"],
        department=task["department"],
        responsible=task["person"],
        starts_on=_day(task["starts_on"]),
        due_on=_day(task["ends_on"]),
        completion=task["mark"],
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
