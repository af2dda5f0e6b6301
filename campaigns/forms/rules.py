"""What the office fills in to change the rules of a campaign. At most twelve fields each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms

from campaigns.expectations import known
from campaigns.items import FIELDS, FORBIDDEN_NAMES, TEXT_NAMES, WORKED
from campaigns.models import Anchor, Audience, ExemptCase, Obligation, Strand, Unit
from common.fields import DayField
from organizations.kinds import Kind
from organizations.posts import Post

LONGEST_TEXT = 500


class _Ticks(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices=choices, required=False, **options)


class RuleForm(forms.Form):
    """Its fields are those of the rule."""

    use_required_attribute = False

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class PhaseForm(RuleForm):
    name = forms.CharField(label="名称", max_length=60)
    starts_on = DayField(label="开始日期")
    ends_on = DayField(label="结束日期", required=False, help_text="不定的空着；从这一天算起的期限随之移动")
    ends_note = forms.CharField(
        label="结束说明", max_length=60, required=False, help_text="结束日期空着时写明到什么时候"
    )


class WindowForm(RuleForm):
    strand = forms.ChoiceField(label="环节", choices=Strand.choices)
    name = forms.CharField(label="内容", max_length=60)
    opens_on = DayField(label="开始日期")
    closes_on = DayField(label="截止日期")


class ObligationForm(RuleForm):
    name = forms.CharField(label="名称", max_length=60)
    strand = forms.ChoiceField(label="环节", required=False)
    expects = forms.ChoiceField(label="办理什么", required=False, help_text="系统据此统计谁办了、谁没办")
    anchor = forms.ChoiceField(label="期限算法", choices=Anchor.choices)
    due_on = DayField(label="截止日期", required=False, help_text="期限算法为固定日期时填写")
    offset = forms.IntegerField(
        label="天数",
        min_value=-366,
        max_value=366,
        help_text="从时段开始或结束算起；负数为之前，固定日期填 0",
    )
    unit = forms.ChoiceField(label="单位", choices=Unit.choices)
    opens_on = DayField(label="开始日期", help_text="从这一天起开始应办")
    kinds = _Ticks(Kind.choices, label="由哪些党组织办理", help_text="都不选表示所有应办的类别")
    posts = _Ticks(Post.choices, label="提醒哪些职务", help_text="都不选表示有权办理的职务")
    exempts = _Ticks(ExemptCase.choices, label="免办情形")
    forbids = _Ticks(list(FORBIDDEN_NAMES.items()), label="下级不得调整")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "strand", [("", "不属于某个环节"), *Strand.choices])
        labels = [(code, each.label) for code, each in known().items()]
        _choose(self, "expects", [("", "只作提示，不统计"), *labels])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("anchor") == Anchor.DATE and not said.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "请填写截止日期。")
        return said

    @property
    def values(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        if said["anchor"] != Anchor.DATE:
            said.pop("due_on")
        return said


class RungForm(RuleForm):
    when = forms.ChoiceField(label="什么时候", choices=[("before", "截止之前"), ("after", "逾期之后")])
    count = forms.IntegerField(label="天数", min_value=0, max_value=60, help_text="截止当天填 0")
    to = forms.ChoiceField(label="提醒谁", choices=Audience.choices)
    urgent = forms.BooleanField(label="单独发送，不并入当天的汇总", required=False)

    @property
    def values(self) -> dict[str, Any]:
        said = self.cleaned_data
        days = said["count"] if said["when"] == "after" else -said["count"]
        return {"days": days, "to": said["to"], "urgent": said["urgent"]}

    @staticmethod
    def initial_of(rung: Mapping[str, Any]) -> dict[str, Any]:
        when = "after" if rung["days"] > 0 else "before"
        return {
            "when": when,
            "count": abs(rung["days"]),
            "to": rung["to"],
            "urgent": bool(rung.get("urgent")),
        }


class TextsForm(RuleForm):
    def __init__(self, *args: Any, keys: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in keys:
            self.fields[key] = forms.CharField(
                label=TEXT_NAMES.get(key, key),
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 3}),
            )


class VariationForm(RuleForm):
    """Without what the rule forbids: that is shown, not asked for."""

    due_on = DayField(label="截止日期", help_text="只能早于上级规定的日期；需要推迟的，请上级准予延期")
    opens_on = DayField(label="开始日期")
    kinds = _Ticks(
        Kind.choices, label="由哪些党组织办理", help_text="上级要求的类别不能减少；都不选表示所有应办的类别"
    )
    posts = _Ticks(Post.choices, label="提醒哪些职务", help_text="都不选表示有权办理的职务")
    exempts = _Ticks(ExemptCase.choices, label="免办情形", help_text="可以减少，不能增加")

    def __init__(self, *args: Any, held: Obligation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.locked = [FIELDS["obligation"][name] for name in Obligation.FORBIDDABLE if name in held.forbids]
        for name in held.forbids:
            self.fields.pop(name)


class AdoptionForm(forms.Form):
    keys = forms.MultipleChoiceField(label="采用", error_messages={"required": "请先勾选要采用的内容。"})

    def __init__(self, *args: Any, keys: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "keys", [(key, key) for key in keys])


class SpecialDayForm(RuleForm):
    day = DayField(label="日期")
    is_worked = forms.ChoiceField(label="安排", choices=list(WORKED.items()))
    name = forms.CharField(label="说明", max_length=40, help_text="如：国庆节、国庆节调休")

    @property
    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"is_worked": self.cleaned_data["is_worked"] == "1"}


class NothingForm(RuleForm):
    """For what only asks to be confirmed."""


def _choose(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for mypy
    field.choices = choices
