"""What the editors of pledges and plans have in common: a text in the making is kept, whatever is missing in it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms

# no XML, no JSON bears them
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_KEY = re.compile(r"[0-9a-f]{12}")


class DraftForm(forms.Form):
    """A form whose fields are needed for filing and not for saving: ``must`` only marks them."""

    use_required_attribute = False
    must: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = name in self.must

    def full_clean(self) -> None:
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        for name in self.must:
            self.fields[name].required = True


def field_of(model: Any, name: str, rows: int = 0, hint: str = "") -> Any:
    """A box for a column of text, labelled and limited as the column is."""
    column = model._meta.get_field(name)
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=column.verbose_name, max_length=column.max_length, help_text=hint, widget=widget
    )


def plain(value: Any) -> str:
    """A cleaned value as texts hold it."""
    return value.isoformat() if isinstance(value, dt.date) else value or ""


def typed(data: Any, name: str) -> str:
    return kept(data.get(name, ""))


def kept(words: str) -> str:
    """Without what no page shows and no file bears; lines end in one way."""
    return _CONTROL.sub("", words).replace("\r\n", "\n")


def row_keys(keys: list[str]) -> list[str]:
    """Those that are keys of rows (items, tasks), each once."""
    return [key for key in dict.fromkeys(keys) if _KEY.fullmatch(key)]


def removed_keys(data: Any, rows: str) -> list[str]:
    """The rows that were taken out on this page and go along in it, the latest last; ``rows`` names those still there."""
    there = set(data.getlist(rows))
    return [key for key in row_keys(data.getlist("removed")) if key not in there]
