from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils import timezone

from common.fields import DayField
from common.privacy import mask_phone
from organizations import services
from organizations.access import may, within
from organizations.forms.picker import OrganizationField
from organizations.models import Member, Organization
from organizations.models.roster import MemberQuerySet
from organizations.queries import scopes

MANAGE = "organizations.manage_member"
_PHONE = re.compile(r"^\+?\d{7,16}$")


def month_field(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "month", "placeholder": "1970-05"}, format="%Y-%m")
    formats = ["%Y-%m", "%Y.%m", "%Y/%m", "%Y年%m月", "%Y-%m-%d"]
    return forms.DateField(label=label, widget=widget, input_formats=formats)


class MemberForm(forms.ModelForm):
    """What the roster says of a member; the phone is not shown whole, an empty field leaves it as it is."""

    birth_month = month_field("出生年月")
    joined_on = DayField(label="加入党组织日期")
    confirmed_on = DayField(label="转为正式党员日期", required=False, help_text="预备党员不填")

    class Meta:
        model = Member
        fields = [
            "name",
            "number",
            "sex",
            "ethnicity",
            "birth_month",
            "joined_on",
            "confirmed_on",
            "service",
            "post_title",
            "phone",
            "is_mobile",
        ]
        widgets = {"sex": forms.RadioSelect, "service": forms.RadioSelect}
        help_texts = {"is_mobile": "在本地以外参加组织生活的党员"}

    receiving = OrganizationField(label="流入地党组织", scope="branches", required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["receiving"].queryset = scopes.branches(user)
        self.fields["receiving"].help_text = "在本市的才填；可按名称、拼音首字母或编号查找"
        self.fields["number"].required = False
        self.fields["sex"].choices = Member.Sex.choices
        self.fields["service"].choices = Member.Service.choices
        if self.instance.pk:
            self._hide_the_phone()

    def _hide_the_phone(self) -> None:
        self.initial["phone"] = ""
        self.initial["receiving"] = self.instance.receiving
        if self.instance.phone:
            self.fields["phone"].help_text = f"现为 {mask_phone(self.instance.phone)}，不改请留空"

    def clean_birth_month(self) -> Any:
        return self.cleaned_data["birth_month"].replace(day=1)

    def clean_phone(self) -> str:
        phone = re.sub(r"[\s-]", "", self.cleaned_data["phone"])
        if phone and not _PHONE.match(phone):
            raise forms.ValidationError("电话只填数字，7 至 16 位。")
        return phone or (self.instance.phone if self.instance.pk else "")

    def _post_clean(self) -> None:
        """The service writes and checks; the form's instance stays as it was read."""

    def apply(self) -> Member:
        return services.edit_member(self.instance, values=self.cleaned_data, by=self.user)


class NewMemberForm(MemberForm):
    """At most twelve fields: number and receiving organization can be added later."""

    on = DayField(label="组织关系转入日期")

    class Meta(MemberForm.Meta):
        fields = [f if f != "number" else "standing" for f in MemberForm.Meta.fields]
        widgets = {**MemberForm.Meta.widgets, "standing": forms.RadioSelect}

    number = None
    receiving = None

    def __init__(self, organization: Organization, *args: Any, user: Any, **kwargs: Any) -> None:
        forms.ModelForm.__init__(self, *args, **kwargs)
        self.organization, self.user = organization, user
        self.initial["on"] = timezone.localdate()
        for name in ("sex", "service", "standing"):
            field = Member._meta.get_field(name)
            self.fields[name].choices = field.choices

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if asked.get("standing") == Member.Standing.PROBATIONARY and asked.get("confirmed_on"):
            self.add_error("confirmed_on", "预备党员还没有转正日期，请留空，或改为正式党员。")
        return asked

    def apply(self) -> Member:
        values = dict(self.cleaned_data)
        return services.add_member(self.organization, on=values.pop("on"), values=values, by=self.user)


class StepForm(forms.Form):
    """A step of ``member`` asked for by ``user``."""

    @staticmethod
    def refusal(user: Any, member: Member) -> str:
        """Why the step is not theirs to take; empty when it is. The button asks it, and the page behind."""
        here = member.organization
        return "" if may(user, MANAGE, here) else f"您的职务不能修改“{here.name}”的党员名册。"


class TransferForm(StepForm):
    label, button = "转接组织关系", "转接"

    to = OrganizationField(label="转往", scope="rosters")
    on = DayField(label="转接日期", help_text="今天或今天以前")

    @staticmethod
    def refusal(user: Any, member: Member) -> str:
        """Whoever keeps one roster only has nowhere to transfer to."""
        if why := StepForm.refusal(user, member):
            return why
        if scopes.rosters(user).exclude(pk=member.organization_id).exists():
            return ""
        return "转接组织关系要由能管理双方名册的职务办理，请联系上级党组织的办公室。"

    def __init__(self, member: Member, user: Any, data: Any = None) -> None:
        self.member, self.user = member, user
        super().__init__(data, initial={"on": timezone.localdate()})
        self.fields["to"].queryset = scopes.rosters(user)

    def apply(self) -> Member:
        return services.transfer_member(self.member, by=self.user, **self.cleaned_data)


class ConfirmForm(StepForm):
    label, button = "转为正式党员", "转正"

    on = DayField(label="转正日期", help_text="党员大会通过并经上级批准的日期")

    def __init__(self, member: Member, user: Any, data: Any = None) -> None:
        self.member, self.user = member, user
        super().__init__(data)

    def apply(self) -> Member:
        return services.confirm_member(self.member, by=self.user, **self.cleaned_data)


class LeaveForm(StepForm):
    label, button = "离开名册", "离开名册"

    reason = forms.ChoiceField(label="原因", choices=[("", "请选择"), *Member.LeaveReason.choices])
    on = DayField(label="离开日期", help_text="今天或今天以前")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, member: Member, user: Any, data: Any = None) -> None:
        self.member, self.user = member, user
        super().__init__(data, initial={"on": timezone.localdate()})

    def apply(self) -> Member:
        return services.leave_roster(self.member, by=self.user, **self.cleaned_data)


STEPS: dict[str, type[TransferForm] | type[ConfirmForm] | type[LeaveForm]] = {
    "transfer": TransferForm,
    "confirm": ConfirmForm,
    "leave": LeaveForm,
}


class MemberFilter(forms.Form):
    name = forms.CharField(
        label="姓名", max_length=60, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    organization = OrganizationField(
        label="党组织（含下级）", scope="organizations.view_member", required=False
    )
    standing = forms.ChoiceField(
        label="党员类别", choices=[("", "全部"), *Member.Standing.choices], required=False
    )
    service = forms.ChoiceField(
        label="在职情况", choices=[("", "全部"), *Member.Service.choices], required=False
    )
    mobile = forms.ChoiceField(
        label="流动", choices=[("", "全部"), ("1", "流动党员"), ("0", "非流动")], required=False
    )

    def __init__(self, user: Any, data: Any) -> None:
        super().__init__(data)
        self.fields["organization"].queryset = scopes.reach(user, "organizations.view_member")

    def narrow(self, members: MemberQuerySet) -> MemberQuerySet:
        asked = self.cleaned_data
        if asked.get("organization"):
            members = members.filter(within(asked["organization"].path, via="organization__"))
        if asked.get("name"):
            members = members.filter(name__icontains=asked["name"].strip())
        for field in ("standing", "service"):
            if asked.get(field):
                members = members.filter(**{field: asked[field]})
        return members.filter(is_mobile=asked["mobile"] == "1") if asked.get("mobile") else members
