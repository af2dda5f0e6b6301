from __future__ import annotations

from typing import Any

from django import forms

from organizations.forms.picker import OrganizationField, PickerWidget
from organizations.models.organization import OrganizationQuerySet


class WhereForm(forms.Form):
    """At which organization?"""

    organization = OrganizationField(label="在哪个党组织")

    def __init__(self, among: OrganizationQuerySet, scope: str, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["organization"]
        field.queryset = among
        field.widget = PickerWidget(scope)
