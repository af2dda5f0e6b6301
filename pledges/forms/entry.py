"""One row of the entry page: a member's pledge in a few short boxes. Nothing is refused but what cannot be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from campaigns.models import Phase, RubricItem, Subject
from common.spreadsheets.values import CellError, parse_date
from pledges.forms.drafts import DraftForm, kept, row_keys
from pledges.models import MAX_MEMBER_ITEMS, Direction, Exemption, Pledge, PledgeItem, new_key
from pledges.texts import ITEM_FIELDS, Text, blank_text, text_of

SLOTS = range(1, MAX_MEMBER_ITEMS + 1)
LONGEST_PLAN: int = PledgeItem._meta.get_field("content").max_length or 300
LONGEST_AIM: int = Pledge._meta.get_field("aim").max_length or 200


class QuickDayField(forms.CharField):
    """A day as it is typed fastest: 20101220, 2010.12.20, 2010年12月20日."""

    def clean(self, value: Any) -> dt.date | None:
        try:
            return parse_date(super().clean(value))
        except CellError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


def categories_of(phase: Phase) -> list[RubricItem]:
    """五个表率, in their order."""
    return list(phase.campaign.rubric.filter(subject=Subject.MEMBER).order_by("number"))


class EntryForm(DraftForm):
    """Fields by slot (``content_1``), not by item key: the keys go along in one hidden field."""

    version = forms.CharField(widget=forms.HiddenInput)
    keys = forms.CharField(widget=forms.HiddenInput)
    category = forms.ChoiceField(
        label="承诺类别", error_messages={"invalid_choice": "请从列出的类别中选择。"}
    )
    aim = forms.CharField(label="努力方向", max_length=LONGEST_AIM, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, data: Mapping[str, Any], *, member: int, categories: Sequence[RubricItem], pledge: Pledge | None
    ) -> None:
        super().__init__(data, prefix=str(member))
        self.saved = text_of(pledge) if pledge is not None else blank_text(directions=_TO_WHOM)
        self.pledge = pledge
        self.settled = {i.key: i for i in pledge.items.all() if i.is_settled} if pledge else {}
        self.items = {i.key: i for i in pledge.items.all()} if pledge else {}
        self.fields["category"].choices = [("", "选择类别"), *((str(c.pk), c.name) for c in categories)]
        for n in SLOTS:
            self.fields[f"content_{n}"] = forms.CharField(
                label=_numbered("具体打算", n),
                max_length=LONGEST_PLAN,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"due_{n}"] = QuickDayField(
                label=_numbered("完成时限", n),
                max_length=20,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": "如 20101220", "autocomplete": "off"}),
            )

    @classmethod
    def of_saved(cls, member: int, pledge: Pledge | None, categories: Sequence[RubricItem]) -> EntryForm:
        """The row as it is saved; with free slots for what may be added."""
        text = text_of(pledge) if pledge is not None else blank_text()
        keys = [item["key"] for item in text["items"]]
        data = {
            f"{member}-version": str(pledge.version if pledge else 0),
            f"{member}-keys": ",".join(keys + [new_key() for _ in SLOTS[len(keys) :]]),
            f"{member}-category": str(text["category"] or ""),
            f"{member}-aim": text["aim"],
        }
        for n, item in enumerate(text["items"], 1):
            data |= {f"{member}-content_{n}": item["content"], f"{member}-due_{n}": item["due_on"]}
        return cls(data, member=member, categories=categories, pledge=pledge)

    @property
    def slot_keys(self) -> list[str]:
        keys = row_keys(str(self["keys"].value() or "").split(","))[:MAX_MEMBER_ITEMS]
        return keys + [new_key() for _ in SLOTS[len(keys) :]]

    @property
    def slots(self) -> list[dict[str, Any]]:
        """What the page shows of each item: its two boxes, or the settled text; why it was returned."""
        return [
            {
                "number": n,
                "content": self[f"content_{n}"],
                "due": self[f"due_{n}"],
                "settled": self.settled.get(key),
                "item": self.items.get(key),
                "is_used": bool(
                    self[f"content_{n}"].value() or self[f"due_{n}"].value() or key in self.items
                ),
            }
            for n, key in enumerate(self.slot_keys, 1)
        ]

    @property
    def used_slots(self) -> list[dict[str, Any]]:
        """Those with something in them; the first one always."""
        return [slot for slot in self.slots if slot["is_used"] or slot["number"] == 1]

    @property
    def free_slots(self) -> list[dict[str, Any]]:
        return [slot for slot in self.slots if not slot["is_used"] and slot["number"] != 1]

    @property
    def version_read(self) -> int:
        text = str(self["version"].value() or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def text(self) -> Text:
        """The cleaned row as a text, to be saved. Call after ``is_valid``."""
        said = self.cleaned_data
        saved = {item["key"]: item for item in self.saved["items"]}
        items = []
        for n, key in enumerate(self.slot_keys, 1):
            item = saved.get(key, {"key": key, **dict.fromkeys(ITEM_FIELDS, "")})
            if key not in self.settled:
                due = said[f"due_{n}"]
                item = item | {
                    "content": kept(said[f"content_{n}"]),
                    "due_on": due.isoformat() if due else "",
                }
            items.append(item)
        category = said["category"]
        return self.saved | {
            "category": int(category) if category else None,
            "aim": kept(said["aim"]),
            "items": [item for item in items if any(item[name] for name in ITEM_FIELDS)],
        }

    @property
    def is_changed(self) -> bool:
        """Does the valid row differ from what is saved?"""
        return self.text() != self.saved


_TO_WHOM = [Direction.ORGANIZATION, Direction.MASSES]


def _numbered(label: str, n: int) -> str:
    return label if n == 1 else f"{label}（第{'一二三'[n - 1]}项）"


class ExemptionForm(forms.Form):
    kind = forms.ChoiceField(
        label="情形",
        choices=Exemption._meta.get_field("kind").choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择情形。"},
    )
    reason = forms.CharField(
        label="说明",
        max_length=Exemption._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="口头承诺：写下承诺了什么、何时完成。其他情形：写明情况，不必写病名等私人信息。",
        error_messages={"required": "请写明承诺了什么，或属于这种情形的情况。"},
    )


class BranchFilter(forms.Form):
    """Filters of the list of branches."""

    q = forms.CharField(label="党支部", required=False, max_length=60)
    only = forms.ChoiceField(
        label="进度", required=False, choices=[("", "全部"), ("outstanding", "还没有报齐")]
    )


class WorkbookForm(forms.Form):
    file = forms.FileField(
        label="填好的工作簿",
        help_text="从这里下载、改好的 .xlsx 文件。先检查、预览，确认以后才写入。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": "请选择填好的 .xlsx 文件。",
            "empty": "文件是空的，请选择填好的 .xlsx 文件。",
        },
    )
