"""The editor of a pledge. Nothing typed is refused here but what cannot be kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django import forms

from campaigns.models import RubricItem, Subject
from common.fields import DayField
from pledges.completeness import Problem
from pledges.models import MAX_ITEMS, Direction, Pledge, PledgeItem, new_key
from pledges.texts import HEAD_FIELDS, ITEM_FIELDS, Text

# no XML, no JSON bears them
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_KEY = re.compile(r"[0-9a-f]{12}")


class DraftForm(forms.Form):
    """A form whose fields are needed for filing and not for saving: ``must`` only marks them."""

    use_required_attribute = False
    must: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = name in self.must

    def full_clean(self) -> None:
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        for name in self.must:
            self.fields[name].required = True


def _of_model(model: Any, name: str, rows: int = 0, hint: str = "") -> Any:
    column = model._meta.get_field(name)
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=column.verbose_name, max_length=column.max_length, help_text=hint, widget=widget
    )


class _Category(forms.ModelChoiceField):
    def label_from_instance(self, item: RubricItem) -> str:
        return item.name


class HeadForm(DraftForm):
    must = ("title", "category", "directions")
    title = _of_model(Pledge, "title", hint="一句话说清要做成什么")
    category = _Category(
        label="承诺类别",
        queryset=RubricItem.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        blank=True,
        error_messages={"invalid_choice": "请从列出的类别中选择。"},
    )
    directions = forms.MultipleChoiceField(
        label="承诺对象", choices=Direction, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, pledge: Pledge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        subject = Subject.MEMBER if pledge.member_id else Subject.ORGANIZATION
        rubric = pledge.phase.campaign.rubric.filter(subject=subject)
        self.fields["category"].queryset = rubric.order_by("number")


class MemberHeadForm(HeadForm):
    """A member's: the category of 五个表率 and where the effort goes; to whom it is promised is given."""

    must = ("category", "aim")
    title = directions = None
    aim = _of_model(Pledge, "aim", rows=2, hint="这一年在哪方面下功夫、达到什么程度")

    field_order = ["category", "aim"]


class ItemForm(DraftForm):
    must = ("content", "measures", "responsible", "due_on")
    content = _of_model(PledgeItem, "content", rows=2, hint="做什么、做到什么程度，能检查")
    measures = _of_model(PledgeItem, "measures", rows=2, hint="怎么做，分几步")
    responsible = _of_model(PledgeItem, "responsible")
    due_on = DayField(label="完成时限", error_messages={"invalid": "请按“2010年12月20日”的样子填写日期。"})
    baseline = _of_model(PledgeItem, "baseline")
    target = _of_model(PledgeItem, "target")
    unit = _of_model(PledgeItem, "unit")
    remark = ""  # the superior's on this item, for the page
    grounds: tuple[str, ...] = ()
    is_settled = False  # 已定: shown, not changed
    hints: Sequence[Any] = ()


class MemberItemForm(DraftForm):
    must = ("content", "due_on")
    content = _of_model(PledgeItem, "content", rows=2, hint="做什么、做到什么程度，能检查")
    content.label = "具体打算"
    due_on = DayField(label="完成时限", error_messages={"invalid": "请按“2010年12月20日”的样子填写日期。"})
    remark = ""
    grounds: tuple[str, ...] = ()
    is_settled = False
    hints: Sequence[Any] = ()


