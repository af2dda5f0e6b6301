"""What 践诺 and 评诺 ask for. Of progress only the status is required, and that is one tap."""

from __future__ import annotations

from typing import Any

from django import forms

from common.attachments import ACCEPT, AttachmentRefused, Clean, checked
from common.fields import DayField
from pledges.models import Cause, Judgement, Progress, Result, Source, Status
from pledges.models.fulfilment import EXPLANATION_LENGTH, NOTE_LENGTH
from pledges.services.fulfilment import Given, Note, faults_of

MOST_PEOPLE = 100_000


class ProgressForm(forms.Form):
    """One quarter of one item."""

    use_required_attribute = False
    status = forms.ChoiceField(
        label="进展",
        choices=Status,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择进展。", "invalid_choice": "请选择进展。"},
    )
    note = forms.CharField(
        label="说明",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"说明最多 {NOTE_LENGTH} 字，请缩短。"},
    )
    is_note_public = forms.BooleanField(
        label="这段说明可以公开",
        required=False,
        help_text="不勾选，只有本组织和上级看得到；公开时自动遮蔽手机号码、身份证号码。",
    )
    file = forms.FileField(
        label="附件",
        required=False,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text="不要求提供。jpg、png、PDF、Word、Excel，10 MB 以内；附件不公开。",
        error_messages={"empty": "附件是空的。请打开确认里面有内容，保存后重新上传。"},
    )
    drops_file = forms.BooleanField(label="删除现有附件", required=False)

    @classmethod
    def of(cls, progress: Progress | None, data: Any = None, files: Any = None) -> ProgressForm:
        names = ("status", "note", "is_note_public")
        form = cls(data, files, initial={n: getattr(progress, n) for n in names} if progress else {})
        if progress is None or not hasattr(progress, "attachment"):
            del form.fields["drops_file"]
        return form

    def clean_file(self) -> Clean | None:
        upload = self.cleaned_data["file"]
        if not upload:
            return None
        try:
            return checked(upload)
        except AttachmentRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def said(self) -> Note:
        data = self.cleaned_data
        return Note(data["note"], data["is_note_public"], data["file"], data.get("drops_file", False))


class _JudgementForm(forms.Form):
    use_required_attribute = False
    source: str

    def given(self) -> Given:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """The rules stand in the service; here each complaint finds its field."""
        if not self.errors:
            for name, sentence in faults_of(self.source, self.given()).items():
                self.add_error(name, sentence)
        return self.cleaned_data


class ResultForm(_JudgementForm):
    """自报 or 上级认定."""

    result = forms.ChoiceField(
        label="结果",
        choices=Result,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择结果。", "invalid_choice": "请选择结果。"},
    )
    cause = forms.ChoiceField(
        label="没有兑现的原因",
        choices=Cause,
        required=False,
        widget=forms.RadioSelect,
        help_text="未兑现、客观终止时选择",
    )
    explanation = forms.CharField(
        label="向群众的说明",
        required=False,
        max_length=EXPLANATION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="会在公开页面显示。未兑现、客观终止时必须说明。",
        error_messages={"max_length": f"说明最多 {EXPLANATION_LENGTH} 字，请缩短。"},
    )

    def __init__(self, source: str, judgement: Judgement | None, data: Any = None) -> None:
        names = ("result", "cause", "explanation")
        super().__init__(data, initial={n: getattr(judgement, n) for n in names} if judgement else {})
        self.source = source

    def given(self) -> Given:
        data = self.cleaned_data
        return Given(data["result"], data["cause"], data["explanation"])


class MeetingForm(_JudgementForm):
    """群众意见: what was counted at the meeting (评诺会)."""

    source = Source.MASSES
    held_on = DayField(
        label="评诺会日期",
        error_messages={"required": "请填写评诺会日期。"},
    )
    present = forms.IntegerField(
        label="到会人数", min_value=1, max_value=MOST_PEOPLE, error_messages={"required": "请填写到会人数。"}
    )

    def __init__(self, judgement: Judgement | None, last: Judgement | None, data: Any = None) -> None:
        before = judgement or last
        known = {"held_on": before.held_on, "present": before.present} if before else {}
        super().__init__(data, initial=known)
        for result in Result:
            self.fields[f"said_{result.value}"] = forms.IntegerField(
                label=f"认为{result.label}",
                required=False,
                min_value=0,
                max_value=MOST_PEOPLE,
                initial=getattr(judgement, f"said_{result.value}") if judgement else None,
            )

    def given(self) -> Given:
        data = self.cleaned_data
        said = {result.value: data[f"said_{result.value}"] or 0 for result in Result}
        return Given(held_on=data["held_on"], present=data["present"], said=said)


def judgement_form(
    source: str, judgement: Judgement | None, last: Judgement | None, data: Any = None
) -> ResultForm | MeetingForm:
    if source == Source.MASSES:
        return MeetingForm(judgement, last, data)
    return ResultForm(source, judgement, data)
