"""归档: closing and reopening a phase."""

from __future__ import annotations

from typing import Any

from django import forms


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
