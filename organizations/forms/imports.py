"""Upload a roster workbook; filter its preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from common.fields import DayField
from common.spreadsheets import limits
from organizations.access import MATRIX, acting, topmost
from organizations.models import Organization, RosterImport
from organizations.queries import scopes
from organizations.services.imports import IMPORT


class ImportForm(forms.Form):
    organization = forms.ModelChoiceField(
        label="导入范围",
        queryset=Organization.objects.none(),
        empty_label=None,
        help_text="只会写入这个党组织和它的下级；上级党组织也只在这个范围内认。",
    )
    file = forms.FileField(
        label="名册文件",
        help_text=f"Excel 工作簿（.xlsx），不超过 {limits.FILE_BYTES // limits.MIB} MB，最多 {limits.ROWS // 10000} 万行。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": "请选择填好的 .xlsx 文件。",
            "empty": "文件是空的，请选择填好的 .xlsx 文件。",
        },
    )
    mode = forms.ChoiceField(
        label="与系统中的记录不同时",
        choices=[(mode.value, mode.label.replace("：", "\n")) for mode in RosterImport.Mode],
        initial=RosterImport.Mode.STOP,
        widget=forms.RadioSelect,
    )
    effective_on = DayField(
        label="变动日期", help_text="新党员从这一天起在名册，更名、转接从这一天起算。不能晚于今天。"
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = anchors(user)
        self.fields["effective_on"].initial = timezone.localdate()

    def clean_effective_on(self) -> Any:
        day = self.cleaned_data["effective_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("变动日期不能晚于今天。今天之后的变动请到当天再导入。")
        return day


def anchors(user: Any) -> Any:
    """The topmost organizations at which the user holds a post that may import."""
    allowed = MATRIX.get(IMPORT, {})
    paths = topmost([held.path for held in acting(user) if held.post in allowed])
    return scopes.reach(user, IMPORT).filter(path__in=paths).in_protocol_order()
