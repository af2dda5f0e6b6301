"""小结、总结 and why one comes back."""

from __future__ import annotations

from django import forms

from campaigns.models.summary import DONE_LENGTH, LEFT_LENGTH


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
