"""活动方案 as an official document (公文, domain.md 2 and 8.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from common.documents import render
from common.documents.wording import title_lines
from pledges.documents.letters import TEMPLATES, UNBROKEN, signature_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPhase:
    """A step of 时间进度; an open end is ``None``."""

    name: str
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    work: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTask:
    """重点任务 with its 具体措施."""

    task: str
    measures: str = ""
    department: str = ""  # 责任部门
    responsible: str = ""  # 责任人
    starts_on: dt.date | None = None
    due_on: dt.date | None = None
    completion: str = ""  # 完成标志


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMember:
    """A line of 领导小组名单; ``role`` is 组长, 副组长 or 成员."""

    role: str
    name: str
    post: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """活动方案. A part without text is left out, and the parts after it move up a number."""

    title: str
    organization: str  # 署名
    signed_on: dt.date | None = None  # 成文日期
    research: str = ""  # 调研基础
    theme: str = ""
    goals: str = ""  # 创先目标
    phases: Sequence[PlanPhase] = ()  # 时间进度
    tasks: Sequence[PlanTask] = ()
    leadership: str = ""  # 组织领导, in words
    first_responsible: str = ""  # 第一责任人
    directly_responsible: str = ""  # 直接责任人
    leading_group: Sequence[GroupMember] = ()
    office: str = ""  # where the leading group has its office


def plan_document(plan: PlanDocument) -> bytes:
    context = {
        "plan": plan,
        "title": title_lines(plan.title, unbroken=UNBROKEN),
        "signature": signature_lines(plan.organization),
        "part": _parts(plan),
        "group": _with_roles_once(plan.leading_group),
    }
    return render(TEMPLATES / "plan.docx", context)


def _parts(plan: PlanDocument) -> dict[str, int]:
    """The number of each part that has something to say, 0 for the others."""
    said = {
        "research": plan.research.strip(),
        "theme": plan.theme.strip(),
        "goals": plan.goals.strip(),
        "schedule": plan.phases,
        "tasks": plan.tasks,
        "leadership": plan.leadership.strip()
        or plan.first_responsible
        or plan.directly_responsible
        or plan.leading_group
        or plan.office,
    }
    numbers = count(1)
    return {part: next(numbers) if text else 0 for part, text in said.items()}


def _with_roles_once(group: Sequence[GroupMember]) -> list[tuple[str, GroupMember]]:
    """A role stands before the first of those who hold it."""
    before = ["", *(member.role for member in group)]
    return [
        ("" if member.role == last else member.role, member)
        for last, member in zip(before, group, strict=False)
    ]
