"""The editor of a plan, its steps' forms, its progress and its workbook. Nothing typed is refused but what cannot be kept."""

from __future__ import annotations

from typing import Any

from django import forms

from common.fields import DayField
from common.spreadsheets.limits import FILE_BYTES, MIB
from pledges import queries
from pledges.completeness import Problem
from pledges.forms.drafts import DraftForm, field_of, kept, plain, removed_keys, row_keys, typed
from pledges.forms.lists import PhaseField
from pledges.models import MAX_TASKS, Plan, PlanTask, new_key
from pledges.plans.texts import HEAD_FIELDS, TASK_FIELDS, TRACK_FIELDS, Text, blank_task, is_blank


class PlanHeadForm(DraftForm):
    must = ("title", "goals", "schedule")
    title = field_of(Plan, "title")
    theme = field_of(Plan, "theme", hint="活动的主题口号")
    research_basis = field_of(Plan, "research_basis", rows=3, hint="走访、座谈、征求意见的情况，找准的问题")
    goals = field_of(Plan, "goals", rows=4, hint="做成什么、做到什么程度，能检查")
    schedule = field_of(
        Plan, "schedule", rows=4, hint="每行一个阶段，如“动员部署：2010年8月至9月，制定方案、作出承诺”"
    )


class PlanLocalForm(DraftForm):
    """Of a plan that adopts the superior's: only the name is its own."""

    must = ()
    title = field_of(Plan, "title")


class PlanTaskForm(DraftForm):
    must = ("key_task", "measures", "person", "ends_on")
    key_task = field_of(PlanTask, "key_task", rows=2)
    measures = field_of(PlanTask, "measures", rows=3, hint="怎么做，分几步")
    department = field_of(PlanTask, "department")
    person = field_of(PlanTask, "person")
    starts_on = DayField(label="起始")
    ends_on = DayField(label="完成时限")
    mark = field_of(PlanTask, "mark", hint="见到什么算完成")
    rubric = forms.ChoiceField(label="五个注重")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rubric"].choices = [("", "不对应"), *choices]
        self.fields["rubric"].error_messages = {"invalid_choice": "请从列出的五个注重中选择。"}


class PlanEditor:
    """Head and tasks of one plan, always from typed text: saved or just posted."""

    def __init__(self, plan: Plan, typed: Text, names: dict[str, str]) -> None:
        self.typed, self.plan = typed, plan
        of_head = PlanLocalForm if plan.adopts_id else PlanHeadForm
        self.head = of_head({name: typed[name] for name in HEAD_FIELDS})
        tasks = typed["tasks"] or ([] if plan.adopts_id else [blank_task(key=new_key())])
        self.tasks = []
        for number, task in enumerate(tasks, 1):
            data = {f"{task['key']}-{name}": task[name] for name in TASK_FIELDS}
            form: Any = PlanTaskForm(data, prefix=task["key"], choices=list(names.items()))
            form.number, form.is_first, form.is_last = number, number == 1, number == len(tasks)
            self.tasks.append(form)

    # what <c-errors> asks
    def non_form_errors(self) -> list[str]:
        return []

    @property
    def forms(self) -> list[forms.Form]:
        return self.tasks

    @property
    def can_grow(self) -> bool:
        return len(self.tasks) < MAX_TASKS

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in [self.head, *self.tasks]])

    @property
    def has_errors(self) -> bool:
        return any(form.errors for form in [self.head, *self.tasks])

    def text(self) -> Text:
        """The cleaned text, to be saved. Call after ``is_valid``."""
        head = {name: self.head.cleaned_data.get(name, self.typed[name]) for name in HEAD_FIELDS}
        tasks = [
            {"key": form.prefix, **{n: plain(form.cleaned_data.get(n)) for n in TASK_FIELDS}}
            for form in self.tasks
        ]
        return {**{n: value.replace("\r\n", "\n") for n, value in head.items()}, "tasks": tasks}

    def mark(self, problems: list[Problem]) -> None:
        """Show what keeps the plan from being filed at the fields themselves."""
        tasks = {form.prefix: form for form in self.tasks}
        for problem in problems:
            key, _, name = problem.field.partition("-")
            if problem.field == "tasks":
                self.tasks[0].add_error("key_task", problem.message)
            elif key in tasks:
                tasks[key].add_error(name, problem.message)
            else:
                self.head.add_error(problem.field, problem.message)


