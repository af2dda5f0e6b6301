"""What a list is narrowed to."""

from __future__ import annotations

from typing import Any

from django import forms

from campaigns.models import Phase
from pledges import queries
from pledges.models import Matter


class PhaseField(forms.ModelChoiceField):
    """A round to narrow a list to."""

    def __init__(self) -> None:
        super().__init__(queries.phases(), label="时段", required=False, empty_label="全部时段")

    def label_from_instance(self, phase: Phase) -> str:
        return f"{phase.campaign.name} {phase.name}"


class FilterForm(forms.Form):
    """What a list is narrowed to. An unreadable choice narrows nothing."""

    q = forms.CharField(
        label="搜索",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "主题、内容、措施中的字词"}),
    )
    phase = PhaseField()
    category = forms.ChoiceField(label="类别", required=False)

    def __init__(self, data: Any, *, matter: str = Matter.ORGANIZATION) -> None:
        super().__init__(data)
        self._categories: dict[str, tuple[int, ...]] = {}
        for item in queries.categories(matter):
            self._categories[item.name] = (*self._categories.get(item.name, ()), item.pk)
        self.fields["category"].choices = [("", "全部类别"), *((name, name) for name in self._categories)]

    def filters(self, asked: queries.Asked) -> queries.Filters:
        self.is_valid()
        chosen = self.cleaned_data
        return queries.Filters(
            words=chosen.get("q", ""),
            organization=asked.chosen,
            nowhere=asked.is_open,
            phase=chosen.get("phase"),
            categories=self._categories.get(chosen.get("category", ""), ()),
        )
