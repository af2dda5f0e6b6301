"""What a visitor says of a pledge, how they look it up, and what the organization answers."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from common.challenge import ChallengeForm
from organizations.forms.picker import OrganizationField
from organizations.models import Organization
from pledges.models import CloseReason, MassView, Publication
from pledges.models.opinion import MAX_ANSWER, MAX_TEXT

_REACHABLE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[\d\s+()（）转-]{7,}")


class OpinionForm(ChallengeForm):
    """监督这份承诺: for anyone, signed or not."""

    about = forms.ChoiceField(label="对哪一项提意见", required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label="您的意见",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="写清什么事、在哪里、您看到的情况。请不要写身份证号码等私人信息。",
        error_messages={
            "required": "请写下您的意见。",
            "max_length": f"意见最多 {MAX_TEXT} 字，现在是 %(show_value)s 字。请精简，或分两次提交。",
        },
    )
    view = forms.ChoiceField(
        label="您认为这件事做到了吗",
        required=False,
        choices=[("", "不表示看法"), *MassView.choices],
        widget=forms.RadioSelect,
        help_text="只按条数统计，不打分。",
    )
    name = forms.CharField(
        label="您的称呼",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    reach = forms.CharField(label="电话或邮箱", required=False, max_length=80)
    use_required_attribute = False

    def __init__(self, data: Any = None, *, publication: Publication, about: str = "") -> None:
        super().__init__(data, initial={"about": about, "view": ""})
        self.fields["about"].choices = [
            ("", "整份承诺"),
            *(
                (str(item["number"]), f"第{item['number']}项\n{item['content']}")
                for item in publication.items
            ),
        ]
        self.fields["about"].error_messages["invalid_choice"] = "没有这一项承诺，请重新选择。"
        self.fields["view"].error_messages["invalid_choice"] = "没有这种看法，请重新选择。"

    def clean_reach(self) -> str:
        reach = self.cleaned_data["reach"]
        if reach and not _REACHABLE.search(reach):
            raise forms.ValidationError("这个电话或邮箱不完整，承诺单位联系不到您。请改正，或留空。")
        return reach

    def said(self) -> dict[str, Any]:
        """As ``services.opinions.receive`` takes it."""
        data = dict(self.cleaned_data)
        about = data.pop("about")
        return {**data, "item_number": int(about) if about else None}


class LookupForm(forms.Form):
    code = forms.CharField(
        label="查询码",
        max_length=40,
        help_text="提交意见时显示的 12 位字母和数字，不分大小写，可以不写短横线。",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": "请填写查询码。"},
    )
    use_required_attribute = False


def _long(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MAX_ANSWER,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="提意见的群众凭查询码看到全文。说明怎么办、何时办，办不到的说明原因。",
        error_messages={"required": "请填写答复。"},
        **options,
    )


class StepForm(forms.Form):
    """Several stand on one page: each has ids of its own. ``values`` are what the service takes."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, verb: str, **options: Any) -> None:
        super().__init__(data, auto_id=f"id_{verb}_%s", **options)

    def values(self) -> dict[str, Any]:
        return self.cleaned_data


class AnswerForm(StepForm):
    answer = _long("答复")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class DraftForm(AnswerForm):
    answer = _long("答复", required=False)


class ReasonForm(StepForm):
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明理由。"},
    )


class CorrectForm(ReasonForm):
    answer = _long("更正后的答复")
    field_order = ("answer", "reason")


class ForwardForm(ReasonForm):
    to = OrganizationField(label="转给哪个党组织")
    field_order = ("to", "reason")

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["to"].queryset = Organization.objects.public()
        self.fields["reason"].help_text = "为什么该由它办理；对方和提意见的群众都会知道已经转办，答复期限不变"


class CloseForm(StepForm):
    why = forms.ChoiceField(
        label="原因",
        choices=CloseReason,
        widget=forms.RadioSelect,
        help_text="提意见的群众凭查询码会看到。",
        error_messages={"required": "请选择原因。", "invalid_choice": "请选择原因。"},
    )
    remark = forms.CharField(
        label="补充说明",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="只有本组织和上级看到。",
    )


class PublishForm(StepForm):
    with_text = forms.ChoiceField(
        label="公布什么",
        choices=[
            ("", "只公布答复\n不显示意见原文"),
            ("yes", "公布意见和答复\n意见原文一并公开，请先确认其中没有能认出提意见人的内容"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )

    def values(self) -> dict[str, Any]:
        return {"with_text": bool(self.cleaned_data["with_text"])}