def typed_plan(data: Any, plan: Plan) -> Text:
    """What was posted, as a text; nothing but its shape is checked, so that it can always be kept."""
    keys = row_keys(data.getlist("task"))[:MAX_TASKS]
    own = ("title",) if plan.adopts_id else tuple(HEAD_FIELDS)
    head = {name: typed(data, name) if name in own else getattr(plan, name) for name in HEAD_FIELDS}
    return {**head, "tasks": [_typed_task(data, key) for key in keys]}


def removed_tasks(data: Any) -> list[dict[str, str]]:
    """What was taken out on this page and goes along in it, to be put back; the latest last."""
    return [_typed_task(data, key) for key in removed_keys(data, "task")[-MAX_TASKS:]]


def rearranged(
    tasks: list[dict[str, str]], removed: list[dict[str, str]], action: str, key: str
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(tasks, removed ones) after a button of the editor: add, remove, restore, up, down."""
    at = next((n for n, task in enumerate(tasks) if task["key"] == key), None)
    match action:
        case "add" if len(tasks) < MAX_TASKS:
            return [*tasks, blank_task(key=new_key())], removed
        case "remove" if at is not None:
            gone = tasks[at]
            return tasks[:at] + tasks[at + 1 :], removed if is_blank(gone) else [*removed, gone]
        case "restore" if len(tasks) < MAX_TASKS:
            back = [task for task in removed if task["key"] == key]
            rest = [] if len(tasks) == 1 and is_blank(tasks[0]) else tasks
            return [*rest, *back], [task for task in removed if task["key"] != key]
        case "up" | "down" if at is not None:
            to = at + (-1 if action == "up" else 1)
            if 0 <= to < len(tasks):
                tasks = [*tasks]
                tasks[at], tasks[to] = tasks[to], tasks[at]
    return tasks, removed


def _typed_task(data: Any, key: str) -> dict[str, str]:
    return {"key": key, **{name: typed(data, f"{key}-{name}") for name in TASK_FIELDS}}


class TrackForm(forms.Form):
    """进展 and 备注 of one task."""

    use_required_attribute = False
    progress = field_of(PlanTask, "progress", rows=2)
    remark = field_of(PlanTask, "remark")

    def __init__(self, data: Any, task: PlanTask) -> None:
        self.task = task
        initial = {name: getattr(task, name) for name in TRACK_FIELDS}
        super().__init__(data, prefix=task.key, initial=initial)
        for field in self.fields.values():
            field.required = False

    def said(self) -> dict[str, str]:
        return {name: kept(self.cleaned_data[name]) for name in TRACK_FIELDS}


class SheetForm(forms.Form):
    use_required_attribute = False
    file = forms.FileField(
        label="填好的任务推进表",
        help_text=f"从本方案导出的 .xlsx，不超过 {FILE_BYTES // MIB} MB",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择文件。", "empty": "文件是空的，请选择填好的推进表。"},
    )


class PlanFilterForm(forms.Form):
    """What a list of plans is narrowed to. An unreadable choice narrows nothing."""

    phase = PhaseField()

    def filters(self, asked: queries.Asked) -> queries.Filters:
        self.is_valid()
        return queries.Filters(
            words=self.cleaned_data.get("q", ""),
            organization=asked.chosen,
            nowhere=asked.is_open,
            phase=self.cleaned_data.get("phase"),
        )


class PublicPlanFilterForm(PlanFilterForm):
    q = forms.CharField(
        label="搜索",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "目标、任务、措施中的字词"}),
    )
    field_order = ["q", "phase"]
