"""Form fields that take what people here write."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms

from common.spreadsheets.values import EARLIEST, LATEST

_DAY = re.compile(r"\s*(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D{0,2}\s*")


class DayField(forms.DateField):
    """A day as browsers send it, or as people write it: 2010年12月20日, 2010.12.20, full-width digits."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "请按“2010年12月20日”的样子填写日期。"}

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, str) and (parts := _DAY.fullmatch(unicodedata.normalize("NFKC", value))):
            value = "-".join(parts.groups())
        day = super().to_python(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(
                f"年份 {day.year} 不在 {EARLIEST.year} 年至 {LATEST.year} 年之间，请核对。"
            )
        return day
