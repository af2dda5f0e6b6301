from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from campaigns.models import RobotKind
from campaigns.models.robot import ADDRESS_LENGTH, SECRET_LENGTH
from campaigns.models.urging import TEXT_LENGTH
from campaigns.robots import kind_of
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


class RobotForm(forms.Form):
    address = forms.CharField(
        label="机器人地址",
        max_length=ADDRESS_LENGTH,
        help_text="在企业微信或钉钉的群设置里添加群机器人后，完整复制它的 Webhook 地址",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "请填写机器人地址。"},
    )
    secret = forms.CharField(
        label="加签密钥",
        max_length=SECRET_LENGTH,
        required=False,
        help_text="只有钉钉的安全设置选了“加签”才填写，以 SEC 开头",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        kind = kind_of(said["address"]) if "address" in said else None
        if kind is None and "address" in said:
            self.add_error("address", "这不是企业微信或钉钉群机器人的地址，请从群设置里完整复制。")
        if said.get("secret") and kind == RobotKind.WECOM:
            self.add_error("secret", "企业微信的群机器人没有加签密钥，请留空。")
        return said
