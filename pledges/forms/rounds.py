"""Closing a round, opening it again, and what a ledger is narrowed to."""

from __future__ import annotations

from django import forms

from campaigns.models import Subject
from common.fields import DayField
from pledges.forms.lists import PhaseField


class CloseRoundForm(forms.Form):
    as_of = DayField(
        label="截至日期", help_text="党组织的名称、隶属关系和党员名册以这一天为准；承诺以办理归档时为准"
    )
    is_checked = forms.BooleanField(
        label="已核对上面没有办结的承诺，同意按现状归档",
        error_messages={"required": "请先核对没有办结的承诺，再勾选这一项。"},
    )
    use_required_attribute = False


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="重新开启的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明要更正什么；原来的归档和编号保留，更正后重新归档",
        error_messages={"required": "请写明重新开启的理由。"},
    )
    use_required_attribute = False


class LedgerForm(forms.Form):
    phase = PhaseField()
    subject = forms.ChoiceField(
        label="承诺主体", required=False, choices=[("", "党组织和党员"), *Subject.choices]
    )
