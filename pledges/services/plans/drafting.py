"""The verbs of a plan that is being written: begin, save, note progress, throw away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from campaigns.models import Phase
from common.events import record
from common.states import StepRefused
from organizations.access import may
from organizations.kinds import HOLDS_MEMBERS
from organizations.models import Member, Organization
from pledges.flow import PLAN_VETTED, PlanState
from pledges.models import MAX_TASKS, Plan, PlanTask
from pledges.plans import beginnings
from pledges.plans.texts import (
    DATES,
    HEAD_FIELDS,
    TASK_FIELDS,
    TRACK_FIELDS,
    Text,
    blank_text,
    changed,
    filled,
    text_of,
)
from pledges.services.open_rounds import ensure_open, hold

EDIT = "pledges.edit_plan"
ADOPTERS_BELOW = 10  # members: a branch with fewer need not write a plan of its own (domain.md 2)


class PlanConflict(Exception):
    """Somebody saved meanwhile. Nothing was written; the saved plan and my text are here."""

    def __init__(self, plan: Plan, mine: Text) -> None:
        super().__init__("您打开之后，别的同志保存过这份方案。")
        self.plan, self.mine = plan, mine


@transaction.atomic
def create(organization: Organization, phase: Phase, *, by: Any, from_template: bool = False) -> Plan:
    """起草, from nothing or from the campaign's template. There is one an organization and phase.

    Raises PermissionDenied, and StepRefused with the sentence for the person.
    """
    _may_draft(organization, phase, by)
    text = (
        beginnings.from_template(organization, phase)
        if from_template
        else blank_text(title=beginnings.title_for(organization, phase))
    )
    return _new(organization, phase, text, by)


@transaction.atomic
def copy(source: Plan, phase: Phase, *, by: Any) -> Plan:
    """复制上年的: an earlier plan of the same organization as a new draft; dates are set anew."""
    _may_draft(source.organization, phase, by)
    text = beginnings.from_earlier(source, phase)
    if source.adopts_id and not text["tasks"]:
        raise StepRefused("上年采用的是上级的方案，没有可以复制的内容；请再次采用上级的方案。")
    return _new(source.organization, phase, text, by, copied_from=source.pk)


@transaction.atomic
def adopt(organization: Organization, phase: Phase, *, by: Any) -> Plan:
    """采用上级的方案 instead of writing one: for branches with fewer than ten members (domain.md 2)."""
    _may_draft(organization, phase, by)
    superiors, why = adoptable(organization, phase)
    if superiors is None:
        raise StepRefused(why)
    text = blank_text(title=beginnings.title_for(organization, phase))
    return _new(organization, phase, text, by, adopts=superiors)


def adoptable(organization: Organization, phase: Phase) -> tuple[Plan | None, str]:
    """The superior's plan that may be adopted, or why there is none. Two queries."""
    if organization.kind not in HOLDS_MEMBERS:
        return None, "只有党支部可以采用上级的方案。"
    if Member.objects.current().filter(organization=organization).count() >= ADOPTERS_BELOW:
        return (
            None,
            f"党员有 {ADOPTERS_BELOW} 名以上的党支部须自己制定方案；不足 {ADOPTERS_BELOW} 名的可以采用上级的。",
        )
    plan = (
        Plan.objects.filter(organization=organization.parent_id, phase=phase, state__in=PLAN_VETTED)
        .select_related("organization", "phase__campaign")
        .first()
    )
    return (plan, "") if plan else (None, "上级党组织本时段的方案还没有定下来，暂时不能采用。")


def adopted_text(plan: Plan) -> dict[str, Any]:
    """The superior's text as it stands, to be kept with the plan that adopts it."""
    return text_of(plan) | {
        "organization": plan.organization.name,
        "leadership": plan.leadership,
        "version": plan.version,
    }


def _may_draft(organization: Organization, phase: Phase, by: Any) -> None:
    ensure_open(phase)
    # Held until the draft is there: of two clicks the second finds the plan of the first.
    organization = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if not may(by, EDIT, organization):
        raise PermissionDenied("您没有在该组织起草活动方案的职务。")
    if not organization.rule.files_pledges:
        raise StepRefused(f"{organization.get_kind_display()}不报送活动方案，由所在的党组织办理。")
    if organization.is_root:
        raise StepRefused(f"“{organization.name}”没有上级党组织，方案无处报送，不在平台起草。")
    if organization.dissolved_on is not None:
        raise StepRefused("该组织已撤销，不再报送活动方案。")
    if not Phase.objects.on(timezone.localdate()).filter(pk=phase.pk).exists():
        raise StepRefused(f"“{phase.name}”不在进行中，请选择当前时段。")
    if Plan.objects.filter(organization=organization, phase=phase).exists():
        raise StepRefused(f"“{organization.name}”{phase.name}已经有一份活动方案，没有另起一份。")


