from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from common.fields import DayField
from organizations import services
from organizations.appointing import fillable, who_fills
from organizations.models import Appointment, Organization
from organizations.posts import DECIDING, Post
from organizations.queries.people import find_account


class PostForm(forms.Form):
    """What appointing an account and opening a new one have in common."""

    post = forms.ChoiceField(label="职务")
    on = DayField(label="任职日期", help_text="从这一天起可以办理；以后的日期到当天自动生效")
    replacing = forms.BooleanField(
        label="同时免去现任的职务", required=False, widget=forms.HiddenInput, initial=False
    )

    def __init__(self, organization: Organization, user: Any, data: Any = None) -> None:
        self.organization, self.user = organization, user
        super().__init__(data, initial={"on": timezone.localdate()})
        offered = list(Post) if user is None else fillable(user, organization)
        field = self.fields["post"]
        field.choices = [("", "请选择"), *((post.value, post.label) for post in offered)]
        if not DECIDING.issubset(offered):
            field.help_text = field.error_messages["invalid_choice"] = who_fills(organization)

    def ask_to_replace(self, refusal: services.PredecessorInPost) -> None:
        """The post is taken by somebody: say so, and offer to end it the day before."""
        self.fields["replacing"].widget = forms.CheckboxInput()
        self.add_error("replacing", str(refusal))


class AppointForm(PostForm):
    person = forms.CharField(
        label="姓名或登录名", max_length=150, help_text="已有账号的同志；您管理范围以外的，请填登录名"
    )
    until = DayField(label="任期截止", required=False, help_text="没有固定任期的不填")
    field_order = ["person", "post", "on", "until", "replacing"]

    def clean_person(self) -> Any:
        text = self.cleaned_data["person"].strip()
        match find_account(text, self.user):
            case [only]:
                return only
            case []:
                raise forms.ValidationError(f"没有找到“{text}”。新来的同志请用“新开账号”。")
            case several:
                names = "、".join(person.username for person in several[:5])
                raise forms.ValidationError(f"有 {len(several)} 位“{text}”，请填登录名：{names}。")

    def apply(self) -> Appointment:
        asked = self.cleaned_data
        return services.appoint(
            user=asked["person"],
            post=asked["post"],
            organization=self.organization,
            on=asked["on"],
            until=asked["until"],
            replacing=asked["replacing"],
            by=self.user,
        )


class AccountForm(PostForm):
    name = forms.CharField(label="姓名", max_length=60)
    username = forms.CharField(
        label="登录名",
        max_length=30,
        help_text="小写字母、数字和 . - _，如姓名拼音",
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]{2,29}$", "请用小写字母或数字开头，3 至 30 位。")],
    )
    field_order = ["name", "username", "post", "on", "replacing"]

    def apply(self) -> tuple[Any, str]:
        return services.open_account(organization=self.organization, by=self.user, **self.cleaned_data)


class RelieveForm(forms.Form):
    on = DayField(label="最后一天", required=False)
