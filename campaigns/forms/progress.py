"""延期, 免办, 催办 and what is kept of a day's figures."""

from __future__ import annotations

from django import forms

from campaigns.models.urging import TEXT_LENGTH
from common.fields import DayField


class WaiverForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由。"},
    )
    use_required_attribute = False


class ExtensionForm(WaiverForm):
    until = DayField(label="延期至", help_text="晚于原来的截止日期；提醒按新的日期重新计算")
    field_order = ("until", "reason")


class UrgeForm(forms.Form):
    text = forms.CharField(
        label="催办内容",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明催办的内容。"},
    )
    use_required_attribute = False


class SnapshotForm(forms.Form):
    remedy_by = DayField(label="整改时限", required=False, help_text="写进通报，可以不填；填写时须晚于今天")
    use_required_attribute = False
