"""评诺: one pledge, or a branch's roster on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist

from campaigns.bands import HIGHEST, Bands
from common.fields import DayField
from common.states import Step
from pledges.flow import AppraisalState
from pledges.models import Appraisal, Pledge
from pledges.models.appraisal import WORDS_LENGTH
from pledges.services.appraisal import fault_of

MOST_PEOPLE = 100_000
STEPS = ("self_appraise", "peer_appraise", "appraise")
_BAD_NUMBER = {"invalid": "请填写整数。"}


def appraisal_of(pledge: Pledge) -> Appraisal:
    """The pledge's appraisal, or one that has not begun."""
    try:
        return pledge.appraisal
    except ObjectDoesNotExist:
        return Appraisal(pledge=pledge)


def _words(label: str, seen: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"placeholder": seen})
    return forms.CharField(label=label, required=False, max_length=WORDS_LENGTH, widget=widget)


def _people(label: str, seen: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_PEOPLE,
        error_messages=_BAD_NUMBER,
        widget=forms.NumberInput(attrs={"placeholder": seen}),
    )


class MeetingForm(forms.Form):
    """The meeting at which members gave each other their bands; one for the whole page."""

    use_required_attribute = False

    def __init__(self, data: Any = None, *, alone: bool = False) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.required = alone

    held_on = DayField(label="评诺会日期", required=False)
    present = forms.IntegerField(
        label="到会人数", required=False, min_value=1, max_value=MOST_PEOPLE, error_messages=_BAD_NUMBER
    )


class StepForm(forms.Form):
    """What one or several steps of one pledge ask for; a field left empty means the step is not given.

    A step on a page of its own (``alone``) cannot be left out.
    """

    use_required_attribute = False

    def __init__(
        self, steps: Sequence[str], bands: Bands, data: Any = None, prefix: str = "", *, alone: bool = False
    ) -> None:
        super().__init__(data, prefix=prefix or None)
        self.steps, self.bands = steps, bands
        if "self_appraise" in steps:
            choices = [("", "—"), *((name, name) for name in bands.names)]
            self.fields["band"] = forms.ChoiceField(label="自评", choices=choices, required=alone)
            self.fields["text"] = _words("自评说明", "说明，可不填")
        if "peer_appraise" in steps:
            for number, name in enumerate(bands.names):
                self.fields[f"peers_{number}"] = _people(f"互评“{name}”的人数", name)
        if "appraise" in steps:
            self.fields["score"] = forms.IntegerField(
                label="组织评分",
                required=alone,
                min_value=0,
                max_value=HIGHEST,
                widget=forms.NumberInput(attrs={"placeholder": "分数"}),
                error_messages={
                    "invalid": f"评分应为 0 至 {HIGHEST} 的整数。",
                    "min_value": f"评分应为 0 至 {HIGHEST} 的整数。",
                    "max_value": f"评分应为 0 至 {HIGHEST} 的整数。",
                },
            )
            self.fields["comment"] = _words("组织评语", "评语，可不填")

    @property
    def peers(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("peers_")]

    def given(self, meeting: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """step -> what was given, by column; only the steps for which something was."""
        data, given = self.cleaned_data, {}
        if data.get("band") or data.get("text"):
            given["self_appraise"] = {"self_band": data["band"], "self_text": data["text"].strip()}
        counts = [data.get(f"peers_{number}") for number in range(len(self.bands.names))]
        if any(count is not None for count in counts):
            given["peer_appraise"] = {
                "peers": {n: count or 0 for n, count in zip(self.bands.names, counts, strict=True)},
                "peers_present": meeting.get("present"),
                "peers_held_on": meeting.get("held_on"),
            }
        if data.get("score") is not None or data.get("comment"):
            given["appraise"] = {"score": data["score"], "comment": data["comment"].strip()}
        return given

    def mark(self, given: Mapping[str, Mapping[str, Any]]) -> None:
        """Complain about what cannot be recorded, at its field."""
        fields = {"self_appraise": "band", "peer_appraise": "peers_0", "appraise": "score"}
        for step, values in given.items():
            if fault := fault_of(step, values, self.bands):
                self.add_error(fields[step], fault)
        ahead = [step for step in self.steps if step in STEPS]
        missing = next((step for step in ahead if step not in given), None)
        if missing and any(ahead.index(step) > ahead.index(missing) for step in given):
            self.add_error(fields[missing], "请先填写这一步，再填后面的。")


class RosterRow:
    """One member's line: which steps are still ahead and in this person's hands, and what is given already."""

    def __init__(self, pledge: Pledge, user: Any, bands: Bands, data: Any = None) -> None:
        self.pledge, self.appraisal = pledge, appraisal_of(pledge)
        steps = [step.name for step in self._ahead(user)]
        self.form = StepForm(steps, bands, data, prefix=str(pledge.pk))

    def _ahead(self, user: Any) -> list[Step]:
        """From the state it is in, the forward steps this person may take one after the other."""
        flow, state, found = self.appraisal.flow, str(self.appraisal.state), []
        for step in (flow[name] for name in STEPS if name in flow):
            if state not in step.sources:
                continue
            if not user.has_perm(step.permission, self.appraisal) or step.refusal(user, self.appraisal):
                break
            found.append(step)
            state = step.target
        return found

    @property
    def is_graded(self) -> bool:
        return self.appraisal.state == AppraisalState.APPRAISED

    @property
    def is_probationary(self) -> bool:
        return self.pledge.member is not None and self.pledge.member.standing == "probationary"

    def asks(self, step: str) -> bool:
        return step in self.form.steps


class Roster:
    """All lines and the meeting. Nothing is recorded unless everything can be."""

    def __init__(self, pledges: Sequence[Pledge], user: Any, bands: Bands, data: Any = None) -> None:
        self.meeting = MeetingForm(data)
        self.rows = [RosterRow(pledge, user, bands, data) for pledge in pledges]

    @property
    def forms(self) -> list[forms.Form]:
        return [self.meeting, *(row.form for row in self.rows)]

    def non_form_errors(self) -> list[str]:
        return []

    @property
    def is_open(self) -> bool:
        return any(row.form.steps for row in self.rows)

    @property
    def asks_peers(self) -> bool:
        return any(row.asks("peer_appraise") for row in self.rows)

    def given(self) -> dict[str, dict[int, dict[str, Any]]] | None:
        """step -> pledge -> what was given; None when something must be put right first."""
        if not all([form.is_valid() for form in self.forms]):
            return None
        found: dict[str, dict[int, dict[str, Any]]] = {step: {} for step in STEPS}
        for row in self.rows:
            given = row.form.given(self.meeting.cleaned_data)
            row.form.mark(given)
            for step, values in given.items():
                found[step][row.pledge.pk] = values
        return found if not any(form.errors for form in self.forms) else None
