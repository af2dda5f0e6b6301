"""申请变更: the editor's fields with what is public in them, and why it is to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from pledges.forms.editor import Editor
from pledges.models import Change, Pledge
from pledges.texts import Text


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=Change._meta.get_field("reason").verbose_name,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="批准后，理由和日期显示在公开页面的变更记录里，请写给群众看",
        error_messages={"required": "请写明变更的理由。"},
    )
    use_required_attribute = False


@dataclass(frozen=True, slots=True)
class Formset:
    forms: list[forms.Form]

    def non_form_errors(self) -> list[str]:
        return []


class ChangeEditor(Editor):
    """Everything may be reworded, also what was vetted: the change is decided as a whole.

    An item is not taken out of the form but ticked to be dropped, so that nothing vanishes unseen.
    """

    def __init__(self, pledge: Pledge, typed: Text, data: Any = None) -> None:
        super().__init__(pledge, typed)
        self.reason = ReasonForm(data)
        self.dropped = set(data.getlist("drop")) if data is not None else set()
        known = {item.key for item in pledge.items.all()}
        for form in self.items:
            form.is_settled, form.remark = False, ""
            form.is_known = form.prefix in known
            form.is_dropped = form.prefix in self.dropped

    @property
    def all_forms(self) -> Formset:
        """Head and items for <c-errors>; the reason stands before them."""
        return Formset([self.head, *self.items])

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.reason.is_valid()])

    def wanted(self) -> Text:
        """The text that is asked for, without what is dropped. Call after ``is_valid``."""
        text = self.text()
        return {**text, "items": [item for item in text["items"] if item["key"] not in self.dropped]}
