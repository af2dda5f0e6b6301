from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from common.fields import DayField
from common.models import Event
from common.sentences import labels
from organizations.forms.picker import OrganizationField
from organizations.models import Organization
from organizations.queries import audit, scopes


class AuditFilter(forms.Form):
    person = forms.CharField(
        label="办理人", max_length=60, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    organization = OrganizationField(label="党组织（含下级）", scope=audit.VIEW_AUDIT, required=False)
    kind = forms.ChoiceField(label="事项", required=False)
    since = DayField(label="从", required=False)
    until = DayField(label="到", required=False)

    def __init__(self, user: Any, data: Any) -> None:
        super().__init__(data)
        reach = scopes.reach_with_dissolved(user, audit.VIEW_AUDIT)
        self.fields["organization"].queryset = reach
        self.fields["kind"].choices = [("", "全部"), *sorted(labels().items(), key=lambda item: item[0])]

    def narrow(self, events: QuerySet[Event]) -> QuerySet[Event]:
        asked = self.cleaned_data
        if asked.get("organization"):
            under = Organization.objects.under(asked["organization"]).values("pk")
            events = events.filter(place_id__in=under)
        if asked.get("person"):
            events = events.filter(actor__name__icontains=asked["person"].strip())
        if asked.get("kind"):
            events = events.filter(kind=asked["kind"])
        return audit.on_days(events, asked.get("since"), asked.get("until"))
