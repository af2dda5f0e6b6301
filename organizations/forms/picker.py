"""One organization out of thousands: a text field that the script turns into a combobox.

With script the id arrives in ``NAME`` and the text in ``NAME_q``; without it only the text, which is
looked up here. Other apps use ``OrganizationField`` for their forms and filters too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from organizations.models import Organization
from organizations.models.organization import OrganizationQuerySet

SHOWN = 5


class Picked(NamedTuple):
    pk: str
    text: str

    def __str__(self) -> str:
        return self.text


class PickerWidget(forms.TextInput):
    """``scope`` names what may be picked (organizations.queries.scopes), "" for any living organization."""

    def __init__(self, scope: str = "", attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.scope = scope

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Picked | str:
        if name not in data:
            return ""
        picked = Picked(str(data.get(name, "")).strip(), str(data.get(f"{name}_q", "")).strip())
        return picked if any(picked) else ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        if isinstance(value, Organization):
            value = Picked(str(value.pk), value.name)
        elif not isinstance(value, Picked):
            value = Picked("", str(value or ""))
        url = (
            reverse("organizations:pick_in", args=[self.scope])
            if self.scope
            else reverse("organizations:pick")
        )
        attrs = {**self.attrs, **(attrs or {})}
        context = {
            "name": name,
            "value": value,
            "attrs": attrs,
            "url": url,
            "described": attrs.get("aria-describedby", ""),
            "invalid": attrs.get("aria-invalid", ""),
        }
        return SafeString(render_to_string("organizations/widgets/picker.html", context))


class OrganizationField(forms.Field):
    """Cleans to an Organization of ``queryset``, or None. ``queryset`` is set per request by the form."""

    default_error_messages = {
        "required": "请选择党组织。",
        "unknown": "没有找到“%(text)s”。请写全称或编号，或换几个字查找。",
        "several": "“%(text)s”对应几个党组织：%(names)s。请写全称或编号。",
    }

    def __init__(
        self, *, scope: str = "", queryset: OrganizationQuerySet | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("widget", PickerWidget(scope))
        kwargs.setdefault("help_text", "可按名称、拼音首字母或编号查找")
        super().__init__(**kwargs)
        self.queryset = Organization.objects.none() if queryset is None else queryset

    def clean(self, value: Any) -> Organization | None:
        if not value:
            super().validate(None)
            return None
        return self._by_id(value) if value.pk else self._by_text(value.text)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """An address may carry the id alone; the field then shows the name."""
        if isinstance(data, Picked) and data.pk and not data.text:
            found = self.queryset.filter(pk=data.pk).first() if data.pk.isdecimal() else None
            return Picked(data.pk, found.name) if found else data
        return data

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data) and (not isinstance(initial, Organization) or str(initial.pk) != data.pk)

    def _by_id(self, value: Picked) -> Organization:
        found = (
            self.queryset.filter(pk=value.pk).first() if value.pk.isdecimal() and len(value.pk) < 19 else None
        )
        if found is None:
            raise self._error("unknown", text=value.text or value.pk)
        return found

    def _by_text(self, text: str) -> Organization:
        found = list(self.queryset.search(text)[: SHOWN + 1])
        exact = [o for o in found if text.lower() in (o.name.lower(), o.short_name.lower(), o.code.lower())]
        match exact or found:
            case [only]:
                return only
            case []:
                raise self._error("unknown", text=text)
            case several:
                names = "、".join(o.name for o in several[:SHOWN]) + ("等" if len(several) > SHOWN else "")
                raise self._error("several", text=text, names=names)

    def _error(self, code: str, **said: str) -> forms.ValidationError:
        return forms.ValidationError(self.error_messages[code], code=code, params=said)
