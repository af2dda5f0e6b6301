"""公诺 of a batch: what each of its steps asks for."""

from __future__ import annotations

from typing import Any

from django import forms

from pledges.forms.steps import ScopeForm
from pledges.models import NameShown


class ProposalForm(ScopeForm):
    """申请公开: how far, and for the 书记 how the names stand there."""

    names = forms.ChoiceField(
        label="公开时的姓名",
        choices=NameShown,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择公开时的姓名。", "invalid_choice": "请选择公开时的姓名。"},
    )

    def __init__(self, data: Any = None, *, shown: str, may_set_names: bool) -> None:
        super().__init__(data, initial={"names": shown})
        if not may_set_names:
            del self.fields["names"]


class BackForm(forms.Form):
    """不予公开, and a secrecy review that is not passed: with the reason."""

    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明哪一处不宜公开，申请公开的同志会原样看到",
        error_messages={"required": "请写明理由。"},
    )
    use_required_attribute = False


class MasksForm(forms.Form):
    """Whoever publishes has looked at the numbers that will be masked."""

    has_seen_masks = forms.BooleanField(
        label="已看过遮蔽的号码",
        error_messages={"required": "文中有号码要遮蔽，请先看过遮蔽以后的样子，再勾选“已看过遮蔽的号码”。"},
    )
    use_required_attribute = False