def _new(
    organization: Organization,
    phase: Phase,
    text: Text,
    by: Any,
    *,
    adopts: Plan | None = None,
    **detail: Any,
) -> Plan:
    plan = Plan.objects.create(
        organization=organization,
        phase=phase,
        hands=[by.pk],
        adopts=adopts,
        adopted=adopted_text(adopts) if adopts else None,
    )
    write(plan, text)
    if adopts:
        detail["adopts"] = adopts.pk
    record(plan, "create", by=by, permission=EDIT, after={"state": plan.state}, **detail)
    return plan


@transaction.atomic
def save(plan: Plan, text: Text, *, version: int, by: Any) -> Plan:
    """Save ``text``, written on top of ``version``. Raises PlanConflict when that is no longer the saved one."""
    current = editable(plan, by)
    theirs, text = text_of(current), filled(text)
    if version != current.version and text != theirs:
        raise PlanConflict(current, text)
    return keep(current, text, by)


def keep(plan: Plan, text: Text, by: Any) -> Plan:
    """Write what changed of a locked plan, and put it on record; without a change nothing happens."""
    if len(text["tasks"]) > MAX_TASKS:
        raise StepRefused(
            f"一份方案最多 {MAX_TASKS} 项任务，现在有 {len(text['tasks'])} 项，请合并或去掉几项。"
        )
    before, after = changed(text_of(plan), text)
    if not after:
        return plan
    plan.version += 1
    plan.hands = sorted({*plan.hands, by.pk})
    write(plan, text)
    record(plan, "edit", by=by, permission=EDIT, before=before, after=after, version=plan.version)
    return plan


@transaction.atomic
def track(plan: Plan, said: Mapping[str, Mapping[str, str]], *, by: Any) -> int:
    """更新进展: progress and remark by task key, in any state until the archive. How many tasks changed.

    They are no part of the vetted text. What is not said stays; keys of other plans' tasks are refused.
    """
    current = locked(plan)
    if not by.has_perm(EDIT, current):
        raise PermissionDenied("您没有更新这份方案进展的职务。")
    ensure_open(current.phase)
    tasks = {task.key: task for task in current.tasks.all()}
    if set(said) - set(tasks):
        raise StepRefused("有的任务已不在这份方案里，请刷新后再填。")
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for key, values in said.items():
        for name in TRACK_FIELDS:
            if name in values and values[name] != getattr(tasks[key], name):
                before[f"{key}.{name}"], after[f"{key}.{name}"] = getattr(tasks[key], name), values[name]
                setattr(tasks[key], name, values[name])
    touched = {name.partition(".")[0] for name in after}
    if touched:
        PlanTask.objects.bulk_update([tasks[key] for key in touched], list(TRACK_FIELDS))
        record(current, "track", by=by, permission=EDIT, before=before, after=after)
    return len(touched)


@transaction.atomic
def discard(plan: Plan, *, by: Any) -> None:
    """Throw away a draft that was never filed. The audit keeps its text."""
    current = editable(plan, by)
    if current.state != PlanState.DRAFT:
        raise StepRefused("报送过的方案留有记录，不能删除；可以修改后重新报送。")
    text = text_of(current)
    Plan.objects.filter(pk=current.pk).delete()  # before it is recorded, since that counts what is left
    record(current, "discard", by=by, permission=EDIT, before=text)


def locked(plan: Plan) -> Plan:
    hold()
    return Plan.objects.select_for_update(of=("self",)).with_what_guards_ask().get(pk=plan.pk)


def editable(plan: Plan, by: Any) -> Plan:
    current = locked(plan)
    if not by.has_perm(EDIT, current):
        raise PermissionDenied("您没有修改这份方案的职务。")
    ensure_open(current.phase)
    if not current.is_editable:
        raise StepRefused(
            f"这份方案现在是“{current.get_state_display()}”，不能修改；如需更正，请先收回修改。"
        )
    return current


def write(plan: Plan, text: Text) -> None:
    for name in HEAD_FIELDS:
        setattr(plan, name, text[name])
    plan.changed_at = timezone.now()
    plan.save()
    _write_tasks(plan, text["tasks"])


def _write_tasks(plan: Plan, tasks: list[dict[str, str]]) -> None:
    """Tasks are found by key among this plan's own; foreign rubric tags are dropped."""
    rubric = {str(pk) for pk in plan.phase.campaign.rubric.values_list("pk", flat=True)}
    plan.tasks.exclude(key__in=[task["key"] for task in tasks]).delete()
    kept = {task.key: task for task in plan.tasks.all()}
    rows = []
    for number, task in enumerate(tasks, 1):
        row = kept.get(task["key"]) or PlanTask(plan=plan, key=task["key"])
        row.number = number
        for name in TASK_FIELDS:
            if name in DATES:
                setattr(row, name, task[name] or None)
            elif name != "rubric":
                setattr(row, name, task[name])
        row.rubric_id = int(task["rubric"]) if task["rubric"] in rubric else None
        rows.append(row)
    fields = ["number", *(name for name in TASK_FIELDS)]
    PlanTask.objects.bulk_create([row for row in rows if row.pk is None])
    PlanTask.objects.bulk_update([row for row in rows if row.key in kept], fields)
