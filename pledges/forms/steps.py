"""What a step asks for."""

from __future__ import annotations

from django import forms

from pledges.models import Ground, Scope


def grounds_field() -> forms.MultipleChoiceField:
    """The check-list of vetting (审诺): which of its points something fails."""
    return forms.MultipleChoiceField(
        label="对照审定要求，下列方面需要改进",
        required=False,
        choices=Ground,
        widget=forms.CheckboxSelectMultiple,
    )


class ReturnForm(forms.Form):
    """退回修改 of the whole: check-list and reason. Item by item it is done in 逐项审定 (``forms.vetting``)."""

    grounds = grounds_field()
    reason = forms.CharField(
        label="退回理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写给起草的同志：哪里不行，怎么改",
        error_messages={"required": "请写明退回的理由。"},
    )
    use_required_attribute = False


class ScopeForm(forms.Form):
    scope = forms.ChoiceField(
        label="公开范围",
        choices=[
            (Scope.OUTSIDE, "向社会公开\n任何人都可以在公开页面看到"),
            (Scope.INSIDE, "党内公开\n只有登录的党组织工作人员可以看到"),
        ],
        widget=forms.RadioSelect,
        initial=Scope.OUTSIDE,
        error_messages={"required": "请选择公开范围。", "invalid_choice": "请选择公开范围。"},
    )
    use_required_attribute = False
