"""Filters of lists: ordinary GET forms."""

from __future__ import annotations

from django import forms

from organizations.kinds import Kind
from organizations.models.organization import OrganizationQuerySet


class BrowseForm(forms.Form):
    q = forms.CharField(
        label="名称、拼音首字母或代码",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label="类别", choices=[("", "全部"), *Kind.choices], required=False)
    state = forms.ChoiceField(
        label="状态", choices=[("", "现有"), ("dissolved", "已撤销"), ("all", "全部")], required=False
    )

    def is_asked(self) -> bool:
        return any(self.cleaned_data.values())

    def narrow(self, organizations: OrganizationQuerySet) -> OrganizationQuerySet:
        asked = self.cleaned_data
        found = organizations.search(asked["q"]) if asked["q"] else organizations.in_protocol_order()
        if asked["kind"]:
            found = found.filter(kind=asked["kind"])
        if asked["state"] == "dissolved":
            return found.exclude(dissolved_on=None)
        return found if asked["state"] == "all" else found.living()
