"""The text of a plan as plain data.

A *text* is ``{"title", "theme", "research_basis", "goals", "schedule", "tasks": [{"key", "key_task", …}]}``; dates are
ISO strings, the rubric tag is a primary key as a string or "". Progress and remark are no part of it: they go on
changing when the text is vetted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Text = dict[str, Any]

HEAD_FIELDS = {
    "title": "方案名称",
    "theme": "主题",
    "research_basis": "调研基础",
    "goals": "创先目标",
    "schedule": "时间进度",
}
TASK_FIELDS = {
    "key_task": "重点任务",
    "measures": "具体措施",
    "department": "责任部门",
    "person": "责任人",
    "starts_on": "起始",
    "ends_on": "完成时限",
    "mark": "完成标志",
    "rubric": "五个注重",
}
TRACK_FIELDS = {"progress": "进展", "remark": "备注"}
DATES = ("starts_on", "ends_on")


def text_of(plan: Any) -> Text:
    """The saved text. Costs one query unless the tasks are prefetched."""
    return {name: getattr(plan, name) for name in HEAD_FIELDS} | {
        "tasks": [task_of(t) for t in plan.tasks.all()]
    }


def task_of(task: Any) -> dict[str, str]:
    said = {name: _plain(getattr(task, name)) for name in TASK_FIELDS if name != "rubric"}
    return {"key": task.key, **said, "rubric": str(task.rubric_id or "")}


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else value or ""


def is_blank(task: Mapping[str, str]) -> bool:
    return not any(task.get(name, "").strip() for name in TASK_FIELDS)


def filled(text: Text) -> Text:
    """As it is kept: without empty tasks."""
    return {**text, "tasks": [task for task in text["tasks"] if not is_blank(task)]}


def flatten(text: Text) -> dict[str, Any]:
    """One dict of fields: "title", …, "order" (the task keys) and "<key>.measures" …"""
    flat = {name: text[name] for name in HEAD_FIELDS}
    flat["order"] = [task["key"] for task in text["tasks"]]
    for task in text["tasks"]:
        flat |= {f"{task['key']}.{name}": task[name] for name in TASK_FIELDS}
    return flat


def changed(before: Text, after: Text) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are; a field that is not there is None."""
    old, new = flatten(before), flatten(after)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: old.get(name) for name in names}, {name: new.get(name) for name in names}


def blank_text(**said: Any) -> Text:
    return {**dict.fromkeys(HEAD_FIELDS, ""), "tasks": []} | said


def blank_task(**said: str) -> dict[str, str]:
    return dict.fromkeys(TASK_FIELDS, "") | said
