"""What a plan must say before it is filed: seed 四(一) asks for 创先目标, 重点任务, 时间进度 and 具体措施."""

from __future__ import annotations

from typing import Any

from pledges.completeness import Problem
from pledges.plans.texts import Text, is_blank, text_of

REQUIRED = {
    "title": "请填写方案名称。",
    "goals": "请写明创先目标。",
    "schedule": "请写明时间进度。",
}
REQUIRED_OF_TASKS = {
    "key_task": "请写明重点任务",
    "measures": "请写明具体措施",
    "person": "请写明责任人",
    "ends_on": "请填写完成时限",
}


def problems_of(plan: Any) -> list[Problem]:
    """Everything that keeps the plan from being filed, in the order of the form.

    Whoever adopts the superior's plan has its goals and tasks from there; local items are free to add.
    """
    text = text_of(plan)
    found = [] if plan.adopts_id else _missing_in_head(text)
    tasks = [(n, task) for n, task in enumerate(text["tasks"], 1) if not is_blank(task)]
    if not tasks and not plan.adopts_id:
        found.append(Problem("tasks", "请至少填写一项重点任务。"))
    for number, task in tasks:
        found += _task_problems(number, task)
    return found


def _missing_in_head(text: Text) -> list[Problem]:
    return [Problem(name, sentence) for name, sentence in REQUIRED.items() if not text[name].strip()]


def _task_problems(number: int, task: dict[str, str]) -> list[Problem]:
    found = [
        Problem(f"{task['key']}-{name}", f"第{number}项：{sentence}。")
        for name, sentence in REQUIRED_OF_TASKS.items()
        if not task[name].strip()
    ]
    if task["starts_on"] and task["ends_on"] and task["ends_on"] < task["starts_on"]:
        found.append(Problem(f"{task['key']}-ends_on", f"第{number}项：完成时限早于起始日期，请核对。"))
    return found
