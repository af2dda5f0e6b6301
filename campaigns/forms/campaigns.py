"""Making, ending and dating campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

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
