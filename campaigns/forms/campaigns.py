from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from campaigns.models.summary import DONE_LENGTH, LEFT_LENGTH
from campaigns.models.urging import TEXT_LENGTH
from campaigns.template_files import CampaignTemplate, available
from common.fields import DayField

EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


class CampaignForm(forms.Form):
    template = forms.ChoiceField(label="活动模板", help_text="模板里有时段、环节、类别、等次和截止日期")
    name = forms.CharField(label="活动名称", max_length=120)
    starts_on = DayField(label="开始日期", help_text="第一时段从这一天开始，其余日期按整月顺延")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.templates = {template.code: template for template in available()}
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for mypy
        field.choices = [(t.code, f"{t.name}（{t.source}）") for t in self.templates.values()]

    @property
    def chosen(self) -> CampaignTemplate:
        return self.templates[self.cleaned_data["template"]]

    def clean_starts_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["starts_on"]
        if not EARLIEST <= day <= LATEST:
            raise forms.ValidationError("请填写 2000 年至 2099 年之间的日期。")
        return day


class CloseForm(forms.Form):
    on = DayField(label="结束日期", help_text="这一天是活动的最后一天")


class ExtensionForm(forms.Form):
    until = DayField(label="延期至", help_text="晚于原来的截止日期；提醒按新的日期重新计算")
    reason = forms.CharField(
        label="理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由。"},
    )
    use_required_attribute = False


class WaiverForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由。"},
    )
    use_required_attribute = False


class UrgeForm(forms.Form):
    text = forms.CharField(
        label="催办内容",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明催办的内容。"},
    )
    use_required_attribute = False


class SpecialDayForm(forms.Form):
    day = DayField(label="日期")
    is_worked = forms.ChoiceField(label="安排", choices=[("0", "放假"), ("1", "上班（调休）")])
    name = forms.CharField(label="说明", max_length=40, help_text="如：国庆节、国庆节调休")
    use_required_attribute = False


class ClosePhaseForm(forms.Form):
    reason = forms.CharField(
        label="仍要归档的理由",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="请写明为什么不再等；理由写入归档说明",
    )
    is_checked = forms.BooleanField(
        label="已逐项看过上面的清单，同意按现状归档",
        error_messages={"required": "请先逐项看过清单，再勾选这一项。"},
    )
    use_required_attribute = False

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.required = needs_reason
        field.error_messages["required"] = "还有事项没有办结，请写明仍要归档的理由。"


class ReopenPhaseForm(forms.Form):
    reason = forms.CharField(
        label="重新开启的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明要更正什么；这次归档和它的文件保留备查，更正后重新归档",
        error_messages={"required": "请写明重新开启的理由。"},
    )


class SnapshotForm(forms.Form):
    remedy_by = DayField(label="整改时限", required=False, help_text="写进通报，可以不填；填写时须晚于今天")
    use_required_attribute = False


class SummaryForm(forms.Form):
    done = forms.CharField(
        label="做了什么",
        max_length=DONE_LENGTH,
        required=False,
        help_text="办了哪些实事、有什么变化、群众怎么说；下面列出的数字不用再写一遍",
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    left = forms.CharField(
        label="还有什么没做完",
        max_length=LEFT_LENGTH,
        required=False,
        help_text="没有办成的、打算什么时候办；没有就不填",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class SummaryReasonForm(forms.Form):
    reason = forms.CharField(
        label="退回理由",
        max_length=500,
        help_text="写给起草的同志：哪里不清楚，怎么改",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明退回的理由。"},
    )
    use_required_attribute = False
