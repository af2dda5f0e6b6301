"""审诺: what is decided on each item, and what a list of items is narrowed to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from pledges import queries
from pledges.forms.steps import grounds_field
from pledges.models import PledgeItem
from pledges.models.pledge import PledgeQuerySet
from pledges.services import Verdict

APPROVE, RETURN = "approve", "return"
_TICKED = re.compile(r"(\d{1,18})-(\d{1,9})")


class VerdictForm(forms.Form):
    """One item: 通过 or 退回, neither chosen beforehand; returned, with the check-list and a reason."""

    verdict = forms.ChoiceField(
        label="审定意见",
        required=False,
        choices=[(APPROVE, "通过"), (RETURN, "退回")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="退回理由",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退回时必填：哪里不行，怎么改；起草的同志会原样看到",
    )
    grounds = grounds_field()
    use_required_attribute = False

    def __init__(self, item: PledgeItem, data: Any = None) -> None:
        super().__init__(data, prefix=item.key)
        self.item = item

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        number = f"第{self.item.number}项"
        if said.get("verdict") == RETURN and not said.get("reason"):
            self.add_error("reason", f"{number}：请写明退回的理由。")
        elif said.get("verdict") != RETURN and (said.get("reason") or said.get("grounds")):
            self.add_error(
                "verdict", f"{number}：写了退回的意见，却没有选“退回”。要通过的，请把理由和勾选去掉。"
            )
        return said

    @property
    def decided(self) -> Verdict | None:
        said = self.cleaned_data
        if not said["verdict"]:
            return None
        return Verdict(said["verdict"] == APPROVE, said["reason"], said["grounds"])


class Vetting:
    """The page of one pledge: a form for each item that waits, and what they say together."""

    def __init__(self, items: Sequence[PledgeItem], data: Any = None) -> None:
        self.rows = [(item, VerdictForm(item, data) if item.state == "submitted" else None) for item in items]
        self.forms = [form for _, form in self.rows if form is not None]
        self.error = ""

    def non_form_errors(self) -> list[str]:
        """As a formset, for the summary of errors; what is wrong with all of them is ``error``."""
        return []

    @property
    def is_touched(self) -> bool:
        """Was anything chosen or written on an item that still waits?"""
        return any(form.has_changed() for form in self.forms)

    def verdicts(self, *, everything: bool) -> dict[str, Verdict]:
        """What was decided, by item key; empty when something has to be put right first (see ``error``)."""
        if not all([form.is_valid() for form in self.forms]):
            return {}
        said = {form.item.key: form.decided for form in self.forms}
        if everything:
            if back := [f.item.number for f in self.forms if f.cleaned_data["verdict"] == RETURN]:
                self.error = (
                    f"第{'、'.join(map(str, back))}项选了退回，没有按“全部通过”办理。"
                    "请改选，或者用“提交审定意见”。"
                )
                return {}
            return {form.item.key: Verdict(is_approved=True) for form in self.forms}
        found = {key: verdict for key, verdict in said.items() if verdict is not None}
        if not found:
            self.error = "还没有审定任何一项，请在至少一项下面选“通过”或“退回”。"
        return found


class ReturnItemForm(forms.Form):
    """退回 of one item alone."""

    reason = forms.CharField(
        label="退回理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="哪里不行，怎么改；起草的同志会原样看到",
        error_messages={"required": "请写明退回的理由。"},
    )
    grounds = grounds_field()
    use_required_attribute = False


class WordsForm(forms.Form):
    q = forms.CharField(
        label="搜索",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名、主题、内容中的字词"}),
    )
    whose = forms.ChoiceField(
        label="谁的承诺",
        required=False,
        choices=[("", "全部"), ("members", "党员的"), ("organizations", "党组织的")],
    )

    def filters(self, asked: queries.Asked) -> queries.Filters:
        self.is_valid()
        return queries.Filters(
            words=self.cleaned_data.get("q", ""), organization=asked.chosen, nowhere=asked.is_open
        )

    def narrow(self, rows: PledgeQuerySet, asked: queries.Asked) -> PledgeQuerySet:
        rows = self.filters(asked).narrow(rows)
        match self.cleaned_data.get("whose", ""):
            case "members":
                return rows.of_members()
            case "organizations":
                return rows.of_organizations()
            case _:
                return rows


def ticked(values: Sequence[str]) -> dict[int, int]:
    """What was ticked: primary key -> the version of the text beside the box. Unreadable ones are left out."""
    found = [match for value in values if (match := _TICKED.fullmatch(value)) is not None]
    return {int(match[1]): int(match[2]) for match in found}
