"""活动方案摘要: what of a plan becomes public, with personal numbers masked (domain.md 10).

Goals and key tasks with their dates and departments; the persons responsible and the research stay inside. A plan
that adopts its superior's names that one and shows its own local items: the superior's text is its own to publish.
"""

from __future__ import annotations

from typing import Any

from common.privacy import conceal
from pledges.plans.texts import HEAD_FIELDS, TASK_FIELDS, is_blank, text_of

_HEAD = ("title", "theme", "goals", "schedule")
_TASK = ("key_task", "measures", "department", "starts_on", "ends_on", "mark")


def summary_of(plan: Any) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The text as it is published, and what was masked in it: (place, how it looks). Three queries at most."""
    masked: list[dict[str, str]] = []

    def clean(place: str, value: str) -> str:
        shown, found = conceal(value)
        masked.extend({"place": place, "shown": form} for form in found)
        return shown

    text = text_of(plan)
    names = rubric_names(plan)
    tasks = [task for task in text["tasks"] if not is_blank(task)]
    frozen: dict[str, Any] = {name: clean(HEAD_FIELDS[name], text[name]) for name in _HEAD}
    frozen["adopts"] = f"{plan.adopted['organization']}《{plan.adopted['title']}》" if plan.adopted else ""
    frozen["tasks"] = [
        {
            "number": number,
            **{name: clean(f"第{number}项 {TASK_FIELDS[name]}", task[name]) for name in _TASK},
            "rubric": names.get(task["rubric"], ""),
        }
        for number, task in enumerate(tasks, 1)
    ]
    return frozen, masked


def rubric_names(plan: Any) -> dict[str, str]:
    """五个注重 of the plan's campaign: primary key as a string -> name."""
    rubric = plan.phase.campaign.rubric.filter(subject="organization").order_by("number")
    return {str(pk): name for pk, name in rubric.values_list("pk", "name")}


def strings_of(frozen: dict[str, Any]) -> list[str]:
    """What of the summary can be searched: words, not dates."""
    words = [frozen[name] for name in (*_HEAD, "adopts")]
    return words + [
        task[name] for task in frozen["tasks"] for name in ("key_task", "measures", "department", "mark")
    ]