class Editor:
    """Head and items of one pledge, always from typed text: saved, buffered or just posted."""

    def __init__(self, pledge: Pledge, typed: Text) -> None:
        self.typed, self.pledge = typed, pledge
        of_head, of_item = (MemberHeadForm, MemberItemForm) if pledge.member_id else (HeadForm, ItemForm)
        self.head = of_head({name: typed[name] for name in HEAD_FIELDS}, pledge=pledge)
        self.items = []
        vetted = {item.key: item for item in pledge.items.all()}
        for number, item in enumerate(typed["items"] or [blank_item()], 1):
            form = of_item({f"{item['key']}-{n}": item[n] for n in ITEM_FIELDS}, prefix=item["key"])
            form.number = number
            if found := vetted.get(item["key"]):
                form.remark, form.grounds = found.remark, tuple(found.ground_labels)
                form.is_settled = found.is_settled
            self.items.append(form)

    # what <c-errors> asks
    def non_form_errors(self) -> list[str]:
        return []

    @property
    def forms(self) -> list[forms.Form]:
        return self.items

    @property
    def can_grow(self) -> bool:
        return len(self.items) < self.pledge.max_items

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in [self.head, *self.items]])

    def as_typed(self) -> list[PledgeItem]:
        """The items as they stand in the forms, not to be saved: for hints."""
        saved = {item.key: item.pk for item in self.pledge.items.all()}
        typed = self.typed["items"] or [dict.fromkeys(["key", *ITEM_FIELDS], "")]
        return [PledgeItem(pk=saved.get(row["key"]), pledge=self.pledge, **row) for row in typed]

    def text(self) -> Text:
        """The cleaned text, to be saved. Call after ``is_valid``."""
        head = self.head.cleaned_data
        directions = head.get("directions", self.pledge.directions)
        return {
            "title": head.get("title", ""),
            "category": head["category"].pk if head["category"] else None,
            "directions": [d for d in Direction.values if d in directions],
            "aim": head.get("aim", ""),
            "items": [
                {"key": form.prefix, **{n: _plain(form.cleaned_data.get(n)) for n in ITEM_FIELDS}}
                for form in self.items
            ],
        }

    def mark(self, problems: list[Problem]) -> None:
        """Show what keeps the pledge from being filed at the fields themselves."""
        items = {form.prefix: form for form in self.items}
        for problem in problems:
            key, _, name = problem.field.partition("-")
            if problem.field == "items":
                self.items[0].add_error("content", problem.message)
            elif key in items:
                items[key].add_error(name, problem.message)
            else:
                self.head.add_error(problem.field, problem.message)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else value or ""


def typed_text(data: Any, pledge: Pledge) -> Text:
    """What was posted, as a text; nothing but its shape is checked, so that it can always be kept."""
    limit = pledge.max_items
    keys = list(dict.fromkeys(key for key in data.getlist("item") if _KEY.fullmatch(key)))[:limit]
    category = data.get("category", "")
    return {
        "title": _typed(data, "title"),
        "category": int(category) if re.fullmatch(r"\d{1,18}", category, re.ASCII) else None,
        "directions": list(pledge.directions)
        if pledge.member_id
        else [d for d in data.getlist("directions") if d in Direction.values],
        "aim": _typed(data, "aim"),
        "items": [_typed_item(data, key) for key in keys],
    }


def removed_items(data: Any) -> list[dict[str, str]]:
    """What was taken out on this page and goes along in it, to be put back at ``at``; the latest last."""
    there = set(data.getlist("item"))
    keys = [key for key in dict.fromkeys(data.getlist("removed")) if _KEY.fullmatch(key) and key not in there]
    keys = keys[-MAX_ITEMS:]
    return [{**_typed_item(data, key), "at": _typed(data, f"{key}-at")} for key in keys]


def is_filled(item: dict[str, str]) -> bool:
    return any(item[name].strip() for name in ITEM_FIELDS)


def _typed_item(data: Any, key: str) -> dict[str, str]:
    return {"key": key, **{name: _typed(data, f"{key}-{name}") for name in ITEM_FIELDS}}


def _typed(data: Any, name: str) -> str:
    return kept(data.get(name, ""))


def kept(text: str) -> str:
    """The text as it is saved: what comes along from a word processor unseen is left out."""
    return _CONTROL.sub("", text).replace("\r\n", "\n")


def blank_item() -> dict[str, str]:
    return {"key": new_key(), **dict.fromkeys(ITEM_FIELDS, "")}
